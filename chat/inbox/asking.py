"""What the address of a list asks for: a search, and chats of one trigger. Kept in every address beside that list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from ..errors import Invalid
from ..triggers import Wanted
from .rendering import parse_uid

ANY: Final = "any"


@dataclass(frozen=True)
class Asked:
    """``?q=`` and ``?trigger=``: a trigger's uid, or ``any``."""

    search: str = ""
    trigger: Wanted | None = None

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read them. Raises Invalid for a trigger that cannot be one."""
        return cls(query.get("q", "").strip()[:100], _trigger(query.get("trigger", "")))

    @property
    def trigger_word(self) -> str:
        """The trigger as the address says it."""
        return self.trigger.hex if isinstance(self.trigger, uuid.UUID) else self.trigger or ""

    def address(self, path: str = "", **more: str) -> str:
        """Return ``path`` with the query that asks for the same, and for ``more``."""
        asked = {**more, "q": self.search, "trigger": self.trigger_word}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path


def _trigger(word: str) -> Wanted | None:
    if not word:
        return None
    if word == ANY:
        return ANY
    found = parse_uid(word)
    if found is None:
        raise Invalid(field="trigger")
    return found
