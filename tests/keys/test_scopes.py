"""What a secret key may be used for: every view of a contract names its scope, and nothing works without it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from agents.ids import encode
from chat.access import Actor
from chat.services import starting
from config.demo.factories import AgentTokenFactory, SecretKeyFactory
from integrations.keys import scopes
from integrations.keys.models import SecretKey
from widget import tokens

from .callers import call

METHODS = ("get", "post", "put", "patch", "delete")


def views(resolver=None, prefix=""):
    """Every REST view that a secret key may call, with its address."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, address)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None)
            asks = view and issubclass(view, APIView) and view.authentication_classes
            if asks and "secret" in getattr(view, "callers", ("secret",)):
                yield address, view


def test_every_view_of_a_contract_names_a_scope_for_every_method():
    found = list(views())
    assert len(found) > 10
    for address, view in found:
        for method in METHODS:
            if hasattr(view, method):
                wanted = scopes.scope_of(getattr(view, "scope", None), method.upper())
                assert wanted in scopes.SCOPES, f"{method.upper()} {address} names no scope"
                assert wanted != scopes.ALL, f"{method.upper()} {address}"


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        (["all"], "webhooks:manage", True),
        (["chats:read"], "chats:read", True),
        (["chats:read"], "chats:write", False),
        (["chats:write"], "chats:read", True),
        (["chats:write"], "agents:read", False),
        (["files:write", "agents:read"], "agents:read", True),
        ([], "chats:read", False),
    ],
)
def test_who_may_write_may_read_and_nothing_else(held, wanted, allowed):
    assert scopes.allows(held, wanted) is allowed


@pytest.mark.parametrize("wrong", [[], "all", None, ["chats:delete"], [1], [["all"]]])
def test_only_known_scopes_are_taken(wrong):
    with pytest.raises(ValidationError):
        scopes.valid_scopes(wrong)


@pytest.fixture
def chat(world):
    world.workspace.agents.update(status="away")
    return starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat


def key(world, *held):
    return SecretKeyFactory(workspace=world.workspace, scopes=list(held)).secret


CALLS = [
    ("chats:read", "GET", "sessions/SESSION", None),
    ("chats:read", "GET", "sessions/SESSION/messages", None),
    ("chats:write", "POST", "sessions", '{"visitor": {"name": "Victor"}}'),
    ("chats:write", "POST", "sessions/SESSION/messages", '{"content": "Hi"}'),
    ("chats:write", "POST", "sessions/SESSION/typing", '{"isTyping": true}'),
    ("chats:write", "POST", "sessions/SESSION/end", "{}"),
    ("agents:read", "GET", "agents/online", None),
    ("agents:write", "PUT", "agents/AGENT/status", '{"status": "busy"}'),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("scope", "method", "path", "body"), CALLS)
def test_a_call_needs_its_scope_and_no_more(world, chat, scope, method, path, body):
    path = path.replace("SESSION", encode("session", chat.uid)).replace("AGENT", encode("agent", world.operator.uid))
    others = [s for s in scopes.SCOPES if s != "all" and not scopes.allows([s], scope)]
    refused = call(f"/v1/chat/{path}", key(world, *others), method, body)
    assert (refused.status_code, refused.json()["code"]) == (403, 4030)
    assert scope in refused.json()["message"]
    assert call(f"/v1/chat/{path}", key(world, scope), method, body).status_code < 300


@pytest.mark.django_db
def test_a_missing_scope_tells_nothing_of_what_is_there(world, chat):
    secret = key(world, "agents:read")
    known = call(f"/v1/chat/sessions/{encode('session', chat.uid)}", secret)
    unknown = call(f"/v1/chat/sessions/session_{'0' * 32}", secret)
    assert known.json() == unknown.json()


@pytest.mark.django_db
def test_a_method_that_is_not_there_is_405_and_not_a_matter_of_scopes(world):
    for method in ("PUT", "OPTIONS"):
        assert call("/v1/chat/sessions/x/messages", key(world, "agents:read"), method).status_code == 405


@pytest.mark.django_db
def test_keys_from_before_keep_every_scope(world):
    row, secret = SecretKey.issue(workspace=world.workspace, name="Old")
    assert row.scopes == ["all"]
    assert call("/v1/chat/agents/online", secret).status_code == 200


@pytest.mark.django_db
def test_scopes_bind_no_agent_and_no_visitor(world, chat):
    session = f"/v1/chat/sessions/{encode('session', chat.uid)}"
    assert call(session, AgentTokenFactory(agent=world.supervisor).secret).status_code == 200
    assert call(session, tokens.issue(world.visitor)[0]).status_code == 200
