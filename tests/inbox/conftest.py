"""The inbox's own world: chats in every state, and a way to sit down in somebody's seat."""

from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from agents.models import Agent
from chat.access import Actor
from chat.models import Chat
from chat.realtime import hub
from chat.services import assigning, messages, starting
from config.asgi import application

from .line import ORIGIN


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


@pytest.fixture
async def open_inbox(sit) -> AsyncIterator:
    """Return a way to open an agent's inbox; what was opened is closed in the end."""
    lines: list[WebsocketCommunicator] = []

    async def open_inbox(agent, origin: str | None = ORIGIN, query: str = "") -> WebsocketCommunicator:
        cookie = (await sync_to_async(sit)(agent)).cookies.output(header="", sep=";") if agent else ""
        headers = [(b"host", b"testserver"), (b"cookie", cookie.strip().encode())]
        headers += [(b"origin", origin.encode())] if origin is not None else []
        line = WebsocketCommunicator(application, "/inbox/socket" + query, headers=headers)
        lines.append(line)
        await line.connect()
        return line

    yield open_inbox
    for line in lines:
        await line.disconnect()
    await hub.stop()
