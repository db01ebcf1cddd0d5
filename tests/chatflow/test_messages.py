"""POST /v1/chats/{chat_id}/messages."""

import pytest

from agents.ids import encode
from agents.models import Agent
from chat.access import Actor
from chat.models import Attachment, Chat, Message
from chat.services import assigning, lifecycle

pytestmark = pytest.mark.django_db


def agent_id(agent):
    return encode("agent", agent.uid)


@pytest.fixture
def assigned(world, chat):
    return assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))


def test_a_message_is_as_documented(world, server, path, assigned):
    answer = server.post(f"{path}/messages", {"text": "Salom!"})
    assert answer.status == 201
    message = Message.objects.get(kind="text", agent=world.operator)
    documented = {name: answer.body[name] for name in ("id", "chat_id", "text", "sender", "created_at")}
    assert documented == {
        "id": encode("msg", message.uid),
        "chat_id": encode("chat", assigned.uid),
        "text": "Salom!",
        "sender": {"type": "agent", "id": agent_id(world.operator), "name": "Otto"},
        "created_at": message.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def test_who_writes(world, server, otto, sue, path, chat):
    """Nobody's chat: the workspace. Named: that agent. A token: its agent, and nobody else."""
    assert server.post(f"{path}/messages", {"text": "1"}).body["sender"]["type"] == "system"
    named = server.post(f"{path}/messages", {"text": "2", "agent_id": agent_id(world.supervisor)})
    assert named.body["sender"] == {"type": "agent", "id": agent_id(world.supervisor), "name": "Sue"}
    assert Chat.objects.get(pk=chat.pk).agent == world.supervisor, "who answers has it"
    assert server.post(f"{path}/messages", {"text": "3"}).body["sender"]["name"] == "Sue"
    assert otto.post(f"{path}/messages", {"text": "4"}).body["sender"]["name"] == "Otto"
    answer = otto.post(f"{path}/messages", {"text": "5", "agent_id": agent_id(world.supervisor)})
    assert (answer.status, answer.code) == (403, "AUTH-003")
    assert otto.post(f"{path}/messages", {"text": "6", "agent_id": agent_id(world.operator)}).status == 201


@pytest.mark.parametrize("who", ["outsider", "gone"])
def test_an_agent_of_elsewhere_or_gone_writes_nothing(world, server, path, who):
    Agent.objects.filter(pk=world.teammate.pk).update(is_active=False)
    sender = world.outsider if who == "outsider" else world.teammate
    answer = server.post(f"{path}/messages", {"text": "x", "agent_id": agent_id(sender)})
    assert (answer.status, answer.code, list(answer.details)) == (404, "AGENT-001", ["agent_id"])
    assert Message.objects.count() == 1


def test_a_file_that_is_linked_comes_with_the_message(server, path, assigned):
    url = "https://cdn.chatflow.uz/files/abc123.jpg"
    answer = server.post(f"{path}/messages", {"text": "Look", "attachments": [{"type": "image", "url": url}]})
    assert answer.status == 201
    (shown,) = answer.body["attachments"]
    assert (shown["url"], shown["name"]) == (url, "abc123.jpg")
    alone = server.post(f"{path}/messages", {"attachments": [{"type": "file", "url": url}]})
    assert (alone.status, alone.body["type"]) == (201, "file")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "  "}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "x", "attachments": {}}, "attachments"),
        ({"text": "x", "attachments": [{}]}, "attachments.0.url"),
        ({"text": "x", "attachments": ["x"]}, "attachments.0"),
        ({"text": "x", "attachments": [{"type": "video", "url": "https://a.example/b"}]}, "attachments.0.type"),
        ({"text": "x", "attachments": [{"url": "javascript:alert(1)"}]}, "attachments.0.url"),
        ({"text": "x", "attachments": [{"file_id": "file_" + "0" * 32}]}, "attachments.0"),
        ({"text": "x", "attachments": [{"url": "https://a.example/b"}] * 11}, "attachments"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name_and_stores_nothing(server, path, body, field):
    answer = server.post(f"{path}/messages", body)
    assert (answer.status, answer.code) == (400, "VAL-001")
    assert next(iter(answer.details)) == field
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 0)


def test_a_closed_chat_takes_no_message(world, server, path, chat):
    lifecycle.close(chat, Actor.of_workspace(world.workspace))
    answer = server.post(f"{path}/messages", {"text": "x", "attachments": [{"url": "https://a.example/b"}]})
    assert (answer.status, answer.code) == (409, "CHAT-002")
    assert not Attachment.objects.exists()


def test_a_resend_is_one_message_and_other_content_a_conflict(server, path, assigned):
    body = {"text": "Once", "client_message_id": "m-1", "attachments": [{"url": "https://a.example/b.pdf"}]}
    first, again = server.post(f"{path}/messages", body), server.post(f"{path}/messages", body)
    assert (first.status, again.status, first.body["id"]) == (201, 201, again.body["id"])
    assert Attachment.objects.count() == 1
    other = server.post(f"{path}/messages", {**body, "text": "Twice"})
    assert (other.status, other.code) == (409, "CHAT-003")


def test_who_is_full_cannot_take_a_waiting_chat_by_answering(world, server, path, chat):
    Agent.objects.filter(pk=world.operator.pk).update(max_chats=0)
    answer = server.post(f"{path}/messages", {"text": "Hi", "agent_id": agent_id(world.operator)})
    assert (answer.status, answer.code) == (409, "AGENT-003")
