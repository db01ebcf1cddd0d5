"""Bots as members: who greets, who is bypassed, and what stops one that talks without end."""

import itertools
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.access import Actor
from chat.inbox.sentences import event_sentence
from chat.models import Assignment, Chat, Message
from chat.services import messages
from config.demo.factories import WidgetFactory
from integrations.bots import services
from integrations.chatbots import actions, mapping, requests
from integrations.chatbots.models import Action, SetAside
from integrations.setting_up import create_bot
from integrations.webhooks.models import Delivery, Subscription

from .client import custom_id

pytestmark = pytest.mark.django_db


def owed(bot):
    return list(Delivery.objects.filter(subscription=bot.line).order_by("id").values_list("event", flat=True))


def say(bot, action, payload, **more):
    return actions.take(bot, json.dumps({"action": action, "payload": payload, **more}).encode())


def words(chat, text="Hi", **more):
    return {"chat_id": str(chat.conversation_uid), "event": {"type": "message", "text": text, **more}}


def late(chat, seconds=31):
    past = timezone.now() - timedelta(seconds=seconds)
    Chat.objects.filter(pk=chat.pk).update(last_message_at=past)
    Assignment.objects.filter(chat=chat).update(started_at=past)
    Message.objects.filter(chat=chat).update(created_at=past)


def test_a_bot_without_a_place_greets_chats_without_a_department(world, bot, begin):
    assert begin().agent == bot.agent
    assert begin(visitor=world.other_visitor, department=world.support).agent != bot.agent


def test_a_departments_bot_greets_there_and_a_widgets_bot_before_it(world, begin):
    there = create_bot(world.workspace, "there", departments=[world.support])
    widget = WidgetFactory(workspace=world.workspace)
    here = create_bot(world.workspace, "here")
    here.widgets.add(widget)
    assert begin(department=world.support).agent == there.agent
    chat = begin(visitor=world.other_visitor, department=world.support, widget_uid=widget.uid)
    assert chat.agent == here.agent


def test_a_bot_that_is_off_or_does_not_greet_gets_nothing(world, bot, begin):
    bot.greets = False
    bot.save()
    assert begin().agent != bot.agent
    assert owed(bot) == []


def test_a_silent_bot_is_bypassed_and_the_team_sees_why(world, bot, begin):
    chat = begin("Hello")
    assert services.watch() == 0
    late(chat)
    assert services.watch() == 1
    assert owed(bot) == ["incoming_chat", "incoming_event", "chat_transferred"]
    line = Message.objects.filter(chat=chat, payload__event="transferred").get()
    assert event_sentence(line.payload) == f"{bot.name} did not answer in time, the chat went to the queue"


def test_a_bot_that_answered_may_wait_for_the_visitor(world, bot, begin):
    chat = begin("Hello")
    assert say(bot, "send_event", words(chat)) is None
    late(chat)
    assert services.watch() == 0
    messages.post(chat, Actor.of_visitor(world.visitor), body="And?")
    late(chat)
    assert services.watch() == 1


def test_a_bot_that_is_switched_off_keeps_no_chat(world, bot, begin):
    chat = begin("Hello")
    bot.agent.is_active = False
    bot.agent.save()
    assert services.watch() == 1
    chat.refresh_from_db()
    assert chat.agent != bot.agent
    assert say(bot, "send_event", words(chat)).code == "not_allowed"


def test_a_bot_that_talks_without_end_loses_the_chat(world, bot, begin):
    chat = begin("Hello")
    for number in range(services.MOST_IN_A_ROW):
        assert say(bot, "send_event", words(chat, str(number))) is None
    assert say(bot, "send_event", words(chat, "and on")).code == "budget"
    chat.refresh_from_db()
    assert chat.agent != bot.agent
    assert owed(bot)[-2:] == ["chat_transferred", "error"]


def test_two_bots_cannot_pass_a_chat_round_for_ever(world, bot, begin):
    other = create_bot(world.workspace, "other")
    chat = begin("Hello")
    pair = [bot, other] * 10
    codes = [
        say(giver, "transfer_chat", {"id": str(chat.conversation_uid), "target": {"type": "agent", "ids": [taker]}})
        for giver, taker in ((g, str(t.agent.uid)) for g, t in itertools.pairwise(pair))
    ]
    assert codes[8] is None
    assert codes[9].code == "too_many_bots"


def test_what_is_refused_may_be_tried_again_under_its_id(world, bot, begin):
    chat = begin("Hello")
    payload = {"id": str(chat.conversation_uid), "custom_id": custom_id()}
    payload["target"] = {"type": "agent", "ids": [str(world.operator.uid)]}
    world.operator.lease_until = None
    world.operator.save()
    assert say(bot, "transfer_chat", payload).code == "nobody_available"
    world.operator.lease_until = timezone.now() + timedelta(hours=1)
    world.operator.save()
    assert say(bot, "transfer_chat", payload) is None
    assert say(bot, "transfer_chat", payload) is None, "done before"
    assert Assignment.objects.filter(chat=chat, agent=world.operator).count() == 1


def test_a_redelivery_without_an_id_is_known_by_its_content(world, bot, begin):
    chat = begin("Hello")
    raw = json.dumps({"action": "send_event", "payload": words(chat)}).encode()
    actions.take(bot, raw)
    actions.take(bot, raw, redelivered=True)
    assert Message.objects.filter(chat=chat, body="Hi").count() == 1
    actions.take(bot, raw)
    assert Message.objects.filter(chat=chat, body="Hi").count() == 2, "the same words said again are no repetition"


@pytest.mark.parametrize("wrong", [{"tenant_id": "x"}, {"bot_id": "0"}])
def test_another_tenant_or_bot_is_refused(world, bot, begin, wrong):
    chat = begin("Hello")
    assert say(bot, "send_event", words(chat), **wrong).code == "invalid"
    assert not Message.objects.filter(chat=chat, body="Hi").exists()


def test_a_bots_line_is_no_webhook(world, bot):
    assert not Subscription.objects.exists()
    assert Subscription.every.get() == bot.line
    assert not world.workspace.subscriptions.exists()


def test_a_bot_does_not_hear_its_own_words_nor_notes(world, bot, begin):
    chat = begin("Hello")
    say(bot, "send_event", words(chat))
    messages.post(chat, Actor.of_agent(world.owner), kind="note", body="a note")
    messages.post(chat, Actor.of_agent(world.owner), body="a person")
    heard = Delivery.objects.filter(event=mapping.INCOMING_EVENT).order_by("id")
    assert [d.payload["payload"]["event"]["text"] for d in heard] == ["Hello", "a person"]
    assert Action.objects.count() == 1


def test_a_bot_gets_a_messages_metadata_as_it_was_sent(world, bot, begin):
    chat = begin()
    metadata = {"commandType": "order_lookup", "value": {"order": ["ORD-1", 2, None]}}
    messages.post(chat, Actor.of_visitor(chat.visitor), body="Where is it?", payload={"metadata": metadata})
    said = Delivery.objects.filter(subscription=bot.line, event="incoming_event").last()
    assert said.payload["payload"]["event"]["metadata"] == metadata


def test_a_silent_bot_is_bypassed_though_the_visitor_keeps_writing(world, bot, begin):
    chat = begin("Hello")
    late(chat)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Anybody there?")
    assert services.watch() == 1


def test_an_answer_pays_for_all_that_came_before_it(world, bot, begin):
    chat = begin("Hello")
    messages.post(chat, Actor.of_visitor(world.visitor), body="Anybody there?")
    assert say(bot, "send_event", words(chat)) is None
    late(chat)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Thank you")
    assert services.watch() == 0


@pytest.mark.parametrize(
    "raw",
    [
        '{"action": "da\\u0000nce", "payload": {}}',
        '{"action": "da\\ud800nce", "payload": {}}',
        '{"action": "send_event", "payload": {"chat_id": "\\u0000"}}',
        '{"action": "send_event", "payload": {"chat_id": "\\ud800", "custom_id": "\\ud800"}}',
        '{"action": "tag_thread", "payload": [1]}',
    ],
)
def test_characters_that_no_database_keeps_are_refused(bot, raw):
    assert actions.take(bot, raw.encode()).code == "invalid"


def test_the_team_reads_what_the_bot_did_and_why(world, bot, begin):
    chat = begin("Hello")
    here, there = str(chat.conversation_uid), {"type": "group", "ids": [str(world.support.uid)]}
    assert say(bot, "tag_thread", {"chat_id": here, "tag": "refund"}) is None
    waits = {"id": here, "target": there, "ignore_agents_availability": True, "reason": "wants a person"}
    world.operator.lease_until = None
    world.operator.save()
    assert say(bot, "transfer_chat", waits) is None
    assert say(bot, "deactivate_chat", {"id": here, "ignore_requester_presence": True, "reason": "spam"}) is None
    told = [event_sentence(line.payload) for line in Message.objects.filter(chat=chat, kind="event").order_by("seq")]
    assert told == [
        f"The chat was given to {bot.name}",
        f"{bot.name} tagged the chat “refund”",
        f"{bot.name} transferred the chat to Support: wants a person",
        f"{bot.name} closed the chat: spam",
    ]


def test_an_answer_that_comes_while_the_watch_looks_keeps_the_chat(world, bot, begin, monkeypatch):
    chat = begin("Hello")
    late(chat)
    real = services.overdue

    def answered_after_the_first_look(*args):
        found = real(*args)
        if found:
            assert say(bot, "send_event", words(chat, custom_id=custom_id())) is None
        return found

    monkeypatch.setattr(services, "overdue", answered_after_the_first_look)
    assert services.watch() == 0
    chat.refresh_from_db()
    assert chat.agent == bot.agent


def test_an_action_that_is_too_large_is_set_aside_though_it_could_be_read(world, bot, begin):
    payload = words(begin("Hello"))
    assert say(bot, "send_event", {**payload, "padding": "x" * requests.LARGEST}).code == "invalid"
    assert SetAside.objects.filter(bot=bot).count() == 1
    assert not Message.objects.filter(agent=bot.agent).exclude(kind="event").exists()
