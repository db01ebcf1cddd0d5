"""The history of ended chats, filtered and in pages: what the export contract and the team's own export read.

The order is by the start, oldest first, so that what ends later comes later and a page that was read stays as it was.
A page costs the same at any depth: when pages are asked for one after the other, where each ended is remembered; to
jump to one, the tallies (``chat.tallying``) tell in which month it is. They tell how many there are on all pages, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from .access import Actor, visible_chats
from .models import Channel, Chat, ChatTag, Status, Tally

# Counting more than this takes long enough to remember the answer for a while.
_MANY = 10_000
_COUNT_SECONDS = 30
_PLACE_SECONDS = 600
_JOINED = ("visitor", "agent__user", "department")


@dataclass(frozen=True)
class History:
    """Which ended chats: every field that is given narrows. Times are inclusive, ids are integers of the workspace."""

    started_since: datetime | None = None
    started_until: datetime | None = None
    ended_since: datetime | None = None
    ended_until: datetime | None = None
    agent_ids: tuple[int, ...] = ()
    department_ids: tuple[int, ...] = ()
    visitor_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()
    widget_uids: tuple[UUID, ...] | None = None
    ticket_no: int | None = None
    uid: UUID | None = None
    # Empty: all of them.
    channel: str = Channel.WEBSITE.value
    met: bool | None = None
    proactive: bool | None = None


@dataclass(frozen=True)
class Page:
    """One page of chats, their visitor, agent and department joined; and how many there are on all pages."""

    chats: list[Chat]
    total: int


def chats_of(actor: Actor, wanted: History) -> QuerySet[Chat]:
    """Return the ended chats that the actor may see and that match, in no order."""
    chats = visible_chats(actor).filter(_asked(wanted), status=Status.CLOSED)
    if wanted.tag_ids:
        # Not a join: a chat with two of the tags is one chat.
        chats = chats.filter(Exists(ChatTag.objects.filter(chat=OuterRef("pk"), tag_id__in=wanted.tag_ids)))
    return chats.filter(widget_uid__in=wanted.widget_uids) if wanted.widget_uids is not None else chats


def _asked(wanted: History) -> Q:
    """Return the conditions of what was given."""
    named = {
        "created_at__gte": wanted.started_since,
        "created_at__lte": wanted.started_until,
        "closed_at__gte": wanted.ended_since,
        "closed_at__lte": wanted.ended_until,
        "agent_id__in": wanted.agent_ids or None,
        "department_id__in": wanted.department_ids or None,
        "visitor_id__in": wanted.visitor_ids or None,
        "ticket_no": wanted.ticket_no,
        "uid": wanted.uid,
        "channel": wanted.channel or None,
        "first_assigned_at__isnull": None if wanted.met is None else not wanted.met,
        "trigger_uid__isnull": None if wanted.proactive is None else not wanted.proactive,
    }
    return Q(**{name: value for name, value in named.items() if value is not None})


def read_page(actor: Actor, wanted: History, *, page: int, count: int) -> Page:
    """Return page ``page`` (from 1) of ``count`` chats each; an empty one after the last."""
    name = _name(actor, wanted)
    chats = chats_of(actor, wanted)
    parts = _parts(actor, wanted, chats)
    total = sum(part.chats for part in parts) if parts is not None else _total(name, chats)
    if (page - 1) * count >= total:
        return Page([], total)
    ids = _ids(f"{name}:{count}", chats, page, count, parts or [], total)
    rows = Chat.objects.filter(pk__in=ids).select_related(*_JOINED)
    return Page(sorted(rows, key=lambda chat: (chat.created_at, chat.pk)), total)


def walk(actor: Actor, wanted: History, *, step: int = 500) -> Iterator[list[Chat]]:
    """Yield every chat that matches, in the history's order, ``step`` of them at a time, joined."""
    chats = chats_of(actor, wanted).select_related(*_JOINED).order_by("created_at", "id")
    rows = list(chats[:step])
    while rows:
        yield rows
        rows = list(chats.filter(_later(rows[-1].created_at, rows[-1].pk))[:step])


@dataclass(frozen=True)
class Times:
    """When an ended chat met an agent, if one, and when it ended; in whole seconds, how long the parts took."""

    met: datetime | None
    ended: datetime
    waited: int
    answered: int
    lasted: int


def times_of(chat: Chat) -> Times:
    """Return an ended chat's times. Who met nobody waited to the end."""
    met, ended = chat.first_assigned_at, chat.closed_at or chat.updated_at
    return Times(
        met=met,
        ended=ended,
        waited=_seconds(chat.created_at, met or ended),
        answered=_seconds(met, ended) if met else 0,
        lasted=_seconds(chat.created_at, ended),
    )


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))


def came_from(chat: Chat, name: str) -> str:
    """Return the ``url`` or ``referrer`` of the page where a live chat began; other channels have no page."""
    found = chat.source.get(name) if chat.channel == Channel.WEBSITE else ""
    return str(found or "")


def facebook_page(chat: Chat) -> str:
    """Return the page of a Facebook chat, as whoever started it over an API named it in a custom field."""
    if chat.channel != Channel.FACEBOOK:
        return ""
    found = chat.custom_fields.get("facebook_page_id") or chat.visitor.custom_fields.get("facebook_page_id")
    return str(found or "")


# -- how many, and where a page begins ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """So many of the chats asked for began from this moment on, before the next part does."""

    since: datetime
    chats: int


def _parts(actor: Actor, wanted: History, chats: QuerySet[Chat]) -> list[Part] | None:
    """Return the months of the chats asked for, in order, by the tallies; None when those do not tell.

    Months of which a part is asked for are counted: there are two of them at most.
    """
    whole_workspace = actor.agent is None or (actor.agent.supervises and not actor.agent.is_bot)
    if actor.kind == "visitor" or not whole_workspace or not wanted.channel or _beyond_tallies(wanted):
        return None
    months = _tallied(actor, wanted)
    cut = {_month(moment) for moment in (wanted.started_since, wanted.started_until) if moment}
    for month in cut:
        if month in months:
            months[month] = chats.filter(created_at__gte=month, created_at__lt=_next(month)).count()
    return [Part(month, number) for month, number in sorted(months.items()) if number > 0]


def _beyond_tallies(wanted: History) -> bool:
    others = (wanted.ended_since, wanted.ended_until, wanted.visitor_ids, wanted.tag_ids, wanted.ticket_no, wanted.uid)
    return any(others) or wanted.ticket_no == 0 or wanted.widget_uids is not None


def _tallied(actor: Actor, wanted: History) -> dict[datetime, int]:
    named = {
        "month__gte": wanted.started_since and _month(wanted.started_since).date(),
        "month__lte": wanted.started_until and _month(wanted.started_until).date(),
        "agent_id__in": wanted.agent_ids or None,
        "department_id__in": wanted.department_ids or None,
        "met": wanted.met,
        "proactive": wanted.proactive,
    }
    rows = Tally.objects.filter(workspace_id=actor.workspace_id, channel=wanted.channel)
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    found = rows.order_by().values_list("month").annotate(n=Sum("chats"))
    return {datetime(month.year, month.month, 1, tzinfo=UTC): number for month, number in found}


def _month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _begin_of(parts: list[Part], offset: int) -> tuple[datetime, int]:
    """Return the beginning of the part in which this place is, and how far behind that it is."""
    for part in parts:
        since = part.since
        if offset < part.chats:
            break
        offset -= part.chats
    return since, offset


def _name(actor: Actor, wanted: History) -> str:
    """Name a question in the cache: two actors who see different chats ask different ones."""
    asked = repr((actor.kind, actor.workspace_id, actor.agent and actor.agent.pk, wanted))
    return f"history:{hashlib.sha256(asked.encode()).hexdigest()}"


def _total(name: str, chats: QuerySet[Chat]) -> int:
    known = cache.get(name)
    if known is not None:
        return int(known)
    total = chats.count()
    if total > _MANY:
        cache.set(name, total, _COUNT_SECONDS)
    return total


def _ids(name: str, chats: QuerySet[Chat], page: int, count: int, parts: list[Part], total: int) -> list[int]:
    """Return the ids of one page: from where the page before it ended, if that is known, and counted off otherwise."""
    place = cache.get(f"{name}:{page - 1}") if page > 1 else None
    ordered = chats.order_by("created_at", "id")
    if place:
        keys = _keys(ordered.filter(_later(*place))[:count])
    elif parts:
        since, offset = _begin_of(parts, (page - 1) * count)
        keys = _keys(ordered.filter(created_at__gte=since)[offset : offset + count])
    else:
        keys = _counted_off(chats, page, count, total)
    if keys:
        cache.set(f"{name}:{page}", keys[-1], _PLACE_SECONDS)
    return [pk for _created_at, pk in keys]


def _counted_off(chats: QuerySet[Chat], page: int, count: int, total: int) -> list[tuple[datetime, int]]:
    """Return the keys of a page by counting from the beginning or, for one behind the middle, from the end."""
    first = (page - 1) * count
    if first < max(total // 2, _MANY):
        return _keys(chats.order_by("created_at", "id")[first : first + count])
    # A number that was remembered may be too small by now, and the page would be another one.
    total = chats.count()
    last = min(first + count, total)
    return _keys(chats.order_by("-created_at", "-id")[total - last : total - min(first, last)])[::-1]


def _keys(chats: QuerySet[Chat]) -> list[tuple[datetime, int]]:
    return list(chats.values_list("created_at", "id"))


def _later(created_at: datetime, pk: int) -> Q:
    """Match what comes after this chat. The first condition alone is one that an index serves."""
    return Q(created_at__gte=created_at) & (Q(created_at__gt=created_at) | Q(id__gt=pk))
