"""Generated chats and questions, in both databases: what the contract answers is what a filter by hand finds."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.ids import new_uid
from chat import tallying
from chat.access import Actor
from chat.models import Chat, Status, Tally
from chat.services import lifecycle
from config.demo.factories import DepartmentFactory, VisitorFactory, WidgetFactory

from .test_history import Api, by_hand, key_of

pytestmark = pytest.mark.django_db
# Three months with the turn of a year in them; seconds at both edges of months are likely.
BEGIN = datetime(2025, 12, 1, tzinfo=UTC)
EDGES = [
    BEGIN,
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 2, 1, tzinfo=UTC),
]
MOMENTS = st.one_of(
    st.integers(0, 90 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds)), st.sampled_from(EDGES)
)
PLANS = st.lists(
    st.fixed_dictionaries(
        {
            "at": MOMENTS,
            "micro": st.sampled_from([0, 1, 500_000, 999_999]),
            "lasts": st.integers(0, 40 * 24 * 3600),
            "who": st.integers(0, 2),
            "department": st.integers(0, 2),
            "visitor": st.integers(0, 1),
            "widget": st.integers(0, 2),
            "channel": st.sampled_from(["website", "website", "facebook", "zalo"]),
            "met": st.booleans(),
            "proactive": st.booleans(),
            "open": st.sampled_from([False, False, False, True]),
        }
    ),
    min_size=3,
    max_size=25,
)
# What the tallies know of, and what they do not.
TALLIED = {
    "start_time_since": MOMENTS, "start_time_to": MOMENTS,
    "assignees": st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True),
    "groups": st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
    "conversation_type": st.sampled_from([0, 1, 3]), "chat_status": st.sampled_from([0, 1]),
    "chat_type": st.sampled_from([0, 1]),
}  # fmt: skip
OTHERS = {
    "end_time_since": MOMENTS, "end_time_to": MOMENTS,
    "customers": st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
    "services": st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
    "ticket_no": st.integers(1, 26), "conversation_id": st.integers(0, 25),
}  # fmt: skip
# Few filters at once are likely: many find nothing.
NAMES = st.one_of(
    st.lists(st.sampled_from(sorted(TALLIED)), max_size=2, unique=True),
    st.lists(st.sampled_from(sorted(TALLIED | OTHERS)), max_size=4, unique=True),
)
QUESTIONS = NAMES.flatmap(lambda names: st.fixed_dictionaries({name: (TALLIED | OTHERS)[name] for name in names}))
PLAN = {
    "at": BEGIN, "micro": 0, "lasts": 1, "who": 0, "widget": 2, "channel": "website", "met": True, "proactive": False,
    "open": False,
}  # fmt: skip
SPELLINGS = ["{n}={a},{b}", "{n}={a}&{n}={b}", "{n}[]={a}&{n}[]={b}", "{n}[0]={a}&{n}[1]={b}", "{n}=[{a},{b}]"]


class Company:
    """The world as lists to choose from by number; the last of each list is of nobody or of elsewhere."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.people = [world.operator, world.teammate, world.outsider]
        self.departments = [world.support, world.sales, DepartmentFactory(workspace=world.elsewhere)]
        self.visitors = [world.visitor, world.other_visitor, world.stranger]
        self.widgets = [WidgetFactory(workspace=world.workspace, is_default=False) for _ in range(2)]
        self.api = Api(key_of(world.workspace))

    def store(self, plans: list[dict[str, Any]]) -> list[Chat]:
        """Insert chats as planned and return those that have ended."""
        made = Chat.objects.bulk_create(self._chat(number, plan) for number, plan in enumerate(plans, start=1))
        return [chat for chat in made if chat.status == Status.CLOSED]

    def _chat(self, number: int, plan: dict[str, Any]) -> Chat:
        began = plan["at"] + timedelta(microseconds=plan["micro"])
        met = plan["met"] or plan["open"]
        return Chat(
            workspace=self.world.workspace, ticket_no=number, visitor=self.visitors[plan["visitor"]],
            status="active" if plan["open"] else "closed", channel=plan["channel"],
            agent=self.people[plan["who"] % 2] if met else None,
            department=self.departments[plan["department"]] if plan["department"] < 2 else None,
            widget_uid=self.widgets[plan["widget"]].uid if plan["widget"] < 2 else None,
            trigger_uid=new_uid() if plan["proactive"] else None, created_at=began,
            first_assigned_at=began if met else None,
            closed_at=None if plan["open"] else began + timedelta(seconds=plan["lasts"]),
        )  # fmt: skip

    def asked(self, question: dict[str, Any], chats: list[Chat]) -> dict[str, Any]:
        """Return the question in the contract's parameters."""
        lists = {"assignees": self.people, "groups": self.departments, "customers": self.visitors}
        services = [*(widget.pk for widget in self.widgets), 10**9]
        found: dict[str, Any] = {}
        for name, value in question.items():
            if isinstance(value, datetime):
                found[name] = f"{value:%Y-%m-%dT%H:%M:%SZ}"
            elif name == "services":
                found[name] = [services[number] for number in value]
            elif name in lists:
                found[name] = [lists[name][number].pk for number in value]
            elif name == "conversation_id":
                found[name] = str(chats[value % len(chats)].uid) if chats else str(new_uid())
            else:
                found[name] = value
        return found


@pytest.fixture
def company(world: Any) -> Company:
    return Company(world)


def spelled(asked: dict[str, Any], turn: int) -> str:
    """Return a query string, arrays in one of the usual spellings."""
    parts = []
    for name, value in asked.items():
        if isinstance(value, list):
            spelling = SPELLINGS[turn % len(SPELLINGS)] if len(value) == 2 else "{n}=" + ",".join(map(str, value))
            parts.append(spelling.format(n=name, a=value[0], b=value[-1]))
        else:
            parts.append(f"{name}={value}")
    return "&".join(parts)


def check(company: Company, chats: list[Chat], question: dict[str, Any], turn: int) -> None:
    """Ask for everything at once and page by page, in any order, and compare with the filter by hand."""
    asked = company.asked(question, chats)
    expected = by_hand(chats, company.widgets, asked)
    query = spelled(asked, turn)
    count = 1 + turn % 7
    pages = list(range(1, -(-len(expected) // count) + 2))
    random.Random(turn).shuffle(pages)
    cache.clear()
    found: dict[int, list[int]] = {}
    for page in pages:
        body = ask(company, f"{query}&page={page}&count={count}")
        assert (body["code"], body["numFound"]) == ("OK", len(expected)), query
        found[page] = [row["ticket_id"] for row in body["chats"]]
    assert [pk for page in sorted(found) for pk in found[page]] == expected, query


def ask(company: Company, query: str) -> dict[str, Any]:
    answer = Client().get(f"/api/v1/chats?{query}", headers={"Authorization": f"Bearer {company.api.token}"})
    assert answer.status_code == 200, (query, answer.content)
    return answer.json()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plans=PLANS, questions=st.lists(QUESTIONS, min_size=1, max_size=3), turn=st.integers(0, 1000))
def test_every_filter_alone_and_together(company: Company, plans, questions, turn) -> None:
    with transaction.atomic():
        chats = company.store(plans)
        if turn % 2:
            tallying.settle(0)
        for number, question in enumerate(questions):
            check(company, chats, question, turn + number)
        transaction.set_rollback(True)


def tallied() -> dict[tuple[Any, ...], int]:
    """Return what the tallies add up to, by all that they know."""
    sums: dict[tuple[Any, ...], int] = {}
    for *key, chats in Tally.objects.values_list(
        "workspace_id", "channel", "month", "agent_id", "department_id", "met", "proactive", "chats"
    ):
        sums[tuple(key)] = sums.get(tuple(key), 0) + chats
    return {key: number for key, number in sums.items() if number}


def counted() -> dict[tuple[Any, ...], int]:
    """Return the same, counted by hand."""
    sums: dict[tuple[Any, ...], int] = {}
    for chat in Chat.objects.filter(status="closed"):
        month = chat.created_at.astimezone(UTC).date().replace(day=1)
        key = (
            chat.workspace_id, chat.channel, month, chat.agent_id or 0, chat.department_id or 0,
            chat.first_assigned_at is not None, chat.trigger_uid is not None,
        )  # fmt: skip
        sums[key] = sums.get(key, 0) + 1
    return sums


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plans=PLANS, verbs=st.lists(st.integers(0, 999), max_size=12))
def test_tallies_follow_whatever_happens_to_chats(company: Company, plans, verbs) -> None:
    with transaction.atomic():
        company.store(plans)
        for verb in verbs:
            happen(company, verb)
            assert tallied() == counted()
        tallying.settle(0)
        assert tallied() == counted()
        transaction.set_rollback(True)


def happen(company: Company, verb: int) -> None:
    """Do one thing that changes which chats have ended, or how they are filtered."""
    actor = Actor.of_agent(company.world.owner)
    ended, active = Chat.objects.filter(status="closed"), Chat.objects.filter(status="active")
    some = ended.order_by("id")[verb % 5 : verb % 5 + 2]
    what = verb % 8
    if what == 0 and (chat := active.first()):
        lifecycle.close(chat, actor)
    elif what == 1 and (chat := ended.filter(conversation_uid__in=ended.values("conversation_uid")).first()):
        lifecycle.reopen(chat, actor)
    elif what == 2:
        Chat.objects.filter(pk__in=[chat.pk for chat in some]).update(agent=company.people[verb % 2])
    elif what == 3:
        Chat.objects.filter(pk__in=[chat.pk for chat in some]).update(department=None)
    elif what == 4:
        Chat.objects.filter(pk__in=[chat.pk for chat in some]).delete()
    elif what == 5:
        Chat.objects.filter(pk__in=[chat.pk for chat in some]).update(created_at=EDGES[verb % 4], channel="zalo")
    elif what == 6:
        tallying.settle(verb % 3)
    else:
        VisitorFactory(workspace=company.world.workspace)
        ended.update(first_assigned_at=None, trigger_uid=new_uid())


def test_a_deleted_department_and_an_erased_visitor_are_followed(company: Company, world: Any) -> None:
    company.store([{**PLAN, "department": n % 3, "visitor": n % 2} for n in range(6)])
    world.support.delete()
    assert tallied() == counted() != {}
    world.visitor.delete()
    assert tallied() == counted() != {}


def test_the_tallies_are_counted_anew_when_their_triggers_are_put_in_place(company: Company) -> None:
    company.store([{**PLAN, "department": 0, "visitor": 0}] * 3)
    true = tallied()
    Tally.objects.all().delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER chat_tally ON chat_chat; DROP TRIGGER chat_tally_changed ON chat_chat")
    tallying.after_migrations()
    assert tallied() == true == counted()
    Chat.objects.first().delete()
    assert tallied() == counted()
