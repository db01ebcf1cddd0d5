"""Callers of the partner contract: one of each kind in the world's workspace, and the same from elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from chat.models import Visitor
from config.demo.factories import AgentTokenFactory, PublishableKeyFactory, SecretKeyFactory
from widget import tokens

CUSTOMER = "customer-12345"


@dataclass
class Caller:
    """Somebody with a bearer token, speaking to /api/ through the whole application."""

    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """Call, demand the status, and return the body; a failure must have the contract's form."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        answer = Client(raise_request_exception=False).generic(
            method, f"/api/{path}", content, content_type="application/json", headers=sent | self.headers
        )
        shown = json.loads(answer.content)
        assert answer.status_code == expect, shown
        if expect >= 400:
            assert isinstance(shown["error"], str)
            assert shown["message"]
            assert set(shown) <= {"error", "message", "fields"}
        return shown

    def get(self, path: str, expect: int = 200) -> Any:
        return self.call("GET", path, None, expect)

    def post(self, path: str, body: Any = None, expect: int = 201) -> Any:
        return self.call("POST", path, {} if body is None else body, expect)

    def patch(self, path: str, body: Any = None, expect: int = 200) -> Any:
        return self.call("PATCH", path, {} if body is None else body, expect)

    def begin(self, customer: str = CUSTOMER, expect: int = 201) -> Any:
        return self.post("partner/conversations", {"customerId": customer}, expect)

    def say(self, conversation: int, content: str = "Hello", expect: int = 201, **more: Any) -> Any:
        return self.post("partner/messages", {"conversationId": conversation, "content": content, **more}, expect)

    def heard(self, conversation: int, query: str = "") -> list[str]:
        return [message["content"] for message in self.get(f"partner/messages/{conversation}{query}")]


@pytest.fixture
def server(world) -> Caller:
    """The partner's server, with its API key."""
    world.workspace.agents.update(status="away")
    return Caller(SecretKeyFactory(workspace=world.workspace).secret)


@pytest.fixture
def elsewhere(world) -> Caller:
    """Another partner's server."""
    return Caller(SecretKeyFactory(workspace=world.elsewhere).secret)


@pytest.fixture
def page(world) -> Caller:
    """A page with a publishable key."""
    return Caller(PublishableKeyFactory(workspace=world.workspace).secret)


@pytest.fixture
def otto(world) -> Caller:
    """The operator in support, with a token of his own."""
    return Caller(AgentTokenFactory(agent=world.operator).secret)


@pytest.fixture
def conversation(server) -> dict[str, Any]:
    """A customer's conversation, with nobody yet."""
    return server.begin()


@pytest.fixture
def customer(conversation) -> Caller:
    """The customer, with the token that the conversation came with."""
    return Caller(conversation["token"])


def token_of(visitor: Visitor) -> str:
    return tokens.issue(visitor)[0]
