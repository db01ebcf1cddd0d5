"""An assistant that suggests: a draft for the agent, never said by itself."""

import time

import pytest

from chat import queries
from chat.access import Actor
from chat.models import Chat, Suggestion
from chat.services import assigning, messages
from integrations.replies import services
from integrations.replies.models import Turn

from . import model as talk
from .conftest import agent_of, heard, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drafting(assistant):
    assistant.mode = "suggest"
    return services.keep(assistant)


def suggested(chat):
    return until(lambda: queries.suggestion_of(Chat.objects.get(pk=chat.pk)))


def test_the_agent_gets_a_draft_and_the_visitor_nothing(world, drafting, model, begin, replies):
    model.usual = talk.says("Within 30 days.")
    replies.start()
    chat = begin("How do returns work?")
    assert not agent_of(chat).is_bot
    draft = suggested(chat)
    assert (draft.body, draft.sources, draft.agent) == ("Within 30 days.", ["Returns"], drafting.agent)
    time.sleep(1)
    assert heard(chat) == [] and len(model.asked) == 1
    assert Turn.objects.get().outcome == "suggested"


def test_a_newer_question_gets_a_newer_draft_and_an_answer_ends_it(world, drafting, model, begin, say, replies):
    model.talks = [talk.says("One."), talk.says("Two.")]
    replies.start()
    chat = begin("Question one")
    suggested(chat)
    say(chat, "Question two")
    until(lambda: suggested(chat).body == "Two.")
    assert list(Suggestion.objects.order_by("id").values_list("decision", flat=True)) == ["replaced", ""]
    messages.post(Chat.objects.get(pk=chat.pk), Actor.of_agent(agent_of(chat)), body="Done.")
    assert queries.suggestion_of(Chat.objects.get(pk=chat.pk)) is None


def test_an_assignment_is_no_question(world, drafting, model, begin, replies):
    replies.start()
    chat = begin("Question one")
    suggested(chat)
    assigning.assign(Chat.objects.get(pk=chat.pk), world.owner, Actor.of_agent(world.owner))
    time.sleep(1.5)
    assert len(model.asked) == 1


@pytest.mark.parametrize("answer", [talk.fails(500), talk.says("?", confidence=0), talk.says("Hi", handover=True)])
def test_without_a_good_draft_there_is_none_and_nothing_else_happens(world, drafting, model, begin, replies, answer):
    model.usual = answer
    replies.start()
    chat = begin("Question one")
    until(lambda: Turn.objects.filter(done_at__isnull=False).exists())
    chat.refresh_from_db()
    agent = agent_of(chat)
    assert agent and not agent.is_bot and not Suggestion.objects.exists()
    assert not chat.messages.filter(kind="note").exists()


def test_an_agent_who_answers_first_needs_no_draft(world, drafting, model, begin, replies):
    model.usual = talk.says("Late.", first=1)
    replies.start()
    chat = begin("Question one")
    until(lambda: model.asked)
    messages.post(Chat.objects.get(pk=chat.pk), Actor.of_agent(agent_of(chat)), body="Done.")
    until(lambda: Turn.objects.filter(done_at__isnull=False).exists())
    assert not Suggestion.objects.exists()
