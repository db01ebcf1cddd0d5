"""A page of a session's messages (section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from chat import queries
from chat.access import Actor
from chat.models import Chat, Message

from .mapping import kinds_of
from .requests import HistoryRequest


@dataclass(frozen=True)
class Page:
    """Messages, oldest first, and where they are among all that match."""

    messages: list[Message]
    total: int
    request: HistoryRequest

    def pagination(self) -> dict[str, int]:
        """What stands beside the data."""
        per_page = self.request.per_page
        pages = max(1, -(-self.total // per_page))
        return {"page": self.request.page, "perPage": per_page, "total": self.total, "totalPages": pages}


def read_page(chat: Chat, actor: Actor, request: HistoryRequest) -> Page:
    """Return the page asked for. Pages count from the beginning, or back from ``before`` when only that is given."""
    entries = _matching(queries.visible_entries(chat, actor), request)
    first = (request.page - 1) * request.per_page
    order = "-seq" if request.is_backwards else "seq"
    joined = entries.select_related("agent").prefetch_related("attachments").order_by(order)
    found = list(joined[first : first + request.per_page])
    return Page(found[::-1] if request.is_backwards else found, entries.count(), request)


def _end_of(moment: datetime | None) -> datetime | None:
    """Times are shown to the second: all of it counts as before, so that a page may repeat but never lose a message."""
    return moment + timedelta(seconds=1) if moment and not moment.microsecond else moment


def _matching(entries: QuerySet[Message], request: HistoryRequest) -> QuerySet[Message]:
    limits: dict[str, Any] = {
        "created_at__lt": _end_of(request.before),
        "created_at__gt": request.after,
        "seq__lt": request.before_seq,
        "seq__gt": request.after_seq,
        "kind__in": kinds_of(request.type) if request.type else None,
    }
    return entries.filter(**{name: limit for name, limit in limits.items() if limit is not None})
