"""What the inbox asks the database for: every list and filter, the badges, a chat's timeline, and catching up.

    [DATABASE_URL=... REDIS_URL=... BROKER_URL=...] .venv/bin/python bench/inbox.py 10000 100000 1000000

Ten messages a chat, so that a million chats have ten million; one per cent of the chats are open, five hundred at most. The
database's own time (ground.database_time) of all statements of each question, as a supervisor and as an operator asks.
``--explain`` prints the plans of what takes longer than a millisecond.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import ground

SIZES = [10_000, 100_000]
OPEN, MESSAGES, LONG = 500, 10, 5_000
BAR = 1.0


def main() -> None:
    """Measure the sizes of the command line."""
    asked = _arguments()
    with ground.own_database("filled"):
        results = {str(size): of_size(size, asked.open, asked.explain) for size in asked.sizes or SIZES}
        ground.table(results)
        ground.write("inbox", results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--open", type=int, default=OPEN, help="open chats at most")
    parser.add_argument("--explain", action="store_true")
    return parser.parse_args()


def of_size(size: int, opened: int, explain: bool) -> dict[str, float]:
    """Fill a workspace and return the milliseconds of each question."""
    import filling

    filled = filling.fill(size, opened=min(size // 100, opened), messages=MESSAGES)
    ground.analyze()
    results = {}
    for what, question in questions(filled).items():
        results[what] = ground.database_time(question)
        if explain and results[what] > BAR:
            print(f"\n{size}: {what}, {results[what]:.2f} ms")
            ground.explain(question)
    return results


def questions(filled: Any) -> dict[str, Callable[[], Any]]:
    """Return what is asked, by name."""
    from agents.models import Agent
    from chat import access, queries
    from chat.models import Chat

    agent = Agent.objects.get(pk=filled.agents[0])
    supervisor = access.Actor.of_agent(_with_role(agent, "supervisor"))
    operator = access.Actor.of_agent(_in_department(Agent.objects.get(pk=filled.agents[1]), filled.departments[0]))
    closed = Chat.objects.of(filled.workspace).filter(status="closed")
    chat = closed.order_by("-last_message_at")[1000]
    long = _long_chat(filled, operator.agent)
    asked: dict[str, Callable[[], Any]] = {}
    for who, actor in {"supervisor": supervisor, "operator": operator}.items():
        asked |= _lists(who, actor, filled.triggers[0])
        asked[f"{who}: badges"] = lambda actor=actor: queries.counts(actor)
        asked[f"{who}: parked"] = lambda actor=actor: queries.parked(actor)
        asked[f"{who}: newest change"] = lambda actor=actor: queries.newest_change(actor)
        asked[f"{who}: one chat"] = lambda actor=actor: access.visible_chats(actor).filter(uid=chat.uid).first()
        asked[f"{who}: chats of a visitor"] = lambda actor=actor: queries.chats_of_visitor(actor, chat.visitor_id)
    return asked | {
        "timeline of ten, newest": lambda: queries.timeline(chat, supervisor, cards=True),
        "timeline of 5,000, newest": lambda: queries.timeline(long, supervisor, cards=True),
        "timeline of 5,000, middle": lambda: queries.timeline(long, supervisor, before=LONG // 2, cards=True),
        "catching up, 5 behind": lambda: queries.timeline(long, supervisor, after=LONG - 5, limit=200),
        "catching up, 200 behind": lambda: queries.timeline(long, supervisor, after=LONG - 200, limit=200),
        "triggers to choose from": lambda: _named(filled),
    }


def _lists(who: str, actor: Any, trigger: Any) -> dict[str, Callable[[], Any]]:
    """Every view, its first page and its second, and narrowed down to one trigger and to any."""
    from chat import queries

    asked: dict[str, Callable[[], Any]] = {}
    for view in ("mine", "waiting", "all", "closed"):
        _rows, cursor = queries.chat_rows(actor, view)
        pages: dict[str, dict[str, Any]] = {
            "": {},
            ", page 2": {"cursor": cursor},
            ", one trigger": {"trigger": trigger},
        }
        pages[", any trigger"] = {"trigger": "any"}
        for name, options in pages.items():
            asked[f"{who}: {view}{name}"] = lambda view=view, options=options: queries.chat_rows(actor, view, **options)
    return asked


def _named(filled: Any) -> Any:
    from chat import triggers

    return triggers.named(filled.workspace.pk)


def _with_role(agent: Any, role: str) -> Any:
    agent.role = role
    agent.save(update_fields=["role"])
    return agent


def _in_department(agent: Any, department_id: int) -> Any:
    from django.db.models import prefetch_related_objects

    agent.role = "operator"
    agent.save(update_fields=["role"])
    agent.memberships.get_or_create(department_id=department_id)
    prefetch_related_objects([agent], "memberships")
    return agent


def _long_chat(filled: Any, agent: Any) -> Any:
    """Return an open chat of many messages."""
    import filling

    from chat.models import Chat, Message

    chat = Chat.objects.of(filled.workspace).filter(status="active").order_by("pk")[0]
    there = chat.last_seq
    if there < LONG:
        filling.insert(
            Message, filling.numbers("n", there, LONG), workspace_id=str(filled.workspace.pk), chat_id=str(chat.pk), uid=filling.uid(),
            seq="n + 1", public_prev="n", body="'Hello'", author_kind="'visitor'",
        )  # fmt: skip
        Chat.objects.filter(pk=chat.pk).update(last_seq=LONG, last_public_seq=LONG, message_count=LONG, words_seq=LONG)
        chat.refresh_from_db()
    return chat


if __name__ == "__main__":
    main()
