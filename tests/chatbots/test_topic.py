"""A whole conversation on the broker, played by a client that knows the contract alone."""

import json

import pytest

from chat.access import Actor
from chat.models import Chat, Message
from chat.services import lifecycle, messages
from integrations.chatbots.models import SetAside

from .client import custom_id

pytestmark = pytest.mark.django_db(transaction=True)


def reply(topic, chat_id, text, **more):
    topic.say("send_event", {"chat_id": chat_id, "event": {"type": "message", "text": text, **more}})


def texts(chat):
    return list(Message.objects.filter(chat=chat).exclude(body="").order_by("seq").values_list("body", flat=True))


def test_a_bot_greets_answers_tags_and_hands_over(world, bot, begin, topic):
    chat = begin("Where is my parcel?")
    new = topic.until(lambda: topic.named("incoming_chat"))[0]["chat"]
    assert new["id"] == str(chat.conversation_uid)
    assert new["thread"]["id"] == str(chat.uid)
    assert new["thread"]["user_ids"] == [str(world.visitor.uid), str(bot.agent.uid)]
    assert [user["type"] for user in new["users"]] == ["customer", "agent"]
    asked = topic.until(lambda: topic.named("incoming_event"))[0]
    assert asked["thread_id"] == str(chat.uid)
    assert asked["event"]["text"] == "Where is my parcel?"
    assert asked["event"]["author_id"] == str(world.visitor.uid)
    assert topic.heard[0]["tenant_id"] == str(world.workspace.uid)
    assert topic.heard[0]["bot_id"] == str(bot.agent.uid)
    topic.say("send_typing_indicator", {"chat_id": new["id"], "is_typing": True})
    reply(topic, new["id"], "On its way.", custom_id=custom_id())
    topic.say("tag_thread", {"chat_id": new["id"], "thread_id": new["thread"]["id"], "tag": "parcel"})
    target = {"type": "group", "ids": [str(world.support.uid)]}
    topic.say("transfer_chat", {"id": new["id"], "target": target})
    moved = topic.until(lambda: topic.named("chat_transferred"))[0]
    assert moved["transferred_to"] == {
        "group_ids": [str(world.support.uid)],
        "agent_ids": [str(world.operator.uid)],
    }
    chat.refresh_from_db()
    assert chat.agent == world.operator
    assert texts(chat) == ["Where is my parcel?", "On its way."]
    assert list(chat.tags.values_list("name", flat=True)) == ["parcel"]
    assert chat.first_response_at is None, "a bot's answer is nobody's response"
    assert topic.named("error") == []
    own = [e for e in topic.named("incoming_event") if e["event"].get("text") == "On its way."]
    assert own == [], "no echo"


def test_an_action_with_an_id_is_done_once(world, begin, topic):
    chat = begin("Hello")
    new = topic.until(lambda: topic.named("incoming_chat"))[0]["chat"]
    same = custom_id()
    for _ in range(3):
        reply(topic, new["id"], "Hi", custom_id=same)
    reply(topic, new["id"], "Other words", custom_id=same)
    refused = topic.until(lambda: topic.named("error"))[0]
    assert refused["action"] == "send_event"
    assert refused["custom_id"] == same
    assert refused["error"]["type"] == "conflict"
    assert texts(chat) == ["Hello", "Hi"]


def test_what_cannot_be_read_is_set_aside_and_the_next_is_heard(world, bot, begin, topic):
    chat = begin("Hello")
    new = topic.until(lambda: topic.named("incoming_chat"))[0]["chat"]
    for garbage in (b"{", b"\xff\xfe", b"[]", b'{"action": 7}', b"[" * 100_000, b'"' + b"x" * 300_000 + b'"'):
        topic.say_raw(garbage)
    topic.say("dance", {"chat_id": new["id"]})
    reply(topic, new["id"], "Still here")
    topic.until(lambda: len(texts(chat)) == 2)
    assert SetAside.objects.filter(bot=bot).count() == 6
    assert [e["error"]["type"] for e in topic.until(lambda: topic.named("error"))] == ["invalid"]


def test_a_foreign_chat_is_answered_as_one_that_is_not(world, begin, topic):
    begin("Hello")
    elsewhere = Chat.objects.create(workspace=world.elsewhere, visitor=world.stranger, ticket_no=1)
    for chat_id in (str(elsewhere.conversation_uid), custom_id()):
        reply(topic, chat_id, "Hi")
    topic.until(lambda: len(topic.named("error")) == 2)
    assert topic.named("error")[0]["error"] == topic.named("error")[1]["error"]
    assert Message.objects.filter(chat=elsewhere).count() == 0


def test_the_queue_is_said_and_a_closed_chat_too(world, begin, topic):
    world.workspace.agents.update(lease_until=None)
    chat = begin("Hello")
    new = topic.until(lambda: topic.named("incoming_chat"))[0]["chat"]
    target = {"type": "group", "ids": [str(world.sales.uid)]}
    topic.say("transfer_chat", {"id": new["id"], "target": target, "custom_id": custom_id()})
    error = topic.until(lambda: topic.named("error"))[0]["error"]
    assert error["type"] == "nobody_available"
    topic.say("transfer_chat", {"id": new["id"], "target": target, "ignore_agents_availability": True})
    moved = topic.until(lambda: topic.named("chat_transferred"))[0]
    assert moved["queue"]["position"] == 1
    assert isinstance(moved["queue"]["wait_time"], int)
    assert moved["queue"]["queued_at_us"].endswith("Z")
    topic.say("deactivate_chat", {"id": new["id"], "ignore_requester_presence": False})
    topic.until(lambda: len(topic.named("error")) == 2)
    topic.say("deactivate_chat", {"id": new["id"], "ignore_requester_presence": True})
    topic.until(lambda: Chat.objects.get(pk=chat.pk).status == "closed")


def test_who_ended_the_chat_is_said(world, begin, topic):
    chat = begin("Hello")
    topic.until(lambda: topic.named("incoming_chat"))
    lifecycle.close(chat, Actor.of_visitor(world.visitor))
    ended = topic.until(lambda: topic.named("chat_deactivated"))[0]
    assert ended == {
        "chat_id": str(chat.conversation_uid),
        "thread_id": str(chat.uid),
        "user_id": str(world.visitor.uid),
    }


def test_files_come_and_go(world, begin, topic):
    chat = begin("Hello")
    new = topic.until(lambda: topic.named("incoming_chat"))[0]["chat"]
    url = "https://cdn.example.com/guide.pdf"
    topic.say("send_event", {"chat_id": new["id"], "event": {"type": "file", "url": url}})
    topic.say("send_event", {"chat_id": new["id"], "event": {"type": "file", "url": "javascript:alert(1)"}})
    topic.until(lambda: topic.named("error"))
    assert [a.external_url for a in chat.attachments.all()] == [url]


def test_what_happened_while_nobody_listened_comes_in_order(world, bot, begin, topic, parley):
    chat = begin()
    topic.until(lambda: topic.named("incoming_chat"))
    parley.stop()
    for number in range(60):
        messages.post(chat, Actor.of_visitor(world.visitor), body=str(number))
    parley.start()
    topic.until(lambda: len(topic.named("incoming_event")) >= 60)
    assert [e["event"]["text"] for e in topic.named("incoming_event")] == [str(n) for n in range(60)]
    assert json.dumps(topic.heard).count(bot.client_secret) == 0
