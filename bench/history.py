"""How fast the history's pages are, at any depth and with any filter, and what a total costs.

    DATABASE_URL=... REDIS_URL=... BROKER_URL=... .venv/bin/python bench/history.py 100000 1000000

The database's own time (bench/ground.py) of all statements of one page of 500: the total, the ids, the rows. Every
page is a jump: nothing is remembered from the page before, but for "the page after", which is what a client asks for.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import ground

SIZES = [100_000]
PAGE = 500


def main() -> None:
    """Measure the sizes of the command line."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with ground.own_database("history"):
        results = {str(size): of_size(size) for size in sizes}
        ground.table(results)
        ground.write("history", results)


def of_size(size: int) -> dict[str, float]:
    """Fill a workspace and return the milliseconds of each question."""
    import filling

    from chat import tallying

    filled = filling.fill(size, opened=100, messages=0)
    before = tallies()
    tallying.settle()
    print(f"{size}: {before} rows of tallies became {tallies()}", flush=True)
    ground.analyze()
    return {what: measured(filled.workspace, *asked) for what, asked in questions(filled).items()}


def tallies() -> int:
    """Return how many rows there are."""
    from chat.models import Tally

    return Tally.objects.count()


def questions(filled: Any) -> dict[str, tuple[Any, float, bool]]:
    """Return what users ask for: the filter, how deep (0 the first page, 1 the last), and whether just after that page."""
    from chat.history import History
    from chat.models import Chat

    chats = Chat.objects.of(filled.workspace).filter(status="closed", channel="website").order_by("-created_at")
    newest, some = chats[0].created_at, chats[chats.count() // 2]
    agent, (first, second) = (filled.agents[3],), filled.departments[:2]
    live = History()
    month = replace(live, started_since=newest - timedelta(days=30))
    half = replace(live, started_since=newest - timedelta(days=200.2), started_until=newest - timedelta(days=20.1))
    asked = {
        "first page": (live, 0),
        "middle page": (live, 0.5),
        "last page": (live, 1),
        "half a year, middle page": (half, 0.5),
        "30 days, last page": (month, 1),
        "one agent, first page": (replace(live, agent_ids=agent), 0),
        "one agent, last page": (replace(live, agent_ids=agent), 1),
        "one agent, 30 days, last page": (replace(month, agent_ids=agent), 1),
        "two departments, middle page": (replace(live, department_ids=(first, second)), 0.5),
        "met, one department, last page": (replace(live, met=True, department_ids=(first,)), 1),
        "missed, last page": (replace(live, met=False), 1),
        "proactive, last page": (replace(live, proactive=True), 1),
        "facebook, middle page": (replace(live, channel="facebook"), 0.5),
        "ended in the last hour": (replace(live, ended_since=newest - timedelta(hours=1)), 0),
        "ended in the last day": (replace(live, ended_since=newest - timedelta(days=1)), 0),
        "ended in the last 30 days, last page": (replace(live, ended_since=newest - timedelta(days=30)), 1),
        "one customer": (replace(live, visitor_ids=(some.visitor_id,)), 0),
        "one ticket": (replace(live, ticket_no=some.ticket_no), 0),
    }
    return {"the page after the middle": (live, 0.5, True), **{what: (*each, False) for what, each in asked.items()}}


def measured(workspace: Any, wanted: Any, depth: float, after: bool) -> float:
    """Return the milliseconds of one page; nothing is remembered, but for the page before where that is meant."""
    from django.core.cache import cache

    from chat import history
    from chat.access import Actor

    actor = Actor.of_workspace(workspace)
    cache.clear()
    pages = max(1, -(-history.read_page(actor, wanted, page=1, count=PAGE).total // PAGE))
    number = max(1, round(pages * depth))
    cache.clear()
    if after:
        history.read_page(actor, wanted, page=number, count=PAGE)
    return ground.database_time(lambda: history.read_page(actor, wanted, page=number + after, count=PAGE))


if __name__ == "__main__":
    main()
