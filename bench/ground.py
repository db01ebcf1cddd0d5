"""What every measurement stands on: a database of its own, the time that the database takes, and a table to read."""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
TIMES = 9
# Set it, and a database is left for the next measurement, with the workspaces in it: a million chats are made once.
KEEP = os.environ.get("BENCH_KEEP") == "1"


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """Have a database of our own, of the kind that is configured, with all tables, for as long as it takes."""
    # Whoever ends us gets the machine back without our processes and databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["PARLEY_DATA"] = folder
            _set_up()
            yield
        return
    database = f"{urlsplit(url).path[1:]}_bench_{name}"
    if not KEEP:
        _drop(url, database)
    with psycopg.connect(url, autocommit=True) as server:
        if not server.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
            server.execute(f"CREATE DATABASE {database}")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
    try:
        _set_up()
        yield
    finally:
        if not KEEP:
            _drop(url, database)


def _drop(url: str, database: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _set_up() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def analyze() -> None:
    """Let the planner know what is there, as autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT max(n_mod_since_analyze) FROM pg_stat_user_tables WHERE relname LIKE 'chat%'")
            changed = cursor.fetchone()[0]
            if KEEP and changed < 10_000:
                return
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def database_time(query: Callable[[], Any], times: int = TIMES) -> float:
    """Return the milliseconds that the database takes for all statements of a query: the median of nine runs each.

    On PostgreSQL by EXPLAIN ANALYZE (execution alone), on SQLite that of fetching every row.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        query()
    total = 0.0
    for statement in captured.captured_queries:
        runs = []
        for _ in range(times):
            with connection.cursor() as cursor:
                runs.append(_milliseconds(cursor, statement["sql"].replace("%", "%%")))
        total += statistics.median(runs)
    return total


def explain(query: Callable[[], Any]) -> None:
    """Print how the database answers a query, with what it reads."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        query()
    how = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    for statement in captured.captured_queries:
        print(statement["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"{how} {statement['sql']}".replace("%", "%%"))
            print("\n".join("   " + " ".join(map(str, row)) for row in cursor.fetchall()))


def _milliseconds(cursor: Any, statement: str) -> float:
    if cursor.db.vendor == "postgresql":
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement)
        plan = cursor.fetchone()[0]
        return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Execution Time"]
    begun = time.perf_counter()
    cursor.execute(statement, [])
    cursor.fetchall()
    return (time.perf_counter() - begun) * 1000


def table(results: dict[str, Any]) -> None:
    """Print the milliseconds by what was measured and size, with the ratio of the last size to the first."""
    sizes = list(results)
    first, last = results[sizes[0]], results[sizes[-1]]
    print(f"{'ms':44}" + "".join(f"{size:>12}" for size in sizes) + f"{'ratio':>8}")
    for what in first:
        row = "".join(f"{results[size][what]:12.2f}" for size in sizes)
        print(f"{what:44}{row}{last[what] / first[what] if first[what] else 0:8.2f}")


def write(name: str, results: dict[str, Any]) -> None:
    """Keep the figures beside the script, as ``bench/<name>.json``."""
    (ROOT / "bench" / f"{name}.json").write_text(json.dumps(results, indent=2) + "\n")
