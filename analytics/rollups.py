"""Keeps the rollups true: finds what changed, counts it anew, and adds it up.

1. Whatever changes a chat unsets ``Chat.counted`` in the same UPDATE. :func:`collect` sets it again and writes down the
   chat's hour, and the hours of the visitor's earlier chats, in one short transaction. No clock is compared: a change
   that commits later, or with an old date, or by an import, still unsets it.
2. :func:`count` takes the hours that are written down, counts their chats from the rows, adds to their days and
   months, and strikes them out, in one transaction under the workspace's ledger. A worker that is killed leaves them
   written down.

Both may run anywhere at any time: chats that are locked are left for the next time, a workspace that is being counted
is left to whoever does. A change is struck out only by somebody who read the chats after it had committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Max, Min

from agents.models import Workspace
from chat.models import Chat

from . import days, hours, timelines
from .definitions import RETURN
from .models import ChangedHour, ChatHour, Grain, Ledger, Rollup

_CHATS_AT_ONCE = 100
_BATCHES_AT_ONCE = 20
_ENDED = ("workspace_id", "visitor_id", "created_at", "closed_at")


class Batch(NamedTuple):
    """How much is counted in one transaction: about so many chats, of at most so many hours."""

    chats: int
    hours: int


# SQLite's one writer waits meanwhile. On PostgreSQL nobody does, and a day or month that many chats add to is written
# once for all of them.
AT_ONCE = {"sqlite": Batch(100, 24), "postgresql": Batch(1000, 10 * 24)}


class _Found(NamedTuple):
    id: int
    workspace_id: int
    visitor_id: int
    created_at: datetime


def collect() -> int:
    """Write down the hours of chats that changed. Returns how many chats there were, up to a hundred."""
    if not Chat.objects.filter(counted=False).exists():
        return 0
    changed = Chat.objects.filter(counted=False).select_for_update(skip_locked=True, no_key=True).order_by("id")
    with transaction.atomic():
        found = [_Found(*row) for row in changed.values_list(*_Found._fields)[:_CHATS_AT_ONCE]]
    if not found:
        return 0
    written_to = {(chat.workspace_id, hours.hour_of(chat.created_at)) for chat in found} | _came_back_from(found)
    with transaction.atomic():
        write_down(written_to)
        # Last, in one statement: who writes to these chats meanwhile waits for no more than this and the commit.
        free = changed.filter(id__in=[chat.id for chat in found])
        Chat.objects.filter(id__in=free.values("id")).update(counted=True)
    return len(found)


def _came_back_from(found: Sequence[_Found]) -> set[tuple[int, datetime]]:
    """Return the hours of the chats that ended shortly before one of these began: their visitor has come back."""
    began: dict[int, list[datetime]] = {}
    for chat in found:
        began.setdefault(chat.visitor_id, []).append(chat.created_at)
    first = min(chat.created_at for chat in found) - RETURN
    return {
        (chat.workspace_id, hours.hour_of(chat.created_at))
        for chat in Chat.objects.filter(visitor_id__in=began, closed_at__gte=first).only(*_ENDED)
        if chat.closed_at and any(chat.created_at <= at <= chat.closed_at + RETURN for at in began[chat.visitor_id])
    }


def write_down(changed: Iterable[tuple[int, datetime]]) -> None:
    """Note that these hours of these workspaces must be counted again."""
    ChangedHour.objects.bulk_create(ChangedHour(workspace_id=workspace, hour=hour) for workspace, hour in changed)


def count(workspace_id: int) -> int:
    """Count some of the hours that are written down for a workspace. Returns how many rows it struck out."""
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        return ChangedHour.objects.filter(workspace_id=workspace_id).delete()[0]
    Ledger.objects.get_or_create(workspace=workspace, defaults={"zone": workspace.timezone})
    with transaction.atomic():
        ledger = Ledger.objects.select_for_update(skip_locked=True).filter(pk=workspace_id).first()
        if ledger is None:
            return 0
        if ledger.zone != workspace.timezone:
            _cut_anew(ledger, workspace)
        rows = list(
            ChangedHour.objects.filter(workspace_id=workspace_id).order_by("hour", "id").values_list("id", "hour")
        )
        wanted = _some(workspace, sorted({hour for _id, hour in rows}))
        struck = [row_id for row_id, hour in rows if wanted and hour <= wanted[-1]]
        days.add(workspace_id, hours.recount(workspace_id, wanted), workspace.zone)
        ChangedHour.objects.filter(id__in=struck).delete()
    return len(struck)


def _some(workspace: Workspace, wanted: list[datetime]) -> list[datetime]:
    """Return the first of these hours: as many as are counted in one transaction."""
    most = AT_ONCE[connection.vendor]
    first = wanted[: most.hours]
    if not first:
        return []
    chats = Chat.objects.of(workspace).filter(hours.within(first)).order_by("created_at")
    began = list(chats.values_list("created_at", flat=True)[: most.chats])
    enough = len(began) == most.chats
    return [hour for hour in first if hour <= began[-1]] if enough else first


def _days_of(wanted: Iterable[datetime], workspace: Workspace) -> set[date]:
    """Return the days of the workspace's zone that these hours reach into."""
    zone = workspace.zone
    return {(hour + quarter * hours.QUARTER).astimezone(zone).date() for hour in wanted for quarter in range(4)}


def _cut_anew(ledger: Ledger, workspace: Workspace) -> None:
    """Add up every day of a workspace that has moved to another zone; its hours stay as they are."""
    Rollup.objects.filter(workspace=workspace).delete()
    found = ChatHour.objects.filter(workspace=workspace).values_list("hour", flat=True)
    days.refold(workspace.pk, _days_of(found, workspace), workspace.zone)
    ledger.zone = workspace.timezone
    ledger.save(update_fields=["zone"])


def moved() -> list[int]:
    """Return the workspaces whose zone is another one than their rollups were cut by."""
    return list(Ledger.objects.exclude(zone=F("workspace__timezone")).values_list("workspace_id", flat=True))


def owed() -> list[int]:
    """Return the workspaces that have something to count, and those that moved to another zone."""
    waiting = ChangedHour.objects.values_list("workspace_id", flat=True).distinct().order_by()
    return sorted({*waiting, *moved()})


def catch_up() -> int:
    """Collect and count until nothing is left but what others have in hand. Returns how many rows were struck out.

    By turns, so that a workspace with a year to count does not keep the others waiting; and what changes meanwhile is
    left for the next time, or a busy workspace would never let it end.
    """
    done, more = 0, True
    while more:
        more = all(collect() == _CHATS_AT_ONCE for _ in range(_BATCHES_AT_ONCE))
        waiting = owed()
        while waiting:
            struck = {workspace_id: count(workspace_id) for workspace_id in waiting}
            done += sum(struck.values())
            waiting = [workspace_id for workspace_id, number in struck.items() if number]
    return done


# -- recomputing -------------------------------------------------------------------------------------------------------


def recompute(workspace: Workspace, first: date | None, last: date | None, step: Callable[[int, int], None]) -> int:
    """Count every chat that began in these days of the workspace's zone anew, whether or not it changed.

    None is as far as there are chats. Calls ``step(days done, days)`` after each day. Returns the number of days.
    """
    span = _span(workspace, first, last)
    month: list[date] = []
    for done, day in enumerate(span, start=1):
        begin, end = hours.bounds(day, workspace.zone)
        timelines.forget(workspace.pk, begin, end)
        write_down((workspace.pk, hour) for hour in _hours_between(begin, end))
        while count(workspace.pk):
            pass
        month.append(day)
        if done == len(span) or span[done].day == 1:
            _heal(workspace, month)
            month = []
        step(done, len(span))
    return len(span)


def _heal(workspace: Workspace, span: list[date]) -> None:
    """Add days up once more, also those of which no hour is left, and every row of their month."""
    with transaction.atomic():
        Ledger.objects.select_for_update().get(pk=workspace.pk)
        days.refold(workspace.pk, span, workspace.zone)


def _span(workspace: Workspace, first: date | None, last: date | None) -> list[date]:
    chats = Chat.objects.of(workspace).aggregate(first=Min("created_at"), last=Max("created_at"))
    rows = Rollup.objects.filter(workspace=workspace, grain=Grain.DAY).aggregate(first=Min("start"), last=Max("start"))
    known = [at.astimezone(workspace.zone).date() for at in chats.values() if at] + [d for d in rows.values() if d]
    if not known:
        return []
    first, last = max(first or min(known), min(known)), min(last or max(known), max(known))
    return [first + n * days.DAY for n in range((last - first).days + 1)]


def _hours_between(begin: datetime, end: datetime) -> list[datetime]:
    first = hours.hour_of(begin)
    return [first + n * hours.HOUR for n in range(-(-(end - first) // hours.HOUR))]
