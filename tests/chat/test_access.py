"""Who sees what: one rule, and the list and the single row agree on it."""

import pytest

from agents.models import Agent
from chat.access import BOT_VERBS, TEAM_VERBS, VISITOR_VERBS, Actor, get_chat, may, may_see, visible_chats
from chat.broadcasting import audience, inbox_topics
from chat.errors import NotFound
from chat.models import Chat
from chat.services import assigning, starting
from config.demo.factories import AgentFactory, VisitorFactory
from tests.world import World


@pytest.fixture
def chats(world: World) -> dict[str, Chat]:
    """One chat of each kind that the rule tells apart."""
    Agent.objects.filter(workspace=world.workspace).update(status="busy")

    def begin(visitor, department=None) -> Chat:
        return starting.start(
            workspace=visitor.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), department=department
        ).chat

    sales = begin(VisitorFactory(workspace=world.workspace), world.sales)
    support = begin(world.other_visitor, world.support)
    assigning.assign(support, world.teammate, Actor.system(world.workspace.pk))
    mine = begin(VisitorFactory(workspace=world.workspace), world.sales)
    assigning.assign(mine, world.operator, Actor.system(world.workspace.pk))
    foreign = begin(world.stranger)
    found = {"open": begin(world.visitor), "sales": sales, "support": support, "mine": mine, "foreign": foreign}
    return {name: Chat.objects.get(pk=chat.pk) for name, chat in found.items()}


def actors(world: World) -> dict[str, Actor]:
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True)
    return {
        "visitor": Actor.of_visitor(world.visitor),
        "other_visitor": Actor.of_visitor(world.other_visitor),
        "stranger": Actor.of_visitor(world.stranger),
        "operator": Actor.of_agent(world.operator),
        "teammate": Actor.of_agent(world.teammate),
        "supervisor": Actor.of_agent(world.supervisor),
        "admin": Actor.of_agent(world.admin),
        "owner": Actor.of_agent(world.owner),
        "outsider": Actor.of_agent(world.outsider),
        "bot": Actor.of_agent(bot),
        "workspace": Actor.of_workspace(world.workspace),
        "elsewhere": Actor.of_workspace(world.elsewhere),
    }


EXPECTED = {
    "visitor": {"open"},
    "other_visitor": {"support"},
    "stranger": {"foreign"},
    "operator": {"open", "support", "mine"},
    "teammate": {"open", "sales", "support", "mine"},
    "supervisor": {"open", "sales", "support", "mine"},
    "admin": {"open", "sales", "support", "mine"},
    "owner": {"open", "sales", "support", "mine"},
    "outsider": {"foreign"},
    "bot": set(),
    "workspace": {"open", "sales", "support", "mine"},
    "elsewhere": {"foreign"},
}


@pytest.mark.parametrize("who", EXPECTED)
def test_the_list_the_row_and_the_lookup_agree(world, chats, who):
    actor = actors(world)[who]
    listed = set(visible_chats(actor).values_list("pk", flat=True))
    for name, chat in chats.items():
        expected = name in EXPECTED[who]
        assert (chat.pk in listed) is expected, name
        assert may_see(actor, chat) is expected, name
        if expected:
            assert get_chat(actor, chat.uid) == chat
        else:
            with pytest.raises(NotFound):
                get_chat(actor, chat.uid)


@pytest.mark.parametrize("who", ["operator", "teammate", "supervisor", "admin", "owner", "outsider"])
def test_sockets_hear_of_exactly_the_chats_that_the_lists_show(world, chats, who):
    agent = getattr(world, who)
    topics = set(inbox_topics(agent, list(agent.memberships.values_list("department_id", flat=True))))
    for name, chat in chats.items():
        assert (not topics.isdisjoint(audience(chat))) is (name in EXPECTED[who]), name


@pytest.mark.parametrize("who", EXPECTED)
def test_verbs_are_those_of_the_caller_and_none_on_what_they_cannot_see(world, chats, who):
    actor = actors(world)[who]
    verbs = {"visitor": VISITOR_VERBS, "agent": TEAM_VERBS, "workspace": TEAM_VERBS | {"rate"}}[actor.kind]
    for name, chat in chats.items():
        for verb in VISITOR_VERBS | TEAM_VERBS | BOT_VERBS | {"fly"}:
            expected = name in EXPECTED[who] and verb in verbs
            assert may(actor, verb, chat) is expected, (name, verb)


def test_a_bot_does_what_bots_do_in_its_own_chat_only(world, chats):
    bot = Actor.of_agent(AgentFactory(workspace=world.workspace, user=None, is_bot=True, role="owner"))
    mine = assigning.assign(chats["open"], bot.agent, Actor.system(world.workspace.pk))
    assert may(bot, "post", mine)
    assert not may(bot, "assign", mine)
    assert not may(bot, "read", chats["support"])


def test_a_deactivated_agent_does_nothing(world, chats):
    world.operator.is_active = False
    assert not may(Actor.of_agent(world.operator), "post", chats["mine"])


def test_a_uid_that_is_none_is_not_found(world):
    with pytest.raises(NotFound):
        get_chat(Actor.of_workspace(world.workspace), "not a uid")
