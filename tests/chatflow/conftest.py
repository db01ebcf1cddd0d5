"""Callers of the ChatFlow contract: the world's server and agents, and everybody who must not get in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from agents.ids import encode
from chat.access import Actor
from chat.models import Chat, Visitor
from chat.services import messages, starting
from config.demo.factories import AgentTokenFactory, PublishableKeyFactory, SecretKeyFactory
from widget import tokens


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str:
        return self.body["error"]["code"]

    @property
    def details(self) -> dict[str, str]:
        """What is wrong, by field."""
        return self.body["error"]["details"]


@dataclass
class Caller:
    """Somebody with a bearer token, speaking to /v1 through the whole application."""

    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call, and check the error object whenever there is one."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        response = Client(raise_request_exception=False).generic(
            method, f"/v1/{path}", content, content_type="application/json", headers=sent
        )
        return _checked(Answer(response.status_code, json.loads(response.content or "null"), response.headers))

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PATCH", path, {} if body is None else body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)


def _checked(answer: Answer) -> Answer:
    if answer.status >= 400:
        error = answer.body["error"]
        assert set(answer.body) == {"error"}
        assert set(error) == {"code", "message", "message_en", "details", "request_id"}
        assert error["request_id"] == answer.headers["X-Request-Id"]
        assert error["message"] and error["message_en"]
        assert isinstance(error["details"], dict)
    return answer


@pytest.fixture
def server(world) -> Caller:
    """The company's server, with a secret key."""
    return Caller(SecretKeyFactory(workspace=world.workspace).secret)


@pytest.fixture
def otto(world) -> Caller:
    """The operator in support."""
    return Caller(AgentTokenFactory(agent=world.operator).secret)


@pytest.fixture
def sue(world) -> Caller:
    """The supervisor."""
    return Caller(AgentTokenFactory(agent=world.supervisor).secret)


@pytest.fixture
def adam(world) -> Caller:
    """The admin."""
    return Caller(AgentTokenFactory(agent=world.admin).secret)


@pytest.fixture
def foreigners(world) -> dict[str, Caller]:
    """Those who are somebody, elsewhere."""
    return {
        "a server of elsewhere": Caller(SecretKeyFactory(workspace=world.elsewhere).secret),
        "an agent of elsewhere": Caller(AgentTokenFactory(agent=world.outsider).secret),
    }


@pytest.fixture
def strangers(world) -> dict[str, Caller]:
    """Those who may call nothing here."""
    return {
        "nobody": Caller(),
        "a forger": Caller("sk_" + "x" * 40),
        "the visitor": Caller(tokens.issue(world.visitor)[0]),
        "a page": Caller(PublishableKeyFactory(workspace=world.workspace).secret),
    }


def start_chat(visitor: Visitor, said: str = "Hello?", **fields: Any) -> Chat:
    """A chat that the visitor has begun with a word."""
    chat = starting.start(workspace=visitor.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **fields).chat
    messages.post(chat, Actor.of_visitor(visitor), body=said)
    return Chat.objects.get(pk=chat.pk)


@pytest.fixture
def chat(world) -> Chat:
    """Vera's chat, with nobody yet."""
    world.workspace.agents.update(status="away")
    return start_chat(world.visitor)


@pytest.fixture
def path(chat) -> str:
    """Its address, below /v1/."""
    return f"chats/{encode('chat', chat.uid)}"
