"""How fast ChatFlow's list of chats is, by filter and by depth, and what its total costs.

    DATABASE_URL=... REDIS_URL=... BROKER_URL=... .venv/bin/python bench/chatflow.py 100000 1000000

A workspace for each size, the newest one per cent of its chats open. Times are the database's own of all statements of
a page (``ground.database_time``), the median of five: as a server with a secret key asks, and as an operator of one
department. A page is asked for twice: when nobody has counted lately, and within the minute after.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import filling
import ground

TIMES = 5


def main() -> None:
    """Measure the sizes of the command line."""
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000]
    with ground.own_database("chatflow"):
        results = {str(size): of_size(size) for size in sizes}
    ground.table(results)
    ground.write("chatflow", results)


def of_size(size: int) -> dict[str, float]:
    """Fill a workspace and return the milliseconds of each page."""
    from agents.models import Agent
    from chat.access import Actor

    filled = filling.fill(size, opened=size // 100, messages=0)
    ground.analyze()
    agent = Agent.objects.get(pk=filled.agents[0])
    server = Actor.of_workspace(filled.workspace)
    operator = Actor.of_agent(_in_department(agent, filled.departments[0]))
    results: dict[str, float] = {}
    filters: list[tuple[str, str, Agent | None]] = [
        ("everything", "", None),
        ("waiting", "waiting", None),
        ("assigned", "active", None),
        ("closed", "closed", None),
        ("one agent", "", agent),
        ("one agent, closed", "closed", agent),
    ]
    for name, status, whose in filters:
        results |= _pages(name, server, status, whose)
    results |= _pages("everything, by an operator", operator, "", None)
    results |= _pages("closed, by an operator", operator, "closed", None)
    return results


def _pages(name: str, actor: Any, status: str, agent: Any) -> dict[str, float]:
    """Return the milliseconds of the first page, of the last one by a jump, and of the last one after the one before."""
    from django.core.cache import cache

    from integrations.chatflow.listing import read_page
    from integrations.chatflow.requests.chats import ListRequest

    def ask(page: int) -> Callable[[], Any]:
        return lambda: read_page(actor, ListRequest(page=page, limit=100, status=status, agent_id=""), agent)

    cache.clear()
    counting = ground.database_time(ask(1), TIMES)
    total = ask(1)().total
    last = max((total + 99) // 100, 1)
    results = {
        f"{name}: page 1, counting": counting,
        f"{name}: page 1": ground.database_time(ask(1), TIMES),
        f"{name}: the last page, by a jump": ground.database_time(ask(last), TIMES),
    }
    ask(max(last - 1, 1))()
    return results | {f"{name}: the last page, read on": ground.database_time(ask(last), TIMES)}


def _in_department(agent: Any, department_id: int) -> Any:
    agent.memberships.create(department_id=department_id)
    return type(agent).objects.get(pk=agent.pk)


if __name__ == "__main__":
    main()
