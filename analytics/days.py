"""Days and months: adds hours up to the rows that figures are read from, by how much the hours changed, or anew."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from .counters import Counters, merge
from .definitions import COUNTERS, PAGE
from .hours import Change, bounds, read
from .keys import PAGED, Key, groups_of, within
from .models import Grain, Rollup

# (group, key) -> counters: the rows of one day or month.
Rows = dict[tuple[str, Key], Counters]

DAY = timedelta(days=1)


def add(workspace_id: int, change: Change, zone: ZoneInfo) -> None:
    """Add to days and months by how much their hours changed: the cost is the change's, however much they hold.

    The workspace's ledger is locked by the caller.
    """
    days: dict[date, dict[Key, Counters]] = {}
    for moment, key, counters in change:
        day, hour_of_week = moment.local(zone)
        _merge_hour(days.setdefault(day, {}).setdefault(key, Counters()), counters, hour_of_week)
    months: dict[date, Rows] = {}
    for day, finest in sorted(days.items()):
        rows = _by_group(finest)
        _add(workspace_id, Grain.DAY, day, rows)
        month = months.setdefault(day.replace(day=1), {})
        for found, counters in rows.items():
            merge(month.setdefault(found, Counters()), counters)
    for start, rows in months.items():
        _add(workspace_id, Grain.MONTH, start, rows)


def refold(workspace_id: int, days: Iterable[date], zone: ZoneInfo) -> None:
    """Add these days up from their hours, and their months from their days, whatever is stored.

    The workspace's ledger is locked by the caller.
    """
    wanted = sorted(set(days))
    for day in wanted:
        _write(workspace_id, Grain.DAY, day, add_up(workspace_id, day, zone))
    refold_months(workspace_id, wanted)


def refold_months(workspace_id: int, days: Iterable[date]) -> None:
    """Add the months of these days up from their days."""
    for month in sorted({day.replace(day=1) for day in days}):
        _write(workspace_id, Grain.MONTH, month, _of_days(workspace_id, month))


def add_up(workspace_id: int, day: date, zone: ZoneInfo) -> Rows:
    """Return the rows of a day, from its hours."""
    finest: dict[Key, Counters] = {}
    first, last = bounds(day, zone)
    for moment, key, counters in read(workspace_id, first, last):
        there, hour_of_week = moment.local(zone)
        if there != day:
            continue  # the hour belongs to two days
        _merge_hour(finest.setdefault(key, Counters()), counters, hour_of_week)
    return _by_group(finest)


def _merge_hour(into: Counters, counters: Counters, hour_of_week: int) -> None:
    merge(into, counters)
    merge(into, {f"h{hour_of_week}": counters.get("total", 0)})


def _by_group(finest: dict[Key, Counters]) -> Rows:
    rows: Rows = {}
    for key, counters in finest.items():
        plain = {name: number for name, number in counters.items() if not name.startswith(PAGE)}
        for group in groups_of(key):
            told = counters if group == PAGED else plain
            merge(rows.setdefault((group, within(key, group)), Counters()), told)
    return rows


def _of_days(workspace_id: int, month: date) -> Rows:
    """Return the rows of a month, from its days."""
    after = (month.replace(day=28) + 4 * DAY).replace(day=1)
    stored = Rollup.objects.filter(workspace_id=workspace_id, grain=Grain.DAY, start__gte=month, start__lt=after)
    rows: Rows = {}
    for group, *row in stored.values_list("group", *Key._fields, *VALUES):
        found = (group, Key(*row[:_DIMENSIONS]))
        merge(rows.setdefault(found, Counters()), counters_of(row[_DIMENSIONS:]))
    return rows


def _write(workspace_id: int, grain: Grain, start: date, rows: Rows) -> None:
    """Make the stored rows of this day or month equal to ``rows``."""
    stored = _stored(Rollup.objects.filter(workspace_id=workspace_id, grain=grain, start=start))
    wanted = {found: values_of(counters) for found, counters in rows.items()}
    changed = [found for found, values in wanted.items() if found not in stored or stored[found][1] != values]
    Rollup.objects.filter(pk__in=[pk for found, (pk, _values) in stored.items() if found not in wanted]).delete()
    _upsert(workspace_id, grain, start, {found: wanted[found] for found in changed})


def _add(workspace_id: int, grain: Grain, start: date, change: Rows) -> None:
    """Add to the stored rows of this day or month; what has no chats any more goes."""
    change = {found: counters for found, counters in change.items() if any(counters.values())}
    stored = _stored(
        Rollup.objects.filter(
            workspace_id=workspace_id,
            grain=grain,
            start=start,
            group__in={group for group, _key in change},
            agent_id__in={key.agent_id for _group, key in change},
            department_id__in={key.department_id for _group, key in change},
            tag_id__in={key.tag_id for _group, key in change},
        )
    )
    sums: Rows = {}
    for found, counters in change.items():
        sums[found] = Counters(counters)
        if found in stored:
            merge(sums[found], counters_of(stored[found][1]))
    gone = [found for found, counters in sums.items() if not counters["total"]]
    Rollup.objects.filter(pk__in=[stored[found][0] for found in gone if found in stored]).delete()
    _upsert(workspace_id, grain, start, {found: values_of(sums[found]) for found in sums.keys() - set(gone)})


def _stored(rows: QuerySet[Rollup]) -> dict[tuple[str, Key], tuple[int, list[Any]]]:
    """Return the row's own id and ``VALUES``, by group and key."""
    return {
        (group, Key(*row[:_DIMENSIONS])): (pk, row[_DIMENSIONS:])
        for pk, group, *row in rows.values_list("pk", "group", *Key._fields, *VALUES)
    }


VALUES = (*COUNTERS, "detail")
_COLUMNS = frozenset(COUNTERS)
_DIMENSIONS = len(Key._fields)


def values_of(counters: Counters) -> list[Any]:
    """Return counters as the columns ``VALUES`` hold them: the same counters, the same values."""
    detail = {name: number for name, number in sorted(counters.items()) if number and name not in _COLUMNS}
    return [*(counters.get(name, 0) for name in COUNTERS), json.dumps(detail, separators=(",", ":"))]


def counters_of(values: Sequence[Any]) -> Counters:
    """Return the counters that the columns ``VALUES`` hold, without those that are zero."""
    counters = Counters({name: number for name, number in zip(COUNTERS, values, strict=False) if number})
    counters.update(json.loads(values[-1]))
    return counters


def _upsert(workspace_id: int, grain: Grain, start: date, rows: dict[tuple[str, Key], list[Any]]) -> None:
    """Insert rows, or replace those with the same key.

    One statement with one parameter, the rows as JSON: a driver that has to find ten thousand places in a statement
    takes longer for that than the chats took to be counted, and the ORM longer still.
    """
    if not rows:
        return
    head = {"workspace_id": workspace_id, "grain": grain.value, "start": start.isoformat()}
    lines = [
        {**head, "group": group, **key._asdict(), **dict(zip(VALUES, values, strict=True))}
        for (group, key), values in rows.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [json.dumps(lines, default=_hex)])


def _hex(value: uuid.UUID) -> str:
    return value.hex


def _statement() -> str:
    quote = connection.ops.quote_name
    table = Rollup._meta.db_table
    unique = ("workspace_id", "grain", "start", "group", *Key._fields)
    columns = (*unique, *VALUES)
    if connection.vendor == "postgresql":
        source = f"SELECT {', '.join(map(quote, columns))} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608  names of our own
    else:
        read = ", ".join(f"json_extract(value, '$.{name}')" for name in columns)
        source = f"SELECT {read} FROM json_each(%s) WHERE TRUE"  # noqa: S608  so that ON CONFLICT is no join's condition
    return (
        f"INSERT INTO {table} ({', '.join(map(quote, columns))}) {source} "
        f"ON CONFLICT ({', '.join(map(quote, unique))}) "
        f"DO UPDATE SET {', '.join(f'{quote(name)} = excluded.{quote(name)}' for name in VALUES)}"
    )
