"""Outside opening hours: chats that begin then wait parked, and stand in the queue when the team opens."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from agents.models import Agent
from agents.services import hours
from chat import events, queries, routing
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, lifecycle, messages, parking, starting
from chat.tasks import sweep
from config.demo.factories import VisitorFactory

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # a Monday
OPENING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@pytest.fixture
def shop(world):
    """The world's workspace, with office hours, and everybody's inbox open at all times."""
    hours.set_week(world.workspace, {day: [("08:00", "17:00")] for day in DAYS})
    Agent.objects.update(lease_until=OPENING + timedelta(days=30))
    return world


@pytest.fixture
def clock():
    with time_machine.travel(NIGHT, tick=False) as clock:
        yield clock


def come(shop, **fields):
    visitor = VisitorFactory(workspace=shop.workspace)
    started = starting.start(workspace=shop.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **fields)
    routing.route(shop.workspace.pk)
    return fresh(started.chat)


def fresh(chat):
    return Chat.objects.select_related("visitor", "agent", "department", "workspace").get(pk=chat.pk)


def test_at_night_a_chat_is_parked_though_agents_are_there(shop, clock):
    chat = come(shop)
    sweep()
    chat = fresh(chat)
    assert (chat.status, chat.agent, chat.parked_until) == ("waiting", None, OPENING)
    assert chat.is_parked()
    assert queries.counts(Actor.of_agent(shop.supervisor))["waiting"] == 0
    assert queries.counts(Actor.of_agent(shop.supervisor))["parked"] == 1
    assert queries.parked(Actor.of_agent(shop.outsider)) == 0


def test_its_visitor_waits_from_the_opening_on(shop, clock):
    early, late = come(shop), come(shop)
    assert late.wait_began_at == OPENING
    assigning.assign(early, shop.operator, Actor.system(shop.workspace.pk))
    assert fresh(early).wait_began_at == NIGHT, "taken by hand at night: no wait at all"
    clock.move_to(OPENING + timedelta(minutes=1))
    sweep()
    assert fresh(late).wait_began_at == OPENING


def test_by_day_it_is_routed_at_once(shop, clock):
    clock.move_to(OPENING)
    chat = come(shop)
    assert (chat.status, chat.parked_until) == ("active", None)


def test_at_opening_the_parked_are_served_in_the_order_in_which_they_came(shop, clock):
    Agent.objects.update(max_chats=0)
    first = come(shop)
    clock.shift(timedelta(hours=2))
    second = come(shop)
    clock.move_to(OPENING + timedelta(seconds=2))
    late = come(shop)
    assert [chat.pk for chat in Chat.objects.of(shop.workspace).queued()] == [first.pk, second.pk, late.pk]
    Agent.objects.filter(pk=shop.operator.pk).update(max_chats=2)
    assert sweep()["routed"] == 2
    assert fresh(first).agent == fresh(second).agent == shop.operator
    assert fresh(late).agent is None
    assert fresh(first).parked_until is None


def test_the_night_is_no_part_of_the_wait(shop, clock):
    Agent.objects.update(max_chats=0)
    chat = come(shop)
    clock.move_to(OPENING + timedelta(minutes=3))
    Agent.objects.update(max_chats=1)
    sweep()
    chat = fresh(chat)
    assert chat.first_assigned_at - chat.queued_at == timedelta(minutes=3)


def test_an_available_agent_may_take_it_by_hand_or_by_answering(shop, clock):
    taken, answered = come(shop), come(shop)
    assigning.assign(taken, shop.operator, Actor.of_agent(shop.operator))
    messages.post(answered, Actor.of_agent(shop.operator), body="I am still here")
    for chat in (fresh(taken), fresh(answered)):
        assert (chat.status, chat.agent, chat.parked_until, chat.queued_at) == ("active", shop.operator, None, NIGHT)


def test_a_parked_chat_can_end(shop, clock):
    chat = come(shop)
    lifecycle.close(chat, Actor.of_visitor(chat.visitor))
    assert fresh(chat).parked_until is None
    lifecycle.reopen(fresh(chat), Actor.of_agent(shop.supervisor))
    assert fresh(chat).parked_until == OPENING


def test_what_began_by_day_is_not_put_off_until_tomorrow(shop, clock):
    """An agent who transfers it, or is gone: the visitor is in the middle of a conversation."""
    clock.move_to(OPENING)
    chat = come(shop, department=shop.support)
    assert chat.agent == shop.operator
    clock.move_to(NIGHT + timedelta(days=1))
    assigning.transfer(chat, Actor.of_agent(shop.operator), department=shop.sales)
    chat = fresh(chat)
    assert (chat.status, chat.parked_until) == ("waiting", None)
    routing.route(shop.workspace.pk)
    assert fresh(chat).agent == shop.teammate


def test_who_waits_at_closing_is_still_served(shop, clock):
    Agent.objects.update(max_chats=0)
    clock.move_to(OPENING.replace(hour=16, minute=59))
    chat = come(shop)
    clock.move_to(OPENING.replace(hour=17, minute=1))
    Agent.objects.filter(pk=shop.operator.pk).update(max_chats=1)
    sweep()
    assert fresh(chat).agent == shop.operator


def test_new_hours_let_the_parked_in_or_keep_them_longer(shop, clock, monkeypatch):
    told = []
    monkeypatch.setattr(events, "record", told.append)
    chat = come(shop)
    hours.set_week(shop.workspace, {"wednesday": [("10:00", "12:00")]})
    sweep()
    assert fresh(chat).parked_until == OPENING.replace(hour=10) + timedelta(days=1)
    assert fresh(chat).queued_at == fresh(chat).parked_until
    hours.always_open(shop.workspace)
    sweep()
    assert fresh(chat).status == "active"
    assert [type(event) for event in told].count(events.ChatUnparked) == 2


def test_following_the_hours_again_changes_nothing_and_asks_little(shop, clock, django_assert_num_queries):
    for _ in range(5):
        come(shop)
    with django_assert_num_queries(3):
        assert parking.follow_hours() == 0


def test_the_estimated_wait_is_honest(shop, clock):
    first, second = come(shop), come(shop)
    assert (queries.queue_position(first), queries.queue_position(second)) == (1, 2)
    assert queries.estimated_wait(first) >= (OPENING - NIGHT).total_seconds()
    assert queries.estimated_wait(second) > queries.estimated_wait(first)
    clock.move_to(OPENING)
    Agent.objects.update(lease_until=None)
    by_day = come(shop)
    clock.move_to(OPENING.replace(hour=19))
    # In the queue since the day, nobody there any more: tomorrow.
    assert queries.estimated_wait(by_day) >= timedelta(hours=13).total_seconds()


def test_the_parked_stand_in_nobodys_way(shop, clock):
    """Their place is at opening: before it, who is in the queue is served first, and the parked are behind."""
    come(shop)
    clock.move_to(OPENING.replace(hour=16))
    Agent.objects.update(max_chats=0)
    sweep()
    queued = come(shop)
    clock.move_to(OPENING.replace(hour=20))
    parked = come(shop)
    assert queries.queue_position(queued) == 2
    assert queries.queue_position(parked) == 3


def test_each_workspace_keeps_its_own_hours(shop, clock):
    started = starting.start(workspace=shop.elsewhere, visitor=shop.stranger, actor=Actor.of_visitor(shop.stranger))
    routing.route(shop.elsewhere.pk)
    assert fresh(started.chat).agent == shop.outsider
