"""By what chats are counted: the dimensions, and which combinations of them have rows of their own.

A chat counts once whatever its agents, and beside that for each agent its own share of it (``agent``), and for each of
its tags (``tag``). Hence three families of groups, which are never added up with one another.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from .models import NO_UID


class Key(NamedTuple):
    """One value of each dimension; 0, "" and the zero uuid mean none, or whichever where a group has it not."""

    department_id: int = 0
    channel: str = ""
    widget_uid: uuid.UUID = NO_UID
    agent_id: int = 0
    tag_id: int = 0
    trigger_uid: uuid.UUID = NO_UID


# The letters of Rollup.group.
LETTERS = dict(zip("dcwatr", Key._fields, strict=True))
FIELDS = {field: letter for letter, field in LETTERS.items()}

# Smallest first: a query takes the first that has the dimensions that it asks for. What nobody reads has no rows.
GROUPS = ("", "d", "c", "w", "r", "dc", "dcw", "a", "da", "dcwa", "t", "at", "dcwt", "dcwat")
_FAMILY = frozenset("at")
# The one group whose rows tell chats apart by their page.
PAGED = "w"


def groups_of(key: Key) -> tuple[str, ...]:
    """Return the groups that an entry of an hour adds to."""
    return _BY_FAMILY[("a" if key.agent_id else "") + ("t" if key.tag_id else "")]


_BY_FAMILY = {
    family: tuple(group for group in GROUPS if _FAMILY.intersection(group) == frozenset(family))
    for family in ("", "a", "t", "at")
}


def within(key: Key, group: str) -> Key:
    """Return the key with only the dimensions of this group."""
    return _EMPTY._replace(**{LETTERS[letter]: getattr(key, LETTERS[letter]) for letter in group})


_EMPTY = Key()


def smallest(fields: Iterable[str]) -> str:
    """Return the smallest group that tells these dimensions apart. Raises KeyError when none does."""
    wanted = frozenset(FIELDS[field] for field in fields)
    for group in GROUPS:
        have = frozenset(group)
        if wanted <= have and wanted & _FAMILY == have & _FAMILY and ("r" in wanted) == ("r" in have):
            return group
    raise KeyError(f"no rollup by {sorted(fields)}")
