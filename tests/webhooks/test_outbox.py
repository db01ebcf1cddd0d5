"""The outbox: what happened is owed in the same transaction, to those who want it, and to nobody else."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.ids import encode
from chat import events
from chat.access import Actor
from chat.models import Kind
from chat.services import messages, starting
from integrations.webhooks import outbox, services
from integrations.webhooks.models import Delivery
from integrations.webhooks.names import EVENTS

pytestmark = pytest.mark.django_db


def subscribe(workspace, *names, **more):
    return services.create(workspace, url="https://hooks.example.com/in", events=names or EVENTS, **more)


def start(world, visitor=None):
    visitor = visitor or world.visitor
    return starting.start(workspace=visitor.workspace, visitor=visitor, actor=Actor.of_visitor(visitor)).chat


def owed(subscription, name=None):
    found = Delivery.objects.filter(subscription=subscription).order_by("id")
    return list(found.filter(event=name) if name else found)


def test_a_message_is_owed_with_the_documented_fields(world):
    chat = start(world)
    subscription = subscribe(world.workspace, "message.sent")
    stored = messages.post(chat, Actor.of_visitor(world.visitor), body="Xin chào 👋")
    (delivery,) = owed(subscription)
    assert delivery.workspace_id == world.workspace.pk
    assert delivery.payload["type"] == "message.sent"
    assert delivery.payload["timestamp"].endswith("Z")
    assert delivery.payload["data"] == {
        "message": {
            "id": encode("msg", stored.uid),
            "chat_id": encode("chat", chat.uid),
            "seq": stored.seq,
            "type": "text",
            "text": "Xin chào 👋",
            "sender": {"type": "visitor", "id": encode("visitor", world.visitor.uid), "name": "Vera"},
            "attachments": [],
            "payload": {},
            "created_at": delivery.payload["data"]["message"]["created_at"],
        }
    }


def test_each_interested_subscription_is_owed_one_of_its_own(world):
    first = subscribe(world.workspace, "chat.created")
    second = subscribe(world.workspace, "chat.created", "chat.closed")
    other = subscribe(world.workspace, "chat.closed")
    start(world)
    (one,), (two,) = owed(first), owed(second)
    assert one.uid != two.uid
    assert one.payload == two.payload
    assert not owed(other)


def test_another_workspace_hears_nothing(world):
    theirs = subscribe(world.elsewhere)
    chat = start(world)
    messages.post(chat, Actor.of_visitor(world.visitor), body="hello")
    assert not owed(theirs)
    ours = subscribe(world.workspace)
    start(world, world.stranger)
    assert not owed(ours)
    assert "chat.created" in [delivery.event for delivery in owed(theirs)]


def test_one_that_is_switched_off_is_owed_nothing(world):
    subscription = subscribe(world.workspace, active=False)
    start(world)
    assert not owed(subscription)


def test_one_that_is_paused_is_owed_still(world):
    subscription = subscribe(world.workspace, "chat.created")
    subscription.paused_at = subscription.created_at
    subscription.save()
    start(world)
    assert len(owed(subscription)) == 1


def test_a_rollback_takes_the_deliveries_with_it(world):
    subscription = subscribe(world.workspace)

    class Oops(Exception):
        pass

    with pytest.raises(Oops), transaction.atomic():
        start(world)
        assert owed(subscription)
        raise Oops
    assert not owed(subscription)


def test_a_note_never_leaves(world):
    chat = start(world)
    subscription = subscribe(world.workspace)
    messages.post(chat, Actor.of_agent(world.owner), kind=Kind.NOTE, body="he is angry, be nice")
    assert "message.sent" not in [delivery.event for delivery in owed(subscription)]
    assert not [delivery for delivery in owed(subscription) if "angry" in str(delivery.payload)]


def test_a_private_event_of_the_core_has_no_public_name(world):
    chat = start(world)
    subscription = subscribe(world.workspace)
    outbox.record([events.ChatTagged(workspace_id=world.workspace.pk, chat=chat, tags=("vip",))])
    assert not owed(subscription)


@pytest.mark.parametrize("how_many", [0, 1, 5])
def test_an_event_costs_one_statement_however_many_listen(world, django_assert_num_queries, how_many):
    chat = start(world)
    stored = messages.post(chat, Actor.of_visitor(world.visitor), body="hello")
    for _ in range(how_many):
        subscribe(world.workspace, "message.sent")
    event = events.MessagePosted(workspace_id=world.workspace.pk, chat=stored.chat, message=stored)
    with django_assert_num_queries(1):
        outbox.record([event])
    assert Delivery.objects.count() == how_many


def test_an_event_that_no_webhook_can_hear_costs_nothing(world, django_assert_num_queries):
    chat = start(world)
    subscribe(world.workspace)
    with django_assert_num_queries(0):
        outbox.record([events.ChatUpdated(workspace_id=world.workspace.pk, chat=chat)])


def test_payloads_are_made_without_a_query(world):
    """The services have joined what the payload needs: a message costs its subscribers' one INSERT, no more."""
    chat = start(world)
    subscribe(world.workspace)
    with CaptureQueriesContext(connection) as captured:
        messages.post(chat, Actor.of_visitor(world.visitor), body="hello")
    outbound = [query["sql"] for query in captured if "webhooks_" in query["sql"]]
    assert all(sql.lstrip().startswith("INSERT") for sql in outbound)
