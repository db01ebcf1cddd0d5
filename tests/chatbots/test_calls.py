"""The signed calls and the HTTP transport."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from chat.access import Actor
from chat.models import Message
from chat.services import lifecycle, messages
from integrations.setting_up import create_bot
from integrations.webhooks import relay

from .client import custom_id

pytestmark = pytest.mark.django_db


def test_who_takes_chats(world, call):
    world.teammate.status = "busy"
    world.teammate.save()
    world.admin.lease_until = None
    world.admin.save()
    answer = call("list_routing_statuses")
    assert answer.status_code == 200
    by_agent = {row["agent_id"]: row["status"] for row in answer.json()}
    assert by_agent[str(world.operator.uid)] == "accepting_chats"
    assert by_agent[str(world.teammate.uid)] == "not_accepting_chats"
    assert by_agent[str(world.admin.uid)] == "offline"
    assert str(world.outsider.uid) not in by_agent
    asked = {"filter": {"group_ids": [str(world.support.uid)]}}
    assert [row["agent_id"] for row in call("list_routing_statuses", asked).json()] == [str(world.operator.uid)]
    assert len(call("list_routing_statuses", {"filter": {"group_ids": []}}).json()) == 5


def test_a_chat_to_the_letter_with_its_threads_chained(world, bot, begin, call):
    first = begin("Hello", department=None)
    lifecycle.close(first, Actor.of_visitor(world.visitor))
    second = begin("Hello again")
    got = call("get_chat", {"chat_id": str(second.conversation_uid), "thread_id": ""}).json()
    assert set(got) == {
        "id", "thread", "access", "active", "previous_thread_id", "next_thread_id", "users",
    }  # fmt: skip
    assert got["id"] == str(second.conversation_uid)
    assert got["thread"]["id"] == str(second.uid)
    assert got["previous_thread_id"] == got["thread"]["previous_thread_id"] == str(first.uid)
    assert got["next_thread_id"] is None
    assert got["active"] is True
    assert got["access"] == got["thread"]["access"] == {"group_ids": []}
    assert [user["type"] for user in got["users"]] == ["customer", "agent"]
    assert got["users"][1]["routing_status"] == "available"
    older = call("get_chat", {"chat_id": str(first.conversation_uid), "thread_id": str(first.uid)}).json()
    assert older["next_thread_id"] == str(second.uid)
    assert older["active"] is False


def test_base64_is_a_signature_too(call, bot):
    digest = hmac.new(bot.client_secret.encode(), b"", hashlib.sha256).digest()
    assert call("list_routing_statuses", **{"x-signature": base64.b64encode(digest).decode()}).status_code == 200


def test_a_time_is_believed_for_five_minutes(call):
    now = int(time.time())
    for good in (now, now - 290, now * 1000):
        assert call("list_routing_statuses", **{"x-timestamp": str(good)}).status_code == 200
    for bad in (now - 310, now + 310, "yesterday", "-1", ""):
        answer = call("list_routing_statuses", **{"x-timestamp": str(bad)})
        assert answer.status_code == 401
        assert "x-timestamp" in answer.json()["error"]["message"]
    guess = call("list_routing_statuses", **{"x-timestamp": str(now - 310), "x-signature": "0" * 64})
    assert "x-timestamp" not in guess.json()["error"]["message"]


WRONG = {
    "no signature": {"x-signature": ""},
    "another signature": {"x-signature": "0" * 64},
    "no signature in ascii": {"x-signature": "ä" * 64},
    "another client": {"x-client-id": "nobody"},
    "no bot": {"x-bot-id": ""},
    "another bot": {"x-bot-id": "00000000-0000-0000-0000-000000000000"},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("name", ["list_routing_statuses", "get_chat", "actions"])
def test_a_wrong_signature_is_refused(call, name, headers):
    answer = call(name, {}, **headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "unauthorized"


def test_a_signature_is_of_this_body_and_this_bot(world, call, bot):
    other = create_bot(world.workspace, "other")
    assert call("list_routing_statuses", secret=other.client_secret).status_code == 401
    assert call("list_routing_statuses", **{"x-bot-id": str(other.agent.uid)}).status_code == 401
    bot.agent.is_active = False
    bot.agent.save()
    assert call("list_routing_statuses").status_code == 401


def test_a_foreign_chat_is_answered_as_nothing(world, begin, call):
    chat = begin("Hello")
    stranger = create_bot(world.elsewhere, "stranger")
    theirs = call("get_chat", {"chat_id": str(chat.conversation_uid)}, by=stranger)
    nothing = call("get_chat", {"chat_id": custom_id()}, by=stranger)
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json() == nothing.json()


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b'{"chat_id": 7}', b"{}", b"[" * 100_000])
def test_a_body_that_is_wrong_is_a_400(call, raw):
    answer = call("get_chat", raw=raw)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_an_action_over_http_is_done_once_and_refused_with_a_reason(world, begin, call):
    chat = begin("Hello")
    event = {"type": "message", "text": "Hi", "custom_id": custom_id()}
    body = {"action": "send_event", "payload": {"chat_id": str(chat.conversation_uid), "event": event}}
    assert [call("actions", body).status_code for _ in range(3)] == [200, 200, 200]
    assert Message.objects.filter(chat=chat, body="Hi").count() == 1
    event["text"] = "Other"
    assert call("actions", body).status_code == 409
    assert call("actions", {"action": "dance", "payload": {}}).json()["error"]["errors"][0]["field"] == "action"
    assert call("actions", raw=b"{").status_code == 400
    lifecycle.close(chat, Actor.of_visitor(world.visitor))
    event["custom_id"] = custom_id()
    assert call("actions", body).json()["error"]["type"] == "ended"


@pytest.mark.django_db(transaction=True)
def test_a_bot_over_http_gets_its_events_signed_and_in_order(world, begin, receiver):
    bot = create_bot(world.workspace, "caller", transport="http", url=receiver.url)
    chat = begin("0")
    for number in range(1, 12):
        messages.post(chat, Actor.of_visitor(world.visitor), body=str(number))
    relay.run_once()
    got = [json.loads(request.body) for request in receiver.received]
    assert got[0]["action"] == "incoming_chat"
    assert [g["payload"]["event"]["text"] for g in got[1:]] == [str(number) for number in range(12)]
    for request in receiver.received:
        signature = hmac.new(bot.client_secret.encode(), request.body, hashlib.sha256).hexdigest()
        assert request.headers["x-signature"] == signature
        assert request.headers["x-client-id"] == bot.client_id
        assert request.headers["x-bot-id"] == str(bot.agent.uid)
