"""Hours: counts the chats that began in one and keeps the result, so that days are added up without the chats."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from chat.models import Chat

from .counters import Counters, merge
from .facts import count, subjects
from .keys import Key
from .models import ChatHour

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


class Moment(NamedTuple):
    """A quarter of an hour: the finest that any zone's days need."""

    at: datetime

    def local(self, zone: ZoneInfo) -> tuple[date, int]:
        """Return the day in this zone, and the hour of the week: 0 is Monday from 00:00 to 01:00."""
        there = self.at.astimezone(zone)
        return there.date(), there.weekday() * 24 + there.hour


Entries = dict[tuple[int, Key], Counters]


def hour_of(at: datetime) -> datetime:
    """Return the beginning of its hour, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


# By how much each quarter and key of some hours changed.
Change = list[tuple[Moment, Key, Counters]]


def recount(workspace_id: int, hours: Iterable[datetime]) -> Change:
    """Count the chats of these hours anew, store the result, and return by how much it differs from what was stored.

    The workspace's ledger is locked by the caller.
    """
    counted: dict[datetime, Entries] = {hour: {} for hour in hours}
    if not counted:
        return []
    for subject in subjects(Chat.objects.of(workspace_id).filter(within(counted))):
        entries = counted[hour_of(subject.created_at)]
        quarter = subject.created_at.minute // 15
        for key, counters in count(subject):
            merge(entries.setdefault((quarter, key), Counters()), counters)
    change = list(_change(workspace_id, counted))
    _store(workspace_id, counted)
    return change


def _change(workspace_id: int, counted: dict[datetime, Entries]) -> Iterator[tuple[Moment, Key, Counters]]:
    stored = dict(ChatHour.objects.filter(workspace_id=workspace_id, hour__in=counted).values_list("hour", "entries"))
    for hour, entries in counted.items():
        before = dict(_load(stored[hour])) if hour in stored else {}
        for quarter, key in entries.keys() | before.keys():
            difference = Counters(entries.get((quarter, key), {}))
            difference.subtract(before.get((quarter, key), {}))
            if any(difference.values()):
                yield Moment(hour + quarter * QUARTER), key, difference


def within(hours: Iterable[datetime]) -> Q:
    """Match the chats that began in these hours, of which there is at least one."""
    return reduce(or_, (Q(created_at__gte=first, created_at__lt=end) for first, end in _runs(sorted(hours))))


def _runs(hours: list[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield beginning and end of each row of hours without a gap."""
    first = hours[0]
    for hour, after in zip(hours, [*hours[1:], None], strict=True):
        if after != hour + HOUR:
            yield first, hour + HOUR
            first = after or first


def _store(workspace_id: int, counted: dict[datetime, Entries]) -> None:
    empty = [hour for hour, entries in counted.items() if not entries]
    ChatHour.objects.filter(workspace_id=workspace_id, hour__in=empty).delete()
    ChatHour.objects.bulk_create(
        [
            ChatHour(workspace_id=workspace_id, hour=hour, entries=_dump(entries))
            for hour, entries in counted.items()
            if entries
        ],
        update_conflicts=True,
        unique_fields=["workspace", "hour"],
        update_fields=["entries"],
    )


def read(workspace_id: int, first: datetime, last: datetime) -> Iterator[tuple[Moment, Key, Counters]]:
    """Yield every entry of the hours from ``first`` up to, and without, ``last``."""
    rows = ChatHour.objects.filter(workspace_id=workspace_id, hour__gte=hour_of(first), hour__lt=last)
    for hour, text in rows.order_by("hour").values_list("hour", "entries"):
        for (quarter, key), counters in _load(text):
            yield Moment(hour + quarter * QUARTER), key, counters


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when this day begins in the zone and when the next one does, in UTC."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when this day begins in the zone, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _dump(entries: Entries) -> str:
    return json.dumps(
        [
            [quarter, *(value.hex if isinstance(value, uuid.UUID) else value for value in key), counters]
            for (quarter, key), counters in entries.items()
        ],
        separators=(",", ":"),
    )


def _load(text: str) -> Iterator[tuple[tuple[int, Key], Counters]]:
    for quarter, department_id, channel, widget, agent_id, tag_id, trigger, counters in json.loads(text):
        key = Key(department_id, channel, uuid.UUID(widget), agent_id, tag_id, uuid.UUID(trigger))
        yield (quarter, key), counters
