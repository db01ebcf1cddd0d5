"""What the hot paths cost, in statements: a number that grows here is a decision, not an accident."""

import pytest
from django.db import connection

from agents.models import Agent
from chat import queries
from chat.access import Actor
from chat.models import Chat
from chat.routing import route
from chat.services import assigning, messages, starting
from chat.tasks import sweep
from config.demo.factories import VisitorFactory
from tests.world import World


@pytest.fixture
def chat(world: World) -> Chat:
    started = starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor))
    return assigning.assign(started.chat, world.operator, Actor.system(world.workspace.pk))


def test_posting_locks_inserts_updates_and_owes(world, chat, django_assert_num_queries):
    visitor = Actor.of_visitor(world.visitor)
    # savepoint, lock, insert and summary (apart on SQLite), deliveries, release
    apart = connection.vendor == "sqlite"
    with django_assert_num_queries(5 + apart):
        messages.post(chat, visitor, body="Hello")
    with django_assert_num_queries(5 + apart):
        messages.post(chat, visitor, body="Hello", client_id="a")


def test_a_resend_is_looked_for_when_the_unique_key_says_so(world, chat, django_assert_max_num_queries):
    first = messages.post(chat, Actor.of_visitor(world.visitor), body="Hello", client_id="a")
    # the attempt, its rollback, and once more with the look and the message that it finds
    with django_assert_max_num_queries(12):
        again = messages.post(chat, Actor.of_visitor(world.visitor), body="Hello", client_id="a")
    assert again.pk == first.pk
    chat.refresh_from_db()
    assert chat.last_seq == first.seq


def test_a_page_of_history_costs_the_same_however_long_it_is(world, chat, django_assert_num_queries):
    for n in range(30):
        messages.post(chat, Actor.of_visitor(world.visitor), body=f"{n}")
    for limit in (2, 30):
        with django_assert_num_queries(2):
            queries.timeline(chat, Actor.of_agent(world.owner), limit=limit)


def test_a_list_costs_one_statement(world, django_assert_num_queries):
    for _ in range(5):
        visitor = VisitorFactory(workspace=world.workspace)
        starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor))
    with django_assert_num_queries(1):
        rows, _cursor = queries.chat_rows(Actor.of_agent(world.owner), "all")
        assert [row.visitor.name for row in rows]


def test_the_sweeper_is_cheap_when_all_is_well(world, chat, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        sweep()


def test_routing_without_a_queue_is_one_look(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert route(world.workspace.pk) == 0


def test_routing_counts_the_team_once(world, django_assert_max_num_queries):
    Agent.objects.filter(workspace=world.workspace).update(status="busy")
    for _ in range(10):
        visitor = VisitorFactory(workspace=world.workspace)
        starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor))
    with django_assert_max_num_queries(10):
        assert route(world.workspace.pk) == 0
