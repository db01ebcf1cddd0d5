"""A few chats of today in every state, counted; and the inbox's way to sit down in somebody's seat."""

from functools import partial

import pytest

from analytics import counting, rollups
from chat.access import Actor
from chat.services import assigning, lifecycle, messages, rating, starting, tagging
from chat.services.starting import Prompt
from config.demo.factories import AgentFactory, TriggerFactory, VisitorFactory, WidgetFactory
from tests.inbox.conftest import sit, talk

__all__ = ["counted", "everything", "sit", "talk"]


@pytest.fixture
def counted(world, talk):
    """Two completed chats of Otto's (one rated 5 with words, tagged), one of Tina's, one abandoned, one that waits."""

    def ended(agent, department, stars=None, words=""):
        visitor = VisitorFactory(workspace=world.workspace)
        chat = talk(visitor, agent=agent, department=department)
        messages.post(chat, Actor.of_agent(agent), body="Here you are")
        lifecycle.close(chat, Actor.of_agent(agent))
        if stars:
            rating.rate(chat, Actor.of_visitor(visitor), stars, words)
        return chat

    first = ended(world.operator, world.support, 5, "=1+1 great")
    tagging.set_tags(first, Actor.of_agent(world.operator), ["@refund"])
    ended(world.operator, world.support, 2)
    ended(world.teammate, world.sales)
    lifecycle.close(talk(VisitorFactory(workspace=world.workspace)), Actor.of_agent(world.supervisor))
    talk(VisitorFactory(workspace=world.workspace), department=world.support)
    rollups.catch_up()
    return world


@pytest.fixture
def everything(counted):
    """Beside that: a bot that settled one chat and handed two over, and a widget with a trigger that two came by.

    One of them was asked in sales, so that a filter by department splits what the widget brought.
    """
    world = counted
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True)
    widget = WidgetFactory(workspace=world.workspace)
    trigger = TriggerFactory(workspace=world.workspace)
    system = Actor.system(world.workspace.pk)
    told_apart = partial(counting.told_apart, workspace_id=world.workspace.pk, widget_uid=widget.uid)
    for department in (None, world.support, world.sales):
        visitor = VisitorFactory(workspace=world.workspace)
        actor = Actor.of_visitor(visitor)
        chat = starting.start(
            workspace=world.workspace,
            visitor=visitor,
            actor=actor,
            widget_uid=widget.uid,
            page=told_apart(page="/tents" if department else ""),
            prompt=Prompt(trigger.uid, trigger.name, trigger.message) if department else None,
        ).chat
        messages.post(chat, actor, body="Hello?")
        chat = assigning.assign(chat, bot, system)
        messages.post(chat, Actor.of_agent(bot), body="I am a bot")
        if department is None:
            lifecycle.close(chat, Actor.of_agent(bot))
            continue
        chat = assigning.transfer(chat, Actor.of_agent(bot), department=department)
        person = world.operator if department == world.support else world.teammate
        messages.post(chat, Actor.of_agent(person), body="And I am not")
        rating.rate(lifecycle.close(chat, system), actor, 4)
    for event in ("view", "view", "view", "open", "trigger_shown", "trigger_answered"):
        named = {"trigger_uid": trigger.uid} if event.startswith("trigger") else {}
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget.uid, event=event, **named)
    rollups.catch_up()
    return world
