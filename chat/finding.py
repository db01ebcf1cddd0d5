"""Finds chats by words: what was said in them, their visitor's name and e-mail address, their ticket number.

All words must be there, each as a whole; the last one may go on, as it does while somebody types. The newest ticket
comes first. What a search costs grows neither with how frequent its words are nor, but for a look at each shelf, with
the number of chats.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from django.db import connection
from django.db.models import F, Q

from . import tokens, triggers
from .access import Actor, department_ids
from .errors import Invalid
from .indexing import FOUND
from .models import Chat, Status, TicketCounter
from .models.chats import ChatQuerySet

# A shorter word may not go on: too many do.
_BEGINNING = 3
# A page is made in so many goes at most: its "load more" goes on from there.
_GOES = 5
# So many of the newest chats that are not indexed yet are looked at.
_NEW = 500


class Place(NamedTuple):
    """The chat after which a page begins."""

    ticket_no: int
    chat_id: int


@dataclass(frozen=True)
class Question:
    """What the documents of the wanted chats hold: one token of each group. A token that ends in ``*`` may go on."""

    workspace_id: int
    groups: tuple[tuple[str, ...], ...]


def question(
    actor: Actor,
    search: str,
    view: Literal["mine", "waiting", "all", "closed"],
    trigger: triggers.Wanted | None,
) -> Question | None:
    """Return the question for what somebody of the team types into a list's search, or None when it has no word."""
    words = list(dict.fromkeys(tokens.words(search)))[: tokens.ASKED]
    if not words:
        return None
    last = words.pop()
    goes_on = len(last) >= _BEGINNING and not last.isdecimal()
    groups = [*((word,) for word in words), (f"{last}*" if goes_on else last,), *_within(actor, view)]
    if trigger:
        groups.append((tokens.trigger(None if trigger == "any" else trigger),))
    return Question(actor.workspace_id, tuple(groups))


def _within(actor: Actor, view: str) -> list[tuple[str, ...]]:
    """The marks of what the actor may see and the list shows: a guess that spares reading; the rows decide."""
    stands = {"waiting": (Status.WAITING,), "closed": (Status.CLOSED,)}.get(view, tokens.OPEN)
    groups = [tuple(map(tokens.status, stands))]
    agent = actor.agent
    if agent is None:
        return groups
    if view == "mine":
        groups.append((tokens.agent(agent.pk),))
    elif not agent.supervises:
        theirs = (tokens.department(pk) for pk in (None, *department_ids(agent)))
        groups.append((tokens.agent(agent.pk), *theirs))
    return groups


def page(chats: ChatQuerySet, asked: Question | None, search: str, cursor: str, limit: int) -> tuple[list[Chat], str]:
    """Return a page of those of ``chats`` that answer the question, and the cursor of the next one, empty at the end.

    The first page begins with what is too new for the documents, known by its visitor or its ticket alone.
    """
    if asked is None:
        return [], ""
    place = _place(cursor) if cursor else None
    new = {} if place else {chat.pk: chat for chat in _too_new(chats, asked.workspace_id, search)[:limit]}
    rows: list[Chat] = []
    more = True
    for _go in range(_GOES):
        wanted = limit + 1 - len(rows)
        ids = newest(asked, wanted, place)
        kept = chats.in_bulk([pk for pk in ids if pk not in new])
        rows += [kept[pk] for pk in ids if pk in kept]
        more = len(ids) == wanted
        if not more or len(rows) > limit:
            break
        # Documents are some seconds old: one whose chat stands elsewhere since makes room for the next.
        place = Place(*Chat.objects.values_list("ticket_no", "pk").get(pk=ids[-1]))
    if len(rows) > limit:
        place = Place(rows[limit - 1].ticket_no, rows[limit - 1].pk)
    return [*new.values(), *rows[:limit]], _cursor(place) if more and place else ""


def _too_new(chats: ChatQuerySet, workspace_id: int, search: str) -> list[Chat]:
    # Two steps: the planner takes a comparison of columns for true of a third of all rows, and would read them.
    unindexed = Chat.objects.of(workspace_id).filter(words_seq__lt=F("last_seq")).order_by("-id")
    ids = list(unindexed.values_list("pk", flat=True)[:_NEW])
    if not ids:
        return []
    text = search.replace("\x00", "").strip()
    known = Q(visitor__name__icontains=text) | Q(visitor__email__icontains=text)
    if ticket := re.fullmatch(r"#?([0-9]{1,15})", text):
        known |= Q(ticket_no=int(ticket[1]))
    return list(chats.filter(known, pk__in=ids).order_by("-id"))


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place.ticket_no}|{place.chat_id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        ticket, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        return Place(int(ticket[:15]), int(pk[:15]))
    except ValueError:
        raise Invalid(field="cursor") from None


def newest(asked: Question, most: int, below: Place | None = None) -> list[int]:
    """Return the ids of chats that answer the question, the newest ticket first; those before ``below``, if given."""
    if connection.vendor == "postgresql":
        return _on_shelves(asked, most, below)
    text = " AND ".join(_either([_quoted(token) for token in group], " OR ") for group in _with_workspace(asked))
    before = "AND rowid < %s" if below else ""
    sql = f"SELECT rowid FROM {FOUND} WHERE {FOUND} MATCH %s {before} ORDER BY rowid DESC LIMIT %s"  # noqa: S608
    return _ids(sql, [text, *([below.chat_id] if below else []), most])


def _with_workspace(asked: Question) -> Sequence[tuple[str, ...]]:
    return [*asked.groups, (tokens.workspace(asked.workspace_id),)]


def _quoted(token: str) -> str:
    return f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"'


def _on_shelves(asked: Question, most: int, below: Place | None) -> list[int]:
    """Ask PostgreSQL, whose function puts the number of each shelf in the place of ``~``."""
    shelf = f"{asked.workspace_id}.~."

    def named(token: str) -> str:
        return f"'{shelf}{token[:-1]}':*" if token.endswith("*") else f"'{shelf}{token}'"

    def text(groups: Sequence[tuple[str, ...]]) -> str:
        return " & ".join(_either([named(token) for token in group], " | ") for group in groups)

    # What may go on is slow to look for where nothing else is.
    whole = [group for group in asked.groups if not group[0].endswith("*") and not group[0].startswith("#")]
    certain = whole or asked.groups
    last = TicketCounter.objects.filter(workspace=asked.workspace_id).values_list("last", flat=True).first() or 0
    ticket = below.ticket_no if below else last + 1
    values: list[str | int] = [text(asked.groups), text(certain), ticket // tokens.SHELF, ticket, most]
    return _ids(f"SELECT {FOUND}(%s, %s, %s, %s, %s)", values)


def _either(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"({word.join(names)})"


def _ids(sql: str, values: list[str | int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [pk for (pk,) in cursor.fetchall()]
