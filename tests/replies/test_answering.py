"""An assistant that answers: real sockets, a real model server, a real runner; and every way to a person."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.access import Actor
from chat.inbox.sentences import event_sentence
from chat.models import Chat, Message
from chat.realtime import hub
from chat.services import assigning, lifecycle, messages, starting
from config.demo.factories import DepartmentFactory, VisitorFactory, WidgetFactory
from integrations.replies import outbox, services, turns
from integrations.replies.models import Assistant, Turn
from integrations.setting_up import create_bot

from . import model as talk
from .conftest import agent_of, heard, until

pytestmark = pytest.mark.django_db(transaction=True)


def done(chat, number=1):
    return until(lambda: (t := list(Turn.objects.filter(chat=chat, done_at__isnull=False))) and len(t) >= number and t)


def handed_over(chat):
    """Wait for it, and return the sentence that the team reads."""
    line = until(lambda: Message.objects.filter(chat=chat, payload__event="transferred").first())
    return event_sentence(line.payload)


def test_a_visitor_is_answered_from_the_saved_answers(world, assistant, model, begin, replies):
    model.usual = talk.says("Within 30 days.")
    replies.start()
    chat = begin("How do returns work?")
    turn = done(chat)[0]
    assert heard(chat) == ["Within 30 days."]
    assert (turn.outcome, turn.sources, turn.confidence, turn.tokens) == ("answered", ["Returns"], 90, 100)
    assert turn.message.author_kind == "bot" and turn.message.agent == assistant.agent
    assert turn.message.kind == "text" and turn.message.payload == {}
    assert model.paths == ["/v1/chat/completions"]
    assert model.headers[0]["authorization"] == "Bearer key-of-the-provider"
    asked = model.asked[0]
    assert asked["stream"] is True and asked["model"] == "small"
    assert asked["messages"][-1] == {"role": "user", "content": "How do returns work?"}
    assert "Goods come back within 30 days." in asked["messages"][0]["content"]


def test_its_answers_never_count_as_a_persons(world, assistant, model, begin, replies):
    replies.start()
    chat = begin("Hello?")
    done(chat)
    chat.refresh_from_db()
    assert chat.first_response_at is None and chat.first_assigned_at is None and chat.response_turns == 0
    assert chat.unanswered_since is not None


def test_the_visitor_sees_that_it_writes(world, assistant, model, begin, replies, monkeypatch):
    frames = []
    monkeypatch.setattr(hub, "publish", lambda workspace, topics, data, **more: frames.append((topics, data)))
    model.usual = talk.says("Slowly.", pause=0.1)
    replies.start()
    chat = begin("Hello?")
    done(chat)
    replies.stop()
    seen = [d["on"] for topics, d in frames if d["type"] == "typing" and f"chat:{chat.pk}:visitor" in topics]
    assert seen[0] is True and seen.count(True) >= 2 and seen[-1] is False


def test_what_is_written_meanwhile_is_one_further_turn_and_never_two_calls_at_once(
    world, assistant, model, begin, say, replies
):
    model.talks = [talk.says("First.", first=1)]
    model.usual = talk.says("Second.")
    replies.start()
    chat = begin("One")
    until(lambda: model.asked)
    for text in ("Two", "Three", "Four"):
        say(chat, text)
    assert Turn.objects.filter(chat=chat).count() == 1
    done(chat, 2)
    time.sleep(0.5)
    assert heard(chat) == ["First.", "Second."]
    assert len(model.asked) == 2 and model.most == 1
    assert [m["content"] for m in model.asked[1]["messages"][1:]] == ["One", "First.", "Two", "Three", "Four"]


def test_chats_do_not_wait_for_each_other(world, assistant, model, begin, replies):
    model.talks = [talk.hangs]
    replies.start()
    slow = begin("One")
    until(lambda: model.asked)
    quick = begin("Two", visitor=world.other_visitor)
    done(quick)
    assert heard(quick) and not heard(slow)
    Assistant.objects.update(enabled=False)


@pytest.mark.parametrize(
    "words",
    [
        "I want to talk to a human please", "HUMAN", "Cho tôi gặp nhân viên", "cho toi gap nhan vien voi",
        "Operator bilan gaplashmoqchiman", "give me the Boss now",
    ],
)  # fmt: skip
def test_who_asks_for_a_person_gets_one_and_no_model_is_asked(world, assistant, model, begin, replies, words):
    assistant.handover_words = ["the boss"]
    assistant.save()
    replies.start()
    chat = begin(words)
    assert handed_over(chat) == "Robin handed over: the visitor wants a person"
    until(lambda: agent_of(chat) and not agent_of(chat).is_bot)
    assert not model.asked and heard(chat) == []


@pytest.mark.parametrize(
    ("answer", "sentence", "said"),
    [
        (talk.says("Maybe?", confidence=0.2), "Robin handed over: it was not sure of an answer", []),
        (talk.says("Maybe?", confidence="low"), "Robin handed over: it was not sure of an answer", []),
        (talk.says(""), "Robin handed over: it was not sure of an answer", []),
        (talk.says("One moment.", handover=True), "Robin handed over: the visitor wants a person", ["One moment."]),
        (talk.streams("[HANDOVER]"), "Robin handed over: the visitor wants a person", []),
    ],
)
def test_a_model_that_is_unsure_or_calls_a_person_hands_over(
    world, assistant, model, begin, replies, answer, sentence, said
):
    model.usual = answer
    replies.start()
    chat = begin("Is it so?")
    assert handed_over(chat) == sentence
    assert heard(chat) == said


BAD = {
    "429": talk.fails(429, '{"error": "slow down"}', retry_after="5"),
    "500": talk.fails(500),
    "401 that repeats the key": talk.fails(401, "Incorrect key key-of-the-provider"),
    "a redirect": talk.fails(307, location="http://127.0.0.1:1/"),
    "no JSON": talk.sends("{{{"),
    "no object": talk.sends("[1, 2]"),
    "an error in the stream": talk.sends({"error": {"message": "overloaded"}}),
    "broken off": talk.streams('{"answer": "Half', end=False),
    "broken JSON of the answer": talk.streams('{"answer": "Half'),
    "an answer that is no text": talk.streams('{"answer": {"html": "<b>"}}'),
    "cut by length": talk.sends({"choices": [{"delta": {"content": "x"}, "finish_reason": "length"}]}),
    "endless": talk.floods,
    "an endless line": talk.floods_without_a_line,
    "too long to say": talk.says("x" * 5000, piece=500),
    "deep JSON": talk.sends("[" * 100_000),
    "html": lambda http, asked: (http.begin("text/html"), http.wfile.write(b"<html>" * 1000)),
    "nothing": talk.sends(),
}


@pytest.mark.parametrize("how", BAD)
def test_a_provider_that_fails_hands_over_with_the_reason(world, assistant, model, begin, replies, how):
    model.usual = BAD[how]
    replies.start()
    chat = begin("Hello?")
    assert handed_over(chat) == "Robin handed over: its provider failed"
    turn = done(chat)[0]
    assert (turn.outcome, turn.reason) == ("failed", "reply_failed") and turn.detail
    assert "key-of-the-provider" not in turn.detail
    note = Message.objects.get(chat=chat, kind="note")
    assert note.body.startswith("No automated reply: ") and not note.public
    assert heard(chat) == []


@pytest.mark.parametrize("answer", [talk.hangs, talk.streams("x" * 500, pause=0.2)])
def test_the_deadline_holds_for_the_whole_turn(world, assistant, model, begin, replies, answer):
    assistant.deadline_seconds = 2
    assistant.save()
    model.usual = answer
    replies.start()
    started = time.monotonic()
    chat = begin("Hello?")
    assert handed_over(chat) == "Robin did not answer in time, the chat went to the queue"
    assert 1.5 < time.monotonic() - started < 5
    assert heard(chat) == []


def test_the_budget_of_turns_ends_with_a_person(world, assistant, model, begin, say, replies):
    assistant.turns_per_chat = 1
    assistant.save()
    replies.start()
    chat = begin("One?")
    done(chat)
    say(chat, "Two?")
    assert handed_over(chat) == "Robin handed over: it has answered as often as it may"
    assert len(model.asked) == 1


def test_the_budget_of_tokens_is_for_all_chats(world, assistant, model, begin, replies):
    assistant.tokens_per_day = 100
    assistant.save()
    replies.start()
    done(begin("One?"))
    assert "as often as it may" in handed_over(begin("Two?", visitor=world.other_visitor))
    assert len(model.asked) == 1


def test_a_provider_that_keeps_failing_is_left_alone_and_people_get_the_chats(world, assistant, model, begin, replies):
    model.usual = talk.fails(503)
    replies.start()
    for _ in range(services.QUIET_AFTER):
        chat = begin("Hello?")
        handed_over(chat)
        done(chat)
        lifecycle.close(Chat.objects.get(pk=chat.pk), Actor.system(world.workspace.pk))
    until(lambda: Assistant.objects.get().is_quiet())
    asked = len(model.asked)
    chat = begin("Hello?")
    assert agent_of(chat) is None or not agent_of(chat).is_bot
    Assistant.objects.update(quiet_until=timezone.now() - timedelta(seconds=1))
    model.usual = talk.says("Well again.")
    chat = begin("Hello?", visitor=world.other_visitor)
    done(chat)
    assert heard(chat) == ["Well again."] and len(model.asked) == asked + 1
    until(lambda: Assistant.objects.get().failures == 0)


@pytest.mark.parametrize(
    "answer",
    [talk.streams("Within 30 days."), talk.whole('{"answer": "Within 30 days."}'),
     talk.streams('```json\n{"answer": "Within 30 days.", "confidence": 1}\n```'),
     talk.streams('<think>{"answer": "no"}</think>{"answer": "Within 30 days."}')],
)  # fmt: skip
def test_plain_text_and_servers_that_do_not_stream_are_understood(world, assistant, model, begin, replies, answer):
    model.usual = answer
    replies.start()
    chat = begin("Returns?")
    done(chat)
    assert heard(chat) == ["Within 30 days."]


def test_a_private_address_is_not_reached(world, assistant, model, begin, replies, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    replies.start()
    chat = begin("Hello?")
    handed_over(chat)
    assert not model.asked
    assert "not a public address" in done(chat)[0].detail


def test_who_is_handed_over_is_not_answered_any_more(world, assistant, model, begin, replies):
    model.usual = talk.says("Too late.", first=1)
    replies.start()
    chat = begin("Hello?")
    until(lambda: model.asked)
    assigning.transfer(Chat.objects.get(pk=chat.pk), Actor.of_agent(world.owner), agent=world.operator, reason="mine")
    assert done(chat)[0].outcome == "nothing"
    assert heard(chat) == []


def test_a_chat_that_is_given_to_it_with_an_open_question_is_answered(world, assistant, model, begin, replies):
    assistant.departments.add(DepartmentFactory(workspace=world.workspace))
    chat = begin("Hello?")
    assert agent_of(chat) != assistant.agent
    replies.start()
    assigning.transfer(Chat.objects.get(pk=chat.pk), Actor.of_agent(world.owner), agent=assistant.agent)
    done(chat)
    assert heard(chat) == ["It depends."]


def test_a_chat_that_ends_meanwhile_gets_no_answer(world, assistant, model, begin, replies):
    model.usual = talk.says("Too late.", first=1)
    replies.start()
    chat = begin("Hello?")
    until(lambda: model.asked)
    lifecycle.close(Chat.objects.get(pk=chat.pk), Actor.of_visitor(world.visitor))
    assert done(chat)[0].outcome == "nothing"
    assert heard(chat) == []


def test_a_process_that_dies_loses_nothing_and_doubles_nothing(world, assistant, model, begin, replies):
    """Its lease runs out; the next one does the same turn, under the same client id."""
    chat = begin("Hello?")
    turn_id = turns.due(10)[0][0]
    dead = turns.begin(turn_id, 0.5)
    assert dead and dead.call and turns.begin(turn_id, 0.5) is None, "one at a time"
    replies.start()
    turn = done(chat)[0]
    assert heard(chat) == ["It depends."] and turn.message.client_id == turn.client_id
    late = turns.Verdict(turns.Outcome.ANSWERED, text="From the grave.")
    assert turns.settle(dead, late) is None
    assert heard(chat) == ["It depends."]


def test_without_any_process_the_visitor_still_gets_a_person(world, assistant, begin):
    chat = begin("Hello?")
    assert services.watch() == 0
    assert services.watch(timezone.now() + timedelta(seconds=assistant.deadline_seconds + 1)) == 0
    assert services.watch(timezone.now() + timedelta(seconds=assistant.deadline_seconds + 5)) == 1
    assert "did not answer in time" in handed_over(chat)


def test_a_visitor_who_has_not_said_a_word_yet_is_waited_for(world, assistant, begin):
    chat = begin()
    assert services.watch(timezone.now() + timedelta(hours=1)) == 0
    assert agent_of(chat) == assistant.agent


def test_switched_off_it_keeps_no_chat_and_gets_none(world, assistant, begin):
    chat = begin("Hello?")
    assistant.enabled = False
    services.keep(assistant)
    assert services.watch() == 1
    assert "was switched off" in handed_over(chat)
    assert agent_of(begin("Hello?", visitor=world.other_visitor)) != assistant.agent


def test_it_serves_its_widgets_and_departments_and_chatbots_go_before_it(world, assistant, begin):
    widget = WidgetFactory(workspace=world.workspace)
    assistant.widgets.add(widget)
    assistant.departments.add(world.support)
    assert agent_of(begin("Hello?")) != assistant.agent
    chat = begin(visitor=world.other_visitor, department=world.support)
    assert agent_of(chat) == assistant.agent
    assert outbox.how_it_serves(assistant, chat) == 1
    chat.widget_uid = widget.uid
    assert outbox.how_it_serves(assistant, chat) == 0
    bot = create_bot(world.workspace, "first", departments=[world.support])
    assert agent_of(begin(visitor=VisitorFactory(workspace=world.workspace), department=world.support)) == bot.agent


def test_another_workspace_is_not_served(world, assistant, model, begin):
    chat = starting.start(
        workspace=world.elsewhere, visitor=world.stranger, actor=Actor.of_visitor(world.stranger)
    ).chat
    messages.post(chat, Actor.of_visitor(world.stranger), body="Hello?")
    assert agent_of(chat) != assistant.agent
    assert not Turn.objects.exists()
