"""Callers of the live-chat contract: one of each kind in the world's workspace, and the same from elsewhere."""

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
from config.demo.factories import (
    AgentTokenFactory,
    PublishableKeyFactory,
    SecretKeyFactory,
    WidgetFactory,
)
from widget import tokens

SITE = "https://shop.example.com"


@dataclass
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]
    headers: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> int:
        return self.body["code"]

    @property
    def fields(self) -> list[str]:
        """The fields that were wrong."""
        return [error["field"] for error in self.body["errors"]]


@dataclass
class Caller:
    """Somebody with a bearer token, speaking to /v1/chat through the whole application."""

    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call and check that the answer is an envelope, whatever happens."""
        client = Client(raise_request_exception=False)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        response = client.generic(method, f"/v1/chat/{path}", content, content_type="application/json", headers=sent)
        return answer_of(response)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, {} if body is None else body, **headers)

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send one file as a form does."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        response = Client(raise_request_exception=False).post(
            f"/v1/chat/{path}",
            {"file": SimpleUploadedFile(name, content)},
            headers={"Authorization": f"Bearer {self.token}"} | self.headers,
        )
        return answer_of(response)


def answer_of(response: Any) -> Answer:
    """Check the envelope's shape and return it."""
    body = json.loads(response.content)
    assert body["success"] is (response.status_code < 400), body
    assert isinstance(body["code"], int)
    assert isinstance(body["message"], str)
    assert body["message"]
    if not body["success"]:
        assert all(set(e) == {"field", "message"} and e["message"] for e in body["errors"]), body
        assert "data" not in body
    return Answer(response.status_code, body, response.headers)


@pytest.fixture
def widget(world):
    """The company's site may embed the widget."""
    return WidgetFactory(workspace=world.workspace, domains=["shop.example.com", "*.brand.example"])


@pytest.fixture
def server(world) -> Caller:
    """The company's server, with a secret key."""
    return Caller(SecretKeyFactory(workspace=world.workspace).secret)


@pytest.fixture
def page(world, widget) -> Caller:
    """A page of the company's site, with a publishable key."""
    return Caller(PublishableKeyFactory(workspace=world.workspace).secret, {"Origin": SITE})


@pytest.fixture
def vera(world, widget) -> Caller:
    """The visitor, in a browser on the company's site."""
    return Caller(tokens.issue(world.visitor)[0], {"Origin": SITE})


@pytest.fixture
def victor(world, widget) -> Caller:
    """Another visitor of the same company."""
    return Caller(tokens.issue(world.other_visitor)[0], {"Origin": SITE})


@pytest.fixture
def otto(world) -> Caller:
    """The operator in support, with a token of his own."""
    return Caller(AgentTokenFactory(agent=world.operator).secret)


@pytest.fixture
def sue(world) -> Caller:
    """The supervisor."""
    return Caller(AgentTokenFactory(agent=world.supervisor).secret)


@pytest.fixture
def outsiders(world, victor) -> dict[str, Caller]:
    """Everybody who must not reach Vera's session, each holding something that works elsewhere."""
    return {
        "nobody": Caller(),
        "a forger": Caller("sk_" + "x" * 40),
        "another visitor": victor,
        "a visitor of elsewhere": Caller(tokens.issue(world.stranger)[0]),
        "an agent of elsewhere": Caller(AgentTokenFactory(agent=world.outsider).secret),
        "a server of elsewhere": Caller(SecretKeyFactory(workspace=world.elsewhere).secret),
    }


def start_chat(visitor: Visitor, **fields: Any) -> Chat:
    """A chat that the visitor has begun with a word."""
    chat = starting.start(workspace=visitor.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **fields).chat
    messages.post(chat, Actor.of_visitor(visitor), body="Hello?")
    return Chat.objects.get(pk=chat.pk)


@pytest.fixture
def chat(world) -> Chat:
    """Vera's chat, with nobody yet."""
    world.workspace.agents.update(status="away")
    return start_chat(world.visitor)


@pytest.fixture
def session(chat) -> str:
    """Its address, below /v1/chat/."""
    return f"sessions/{encode('session', chat.uid)}"
