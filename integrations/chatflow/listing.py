"""A page of ``GET /chats``: as quick in the depth of a million chats as at their beginning, and its total exact.

The contract counts pages and tells how many there are; neither may cost what the history is long. What is skipped or
counted is read in an index alone. Beyond the first ten thousand chats a total is as of the last minute, and a page
remembers for a minute where it ended: whoever reads page after page goes on from there and skips nothing, and no chat
is given twice or left out because others were written in meanwhile. Who jumps into the depth pays for it, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Q

from agents.models import Agent
from chat.access import Actor, visible_chats
from chat.models.chats import ChatQuerySet

from .requests.chats import ListRequest

# Counting so many is a matter of milliseconds; more than that is counted once in a while, up to the most.
COUNTED_AT_ONCE = 10_000
COUNTED_AT_MOST = 1_000_000
KEPT_FOR_SECONDS = 60
_COLUMNS = (
    "uid",
    "visitor__name",
    "visitor__email",
    "status",
    "agent__uid",
    "unread_by_team",
    "last_message_at",
    "created_at",
)


@dataclass(frozen=True)
class Page:
    """Columns of the chats asked for, the latest message first, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def read_page(actor: Actor, request: ListRequest, agent: Agent | None) -> Page:
    """Return the page of the chats that the actor may see, the latest message first.

    The total is exact up to ten thousand, as of the last minute up to a million, and beyond that what is sure.
    """
    chats, name = _matching(actor, request, agent), _name(actor, request, agent)
    total = _total(actor, request, agent, name)
    first = (request.page - 1) * request.limit
    after = _end_before(name, first)
    if after is None and first >= total:
        return Page([], total)
    found = _keys(chats, first, after, request.limit + 1)
    keys, more = found[: request.limit], len(found) > request.limit
    if keys:
        _remember_end(name, first + len(keys), keys[-1])
    rows = visible_chats(actor).filter(pk__in=[pk for pk, _at in keys])
    sure = first + len(keys) + more
    return Page(
        list(rows.order_by("-last_message_at", "-id").values(*_COLUMNS)),
        max(total, sure) if total > COUNTED_AT_ONCE else total,
    )


def _matching(actor: Actor, request: ListRequest, agent: Agent | None) -> ChatQuerySet:
    chats = visible_chats(actor)
    if request.status:
        chats = chats.filter(status=request.status)
        # Beside the status itself, the condition of the partial indexes.
        chats = chats.open() if request.status != "closed" else chats
    return chats.filter(agent=agent) if agent else chats


def _name(actor: Actor, request: ListRequest, agent: Agent | None) -> str:
    """Under what a list is remembered: who sees the same may share it."""
    who = actor.agent.pk if actor.agent and not actor.agent.supervises else 0
    return f"chatflow:list:{actor.workspace_id}:{who}:{request.status}:{agent.pk if agent else 0}"


def _total(actor: Actor, request: ListRequest, agent: Agent | None, name: str) -> int:
    """How many match, by a count that ends at the most."""
    if known := cache.get(name):
        return int(known)
    total = _count(actor, request, agent, COUNTED_AT_ONCE + 1)
    if total > COUNTED_AT_ONCE:
        total = _count(actor, request, agent, COUNTED_AT_MOST)
        cache.set(name, total, KEPT_FOR_SECONDS)
    return total


def _count(actor: Actor, request: ListRequest, agent: Agent | None, most: int) -> int:
    """Count what matches, up to ``most``. Closed are all but the open ones: almost all, so that the planner of
    PostgreSQL would read the table for them, and these two it counts in indexes.
    """
    if request.status != "closed":
        return _matching(actor, request, agent).order_by()[:most].count()
    everything = _matching(actor, replace(request, status=""), agent).order_by()
    still_open = everything.open().count()
    return everything[: most + still_open].count() - still_open


Key = tuple[int, datetime]


def _keys(chats: ChatQuerySet, first: int, after: Key | None, most: int) -> list[Key]:
    """Return ids and times of the chats from the ``first`` one on, or of those ``after`` one."""
    chats = chats.order_by("-last_message_at", "-id")
    if after:
        pk, at = after
        # Said twice: the plain bound is where the walk along the index begins.
        chats = chats.filter(Q(last_message_at__lt=at) | Q(last_message_at=at, pk__lt=pk), last_message_at__lte=at)
        first = 0
    return list(chats.values_list("pk", "last_message_at")[first : first + most])


def _end_before(name: str, first: int) -> Key | None:
    """Return the last chat of the page that ended there within the last minute; the beginning is always read anew."""
    return cache.get(f"{name}:{first}") if first >= COUNTED_AT_ONCE else None


def _remember_end(name: str, end: int, last: Key) -> None:
    if end >= COUNTED_AT_ONCE:
        cache.set(f"{name}:{end}", last, KEPT_FOR_SECONDS)
