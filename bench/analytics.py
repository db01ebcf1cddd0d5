"""How fast analytics are, and whether that depends on the history: overviews, and rolling up one hour's change.

    DATABASE_URL=... REDIS_URL=... BROKER_URL=... .venv/bin/python bench/analytics.py 10000 100000 [--counted DAYS]

Makes a database of its own beside the given one (without DATABASE_URL: SQLite in a folder of its own), a workspace
for each size in it with a year of chats, counts them, measures, prints, writes ``bench/analytics.json``, and drops the
database. On PostgreSQL times are the database's own, by EXPLAIN ANALYZE (execution), on SQLite those of fetching every
row; median of nine. A chat's counting and the longest transaction are by the clock; the hour's change is, too, and
beside that by what its two processes worked.

A million chats take long to count. With ``--counted 30`` (PostgreSQL) those of the last 30 days are counted, and the
earlier days have copies of the rows of these: the tables that the queries read are as large as if all had been counted.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import filling
import ground
from ground import database_time

YEAR = 366
WEEKS = timedelta(weeks=4)


def main() -> None:
    """Measure the sizes of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument(
        "--counted", type=int, default=YEAR, metavar="DAYS", help="count these days, copy them for the rest"
    )
    asked = parser.parse_args()
    if not WEEKS.days < asked.counted <= YEAR:
        parser.error(f"count more than {WEEKS.days} days")
    with ground.own_database("analytics"):
        results = {str(size): of_size(size, asked.counted) for size in asked.sizes}
    ground.table(results)
    ground.write("analytics", results)


def of_size(size: int, days: int) -> dict[str, float]:
    """Fill a workspace, count it, and return the milliseconds of each measurement."""
    began = time.perf_counter()
    filled = filling.fill(size)
    ground.analyze()
    print(f"{size}: filled in {time.perf_counter() - began:.0f} s", flush=True)
    counting = count(filled.workspace, days)
    ground.analyze()
    return {**reading(filled.workspace, filled.departments[0]), **one_hour(filled.workspace), **counting}


def reading(workspace: Any, department: int) -> dict[str, float]:
    """Measure whatever reports and contracts ask for."""
    from analytics import queries
    from analytics.queries import Filter, Span

    week, month, year = (Span.latest(workspace, days) for days in (7, 30, 365))
    one, whose = Filter(department_id=department, channel="website"), workspace.agents.first()
    asked = {
        "overview, 30 days": lambda: queries.overview(month),
        "overview, 30 days, filtered": lambda: queries.overview(month, one),
        "overview, a year": lambda: queries.overview(year),
        "overview, a year, filtered": lambda: queries.overview(year, one),
        "one agent, a year": lambda: queries.agent(year, whose),
        "by agent, 30 days": lambda: queries.by_agent(month),
        "by agent, a year": lambda: queries.by_agent(year),
        "by department, a year": lambda: queries.by_department(year),
        "by tag, 30 days": lambda: queries.by_tag(month),
        "by tag, a year": lambda: queries.by_tag(year),
        "trend by day, 30 days": lambda: queries.trend(month),
        "trend by hour, a week": lambda: queries.trend(week, by="hour"),
        "heat map, a year": lambda: queries.heatmap(year),
        "backlog": lambda: queries.backlog(workspace),
    }
    return {name: database_time(query) for name, query in asked.items()}


# -- counting ----------------------------------------------------------------------------------------------------------


def count(workspace: Any, days: int) -> dict[str, float]:
    """Count the chats of the last days, and give the earlier ones copies of what came of it."""
    from analytics import rollups
    from analytics.hours import hour_of
    from analytics.queries import Span

    begin, _end = Span.latest(workspace, days).bounds()
    chats = list(workspace.chats.filter(created_at__gte=begin).values_list("created_at", flat=True))
    rollups.write_down({(workspace.pk, hour_of(at)) for at in chats})
    longest, begun = 0.0, time.perf_counter()
    while True:
        before = time.perf_counter()
        if not rollups.count(workspace.pk):
            break
        longest = max(longest, time.perf_counter() - before)
    took = time.perf_counter() - begun
    print(f"{len(chats)} chats counted in {took:.0f} s", flush=True)
    if days < YEAR:
        copy(workspace)
    return {"counting, each chat": took * 1000 / len(chats), "longest transaction of counting": longest * 1000}


def copy(workspace: Any) -> None:
    """Give each day of the year before the last four weeks the rows of the day four weeks after it; add up months."""
    from django.db import connection

    from analytics.days import refold_months
    from analytics.models import Grain, Rollup
    from analytics.queries import Span

    today = Span.latest(workspace, 1).first
    mine = Rollup.objects.filter(workspace=workspace, grain=Grain.DAY)
    mine.filter(start__lt=today - WEEKS).delete()  # the first counted day is not whole
    columns = ", ".join(
        f'"{field.column}"' for field in Rollup._meta.concrete_fields if field.column not in ("id", "start")
    )
    with connection.cursor() as cursor:
        for weeks_ago in range(WEEKS.days, YEAR, WEEKS.days):
            cursor.execute(
                f"INSERT INTO {Rollup._meta.db_table} ({columns}, start) SELECT {columns}, start - {weeks_ago} "
                f"FROM {Rollup._meta.db_table} WHERE workspace_id = %s AND grain = 'd' AND start >= %s AND start < %s",
                [workspace.pk, today - WEEKS, today],
            )
    refold_months(workspace.pk, mine.values_list("start", flat=True).distinct())


def one_hour(workspace: Any) -> dict[str, float]:
    """Let something happen to every chat of an hour of last week, and count it."""
    from analytics import rollups
    from chat.models import Chat

    hour = Chat.objects.of(workspace).order_by("-id")[0].created_at.replace(minute=0, second=0, microsecond=0)
    hour -= timedelta(days=5)
    changed = Chat.objects.of(workspace).filter(created_at__gte=hour, created_at__lt=hour + timedelta(hours=1))
    number = changed.update(rating=2, counted=False)
    begun, busy = time.perf_counter(), busy_seconds()
    rollups.catch_up()
    took, worked = time.perf_counter() - begun, busy_seconds() - busy
    return {
        "chats of an hour": number,
        "one hour's change, work of both processes": worked * 1000,
        "one hour's change, by the clock": took * 1000,
    }


def busy_seconds() -> float:
    """Return how long this process has worked, and the one of PostgreSQL that serves it: others' load does not count."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    # Fields 14 and 15, after the name in brackets: the time in user and in system mode.
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
