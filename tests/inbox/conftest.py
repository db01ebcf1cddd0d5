"""The inbox's own world: chats in every state, and a way to sit down in somebody's seat."""

from collections.abc import Callable

import pytest
from django.test import Client

from agents.models import Agent
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, messages, starting


@pytest.fixture
def sit(db) -> Callable[[Agent], Client]:
    """Return a browser in which this agent is logged in."""

    def sit(agent: Agent) -> Client:
        browser = Client()
        browser.force_login(agent.user)
        return browser

    return sit


@pytest.fixture
def talk(world) -> Callable[..., Chat]:
    """Return a chat that a visitor began by saying something; given to ``agent`` if one is named."""

    def talk(visitor=None, *, says="Hello, where is my order?", agent=None, department=None) -> Chat:
        visitor = visitor or world.visitor
        actor = Actor.of_visitor(visitor)
        # Nobody is available, so that each test says itself who has the chat.
        Agent.objects.update(status="busy")
        chat = starting.start(workspace=visitor.workspace, visitor=visitor, actor=actor, department=department).chat
        messages.post(chat, actor, body=says)
        if agent:
            assigning.assign(chat, agent, Actor.of_agent(agent))
        return Chat.objects.select_related("visitor", "agent", "department", "workspace").get(pk=chat.pk)

    return talk
