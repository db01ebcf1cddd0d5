"""The suggestion of a program in the inbox: who sees it, who decides, and who hears of it."""

import pytest

from chat import queries
from chat.access import Actor
from chat.inbox.doing import synced
from chat.models import Chat, Suggestion
from chat.realtime import hub
from chat.services import messages, suggesting
from config.demo.factories import AgentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot(world):
    return AgentFactory(workspace=world.workspace, user=None, is_bot=True, name="Robin")


@pytest.fixture
def chat(world, talk):
    return talk(agent=world.operator, department=world.support)


def decide(browser, chat, uid, decision="used"):
    return browser.post(f"/inbox/chats/{chat.uid.hex}/suggestion", {"suggestion": uid, "decision": decision})


def told(agent, chat):
    """What whoever opens the chat is answered."""
    return synced(Actor.of_agent(agent), {"chat": chat.uid.hex})[1]["suggestion"]


def test_whoever_opens_the_chat_is_told_and_it_is_gone_when_used(world, sit, chat, bot):
    made = suggesting.suggest(chat, bot, "Within 30 days.", sources=["Returns"])
    shown = told(world.operator, chat)
    assert (shown["uid"], shown["body"], shown["sources"], shown["by"]) == (
        made.uid.hex, "Within 30 days.", ["Returns"], "Robin",
    )  # fmt: skip
    browser = sit(world.operator)
    assert decide(browser, chat, made.uid.hex).status_code == 204
    made.refresh_from_db()
    assert (made.decision, made.decided_by) == ("used", world.operator)
    assert told(world.operator, chat) is None
    assert decide(browser, chat, made.uid.hex, "dismissed").status_code == 204
    made.refresh_from_db()
    assert made.decision == "used", "the first decision holds"


def test_one_at_a_time_and_none_after_an_answer(world, chat, bot):
    suggesting.suggest(chat, bot, "One")
    second = suggesting.suggest(chat, bot, "Two")
    assert queries.suggestion_of(chat) == second
    assert Suggestion.objects.filter(decision="").count() == 1
    messages.post(chat, Actor.of_agent(world.operator), body="Mine.")
    assert queries.suggestion_of(Chat.objects.get(pk=chat.pk)) is None


@pytest.mark.parametrize(
    ("uid", "decision", "status"), [("0" * 32, "used", 404), ("x", "used", 404), (None, "sent", 400)]
)
def test_what_is_not_there_or_cannot_be_decided(world, sit, chat, bot, uid, decision, status):
    made = suggesting.suggest(chat, bot, "One")
    assert decide(sit(world.operator), chat, uid or made.uid.hex, decision).status_code == status


def test_who_may_not_see_the_chat_decides_nothing(world, sit, talk, chat, bot):
    made = suggesting.suggest(chat, bot, "One")
    for outsider in (world.teammate, world.outsider):
        assert decide(sit(outsider), chat, made.uid.hex).status_code == 404
    other = talk(world.other_visitor, agent=world.teammate)
    assert decide(sit(world.teammate), other, made.uid.hex).status_code == 404
    made.refresh_from_db()
    assert made.decision == ""


def test_only_those_of_the_team_who_have_the_chat_open_hear_of_it(
    world, chat, bot, monkeypatch, django_capture_on_commit_callbacks
):
    frames = []
    monkeypatch.setattr(hub, "publish", lambda workspace, topics, data, **more: frames.append((topics, data)))
    with django_capture_on_commit_callbacks(execute=True):
        made = suggesting.suggest(chat, bot, "One")
        suggesting.decide(chat, Actor.of_agent(world.operator), made.uid, "dismissed")
    assert [topics for topics, _data in frames] == [[f"chat:{chat.pk}:team"]] * 2
    assert [data["suggestion"] and data["suggestion"]["body"] for _topics, data in frames] == ["One", None]
