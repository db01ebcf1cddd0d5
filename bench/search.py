"""How fast the inbox's search is, whatever the words and however many chats there are.

    [DATABASE_URL=... REDIS_URL=... BROKER_URL=...] .venv/bin/python bench/search.py 10000 100000 1000000

Ten messages a chat, of twelve thousand words and numbers of orders (bench/wording.py). The database's own time
(ground.database_time) of all statements of a page of results, as the inbox asks. ``ids`` is the text index alone.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import ground
import wording

SIZES = [10_000, 100_000]
OPEN, MESSAGES = 500, 10


def main() -> None:
    """Measure the sizes of the command line."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with ground.own_database("filled"):
        results = {str(size): of_size(size) for size in sizes}
        ground.table(results)
        ground.write("search", results)


def searches(size: int) -> dict[str, str]:
    """Return what is typed, by what it is."""
    from chat.folding import folded

    times = Counter(word for sentence in wording.sentences() for word in sentence.words.split())
    tenth = next(word for word, number in times.most_common() if number <= 10)
    once = [word for word, number in times.items() if number == 1]
    return {
        "in nearly every chat": wording.FREQUENT,
        "the same without marks": folded(wording.FREQUENT),
        "two in nearly every chat": f"{wording.FREQUENT} {wording.FREQUENT_TOO}",
        "of one sentence in 400": tenth,
        "of one sentence in 4,096": once[0],
        "one of an order": f"DH{100_000 + size // 2}",
        "frequent and of an order": f"{wording.FREQUENT} DH{100_000 + size // 3}",
        "frequent and rare": f"{wording.FREQUENT} {once[1]}",
        "two rare, never together": f"{once[2]} {once[-1]}",
        "in none": "zzyzx",
        "frequent and in none": f"{wording.FREQUENT} zzyzx",
        "three letters that go on": "chà",
        "in none, and letters that go on": "zzyzx cha",
        "frequent until half a year ago": wording.OLD,
        "the same without marks, and rare": f"{folded(wording.OLD)} {once[3]}",
        "an e-mail address": f"visitor{size // 4}@example.com",
        "a ticket": f"#{size // 5}",
    }


def of_size(size: int) -> dict[str, float]:
    """Fill a workspace and return the milliseconds of each search."""
    import filling

    filled = filling.fill(size, opened=min(size // 100, OPEN), messages=MESSAGES)
    ground.analyze()
    return {
        f"{who}: {what}": _measured(actor, view, text)
        for who, (actor, view) in _readers(filled).items()
        for what, text in searches(size).items()
    }


def _readers(filled: Any) -> dict[str, tuple[Any, str]]:
    from inbox import _in_department, _with_role

    from agents.models import Agent
    from chat.access import Actor

    supervisor = Actor.of_agent(_with_role(Agent.objects.get(pk=filled.agents[0]), "supervisor"))
    operator = Actor.of_agent(_in_department(Agent.objects.get(pk=filled.agents[1]), filled.departments[0]))
    return {
        "supervisor, closed": (supervisor, "closed"),
        "operator, closed": (operator, "closed"),
        "supervisor, open": (supervisor, "all"),
    }


def _measured(actor: Any, view: str, text: str) -> float:
    from chat import queries

    def ask() -> Any:
        return queries.chat_rows(actor, view, search=text)

    rows, _cursor = ask()
    assert rows or view != "closed" or not actor.agent.supervises or "zzyzx" in text or " " in text, f"{text}: nothing"
    return ground.database_time(ask)


if __name__ == "__main__":
    main()
