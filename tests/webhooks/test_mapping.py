"""What each event says outside: stable fields, prefixed ids, words of the contract."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agents.ids import encode
from chat.access import Actor
from chat.services import assigning, files, lifecycle, messages, presence, rating, starting, visitors
from integrations.webhooks import services
from integrations.webhooks.models import Delivery
from integrations.webhooks.names import EVENTS

pytestmark = pytest.mark.django_db

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def told(world):
    """Subscribe to everything; return a reader of what was told under a name since it was last read."""
    services.create(world.workspace, url="https://hooks.example.com/in", events=EVENTS)

    def read(name):
        rows = list(Delivery.objects.filter(event=name).order_by("id"))
        Delivery.objects.all().delete()
        for row in rows:
            assert row.payload["type"] == name
            assert MOMENT.fullmatch(row.payload["timestamp"])
            assert "unittest" not in json.dumps(row.payload)
        return [row.payload["data"] for row in rows]

    return read


@pytest.fixture
def visitor(world):
    return Actor.of_visitor(world.visitor)


@pytest.fixture
def chat(world, visitor):
    return starting.start(
        workspace=world.workspace, visitor=world.visitor, actor=visitor, custom_fields={"plan": "gold"}
    ).chat


def agent(row):
    return {"id": encode("agent", row.uid), "name": row.name, "is_bot": False}


def test_a_chat_is_created(told, chat, world):
    (data,) = told("chat.created")
    told_chat = data["chat"]
    assert MOMENT.fullmatch(told_chat.pop("created_at"))
    assert told_chat.pop("status") in ("active", "assigned")
    told_chat.pop("assigned_to")
    told_chat.pop("department")
    assert told_chat == {
        "id": encode("chat", chat.uid),
        "number": chat.ticket_no,
        "conversation_id": chat.conversation_uid.hex,
        "priority": "medium",
        "channel": "website",
        "visitor_id": encode("visitor", world.visitor.uid),
        "visitor_name": "Vera",
        "visitor_email": world.visitor.email,
        "custom_fields": {"plan": "gold"},
        "closed_at": None,
    }


def test_it_is_assigned_and_transferred(told, chat, world):
    owner = Actor.of_agent(world.owner)
    told("chat.assigned")
    assigning.assign(chat, world.admin, owner, reason="knows it")
    (data,) = told("chat.assigned")
    assert data["agent"] == agent(world.admin)
    assert data["by"] == agent(world.owner)
    assert data["reason"] == "knows it"
    assert (data["chat"]["status"], data["chat"]["assigned_to"]) == ("assigned", encode("agent", world.admin.uid))
    assigning.transfer(chat, owner, agent=world.supervisor, reason="shift ends")
    (data,) = told("chat.transferred")
    assert data["from_agent"] == agent(world.admin)
    assert data["to_agent"] == agent(world.supervisor)
    assert data["to_department"] is None
    assigning.transfer(chat, owner, department=world.sales)
    (data,) = told("chat.transferred")
    assert data["to_department"] == {
        "id": encode("department", world.sales.uid),
        "slug": "sales",
        "name": "Sales",
    }


def test_it_is_closed_and_rated(told, chat, world, visitor):
    lifecycle.close(chat, Actor.of_agent(world.owner), reason="solved")
    (data,) = told("chat.closed")
    assert data["chat"]["status"] == "closed"
    assert MOMENT.fullmatch(data["chat"]["closed_at"])
    assert (data["by"], data["reason"]) == (agent(world.owner), "solved")
    rating.rate(chat, visitor, 5, comment="thanks")
    (data,) = told("chat.rated")
    assert (data["rating"], data["comment"]) == (5, "thanks")


def test_messages_of_either_side_name_their_sender(told, chat, world, visitor):
    messages.post(chat, visitor, body="help", payload={"metadata": {"from": "shop"}})
    (data,) = told("message.sent")
    assert data["message"]["sender"] == {"type": "visitor", "id": encode("visitor", world.visitor.uid), "name": "Vera"}
    assert data["message"]["payload"] == {"metadata": {"from": "shop"}}
    messages.post(chat, Actor.of_agent(world.owner), body="of course")
    (data,) = told("message.sent")
    assert data["message"]["sender"] == {"type": "agent", "id": encode("agent", world.owner.uid), "name": "Olga"}
    messages.post(chat, Actor.of_workspace(world.workspace), body="we are closed on Sunday")
    (data,) = told("message.sent")
    assert data["message"]["sender"] == {"type": "system", "id": None, "name": ""}


def test_an_attachment_comes_with_an_address_that_can_be_loaded(told, chat, visitor, client, settings):
    file = files.store(chat, visitor, SimpleUploadedFile("hello.txt", b"hello"))
    messages.post(chat, visitor, kind="file", attachments=[file])
    (data,) = told("message.sent")
    (attachment,) = data["message"]["attachments"]
    url = attachment.pop("url")
    assert attachment == {
        "id": encode("file", file.uid),
        "type": "file",
        "name": "hello.txt",
        "content_type": file.content_type,
        "size": 5,
    }
    assert url.startswith(settings.PUBLIC_URL + "/files/")
    response = client.get(url.removeprefix(settings.PUBLIC_URL))
    assert b"".join(response.streaming_content) == b"hello"


def test_reading_is_told_once(told, chat, world, visitor):
    message = messages.post(chat, visitor, body="help")
    told("message.read")
    messages.mark_read(chat, Actor.of_agent(world.owner), message.seq)
    messages.mark_read(chat, Actor.of_agent(world.owner), message.seq)
    (data,) = told("message.read")
    assert MOMENT.fullmatch(data.pop("read_at"))
    assert data == {"chat_id": encode("chat", chat.uid), "reader": "agent", "seq": message.seq}


def test_an_agents_status_is_told(told, world):
    presence.set_status(world.operator, "away", message="lunch")
    (data,) = told("agent.status_changed")
    assert data == {"agent": {**agent(world.operator), "role": "operator", "status": "away", "status_message": "lunch"}}


def test_what_is_known_of_a_visitor_is_told_and_not_where_they_go(told, world, visitor):
    visitors.seen(world.visitor, page={"url": "https://shop.example.com/secret"})
    assert told("visitor.updated") == []
    visitors.update(world.visitor, visitor, phone="+84 123", custom_fields={"vip": True})
    (data,) = told("visitor.updated")
    told_visitor = data["visitor"]
    assert told_visitor["id"] == encode("visitor", world.visitor.uid)
    assert (told_visitor["phone"], told_visitor["custom_fields"]) == ("+84 123", {"vip": True})
    assert set(told_visitor) == {
        "id", "name", "email", "phone", "language", "customer_id", "verified", "custom_fields",
        "created_at", "updated_at",
    }  # fmt: skip


def test_no_integer_id_and_no_hidden_field_leaves(told, chat, world, visitor):
    """A canary: nothing of the team's own or of our tables' is in what is told of a whole chat."""
    messages.post(chat, Actor.of_agent(world.owner), kind="note", body="canary-note")
    messages.post(chat, visitor, body="hello")
    lifecycle.close(chat, Actor.of_agent(world.owner), note="canary-closing-note")
    everything = json.dumps([row.payload for row in Delivery.objects.all()])
    assert "canary" not in everything
    assert '"pk"' not in everything
    assert world.workspace.identity_secret is None or world.workspace.identity_secret not in everything
