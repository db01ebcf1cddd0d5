"""Malformed input: always a 4xx that says what is wrong and where, never a 500, and nothing changes."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.models import Chat, Message, Visitor

from .conftest import Caller

pytestmark = pytest.mark.django_db
DEEP = b'{"visitor": {"customFields": ' + b'{"a": ' * 5000 + b"1" + b"}" * 5000 + b"}}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"7",
        b"null",
        b"\xff\xfe",
        b'{"initialMessage": NaN}',
        b'{"a": 1e999}',
        DEEP,
        b"[" * 100_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("path", ["sessions", "SESSION/messages", "SESSION/end", "SESSION/transfer", "SESSION/typing"])
def test_a_body_that_is_no_object_is_refused(server, session, path, body):
    before = Chat.objects.count(), Message.objects.count()
    answer = server.call("POST", path.replace("SESSION", session), body)
    harmless = body in (b"", b'{"a": 1e999}') or b"999" in body
    assert answer.status == 400 or (harmless and answer.status < 500)
    if not answer.body["success"]:
        assert (Chat.objects.count(), Message.objects.count()) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "carrier pigeon"}, "channel"),
        ({"channel": ["website"]}, "channel"),
        ({"priority": 3}, "priority"),
        ({"source": "here"}, "source"),
        ({"source": {"url": "javascript:alert(1)"}}, "source.url"),
        ({"source": {"title": "x" * 301}}, "source.title"),
        ({"visitor": []}, "visitor"),
        ({"visitor": {"name": {"first": "A"}}}, "visitor.name"),
        ({"visitor": {"name": "x" * 201}}, "visitor.name"),
        ({"visitor": {"name": "a\nBcc: b@c.d"}}, "visitor.name"),
        ({"visitor": {"name": "nul\0"}}, "visitor.name"),
        ({"visitor": {"email": "not-an-address"}}, "visitor.email"),
        ({"visitor": {"email": "a@b.c\r\nBcc: d@e.f"}}, "visitor.email"),
        ({"visitor": {"phone": "1" * 41}}, "visitor.phone"),
        ({"visitor": {"customFields": "x"}}, "visitor.customFields"),
        ({"visitor": {"customFields": {"a": "nul\0"}}}, "visitor.customFields"),
        ({"visitor": {"customFields": {"nul\0": 1}}}, "visitor.customFields"),
        ({"visitor": {"customFields": {"a": "x" * 9000}}}, "visitor.customFields"),
        ({"visitor": {"customFields": {"a": [[[[[[[[[[1]]]]]]]]]]}}}, "visitor.customFields"),
        ({"visitor": {"customFields": {str(i): i for i in range(51)}}}, "visitor.customFields"),
        ({"visitor": {"customFields": {"a": 2**70}}}, "visitor.customFields"),
        ({"initialMessage": "x" * 10_001}, "initialMessage"),
        ({"initialMessage": 7}, "initialMessage"),
        ({"initialMessage": "\ud800"}, "initialMessage"),
        ({"department": {"slug": "sales"}}, "department"),
        ({"startKey": 7}, "startKey"),
        ({"customerId": "x" * 201}, "customerId"),
        ({"identityToken": "a.b.c"}, "identityToken"),
        ({"visitorId": True}, "visitorId"),
    ],
)
def test_a_start_names_the_field_that_is_wrong(server, change, field):
    answer = server.post("sessions", change)
    assert (answer.status, answer.code, answer.fields) == (400, 4000, [field])
    assert not Chat.objects.exists()
    assert not Visitor.objects.filter(workspace__slug="acme").exclude(name__in=("Vera", "Victor")).exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": " \n "}, "content"),
        ({"content": ["x"]}, "content"),
        ({"content": "x" * 10_001}, "content"),
        ({"content": "nul\0"}, "content"),
        ({"content": "x", "type": "system"}, "type"),
        ({"content": "x", "type": "video"}, "type"),
        ({"content": "x", "type": "file"}, "attachments"),
        ({"content": "x", "metadata": []}, "metadata"),
        ({"content": "x", "metadata": {"isInternal": "yes"}}, "metadata.isInternal"),
        ({"content": "x", "attachments": {}}, "attachments"),
        ({"content": "x", "attachments": ["a"]}, "attachments.0"),
        ({"content": "x", "attachments": [{}]}, "attachments.0.url"),
        ({"content": "x", "attachments": [{"url": "https://a.b/c", "size": -1}]}, "attachments.0.size"),
        ({"content": "x", "attachments": [{"url": "https://a.b/c"}] * 11}, "attachments"),
        ({"content": "x", "clientMessageId": "x" * 101}, "clientMessageId"),
    ],
)
def test_a_message_names_the_field_that_is_wrong(server, session, body, field):
    answer = server.post(f"{session}/messages", body)
    assert answer.status == 400
    assert field in answer.fields
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("assign", {}, "agentId"),
        ("assign", {"agentId": 7}, "agentId"),
        ("transfer", {}, "targetAgentId"),
        ("transfer", {"targetDepartment": []}, "targetDepartment"),
        ("end", {"satisfaction": {"rating": 0}}, "satisfaction.rating"),
        ("end", {"satisfaction": {"rating": 4.5}}, "satisfaction.rating"),
        ("end", {"satisfaction": {"rating": True}}, "satisfaction.rating"),
        ("end", {"satisfaction": {}}, "satisfaction.rating"),
        ("end", {"satisfaction": 5}, "satisfaction"),
        ("end", {"followUpRequired": "no"}, "followUpRequired"),
        ("typing", {}, "isTyping"),
        ("typing", {"isTyping": "yes"}, "isTyping"),
    ],
)
def test_every_other_call_does_too(server, session, path, body, field):
    answer = server.post(f"{session}/{path}", body)
    assert answer.status == 400
    assert field in answer.fields
    assert Chat.objects.get().is_open


@pytest.mark.parametrize(
    "path", ["", "nothing", "sessions/", "sessions/x/y/z", "analytics", "widget", "%00", "..%2f", "\u202e"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PROPFIND"])
def test_no_such_address_is_a_4040(path, method):
    answer = Caller().call(method, path)
    assert (answer.status, answer.code) == (404, 4040)


@pytest.mark.parametrize("name", ["x", "session_", "session_1", "session_" + "Z" * 32, "chat_" + "0" * 32, "%00"])
def test_an_id_that_is_none_is_a_session_that_is_not(server, name):
    answer = server.get(f"sessions/{name}")
    assert (answer.status, answer.code) == (404, 4001)


def test_a_wrong_method_and_a_wrong_type_keep_the_envelope(server, session):
    assert server.call("DELETE", session).status == 405
    assert server.call("PATCH", "sessions", {}).status == 405
    answer = server.call("POST", f"{session}/messages", {"content": "x"}, Content_Type="text/plain")
    assert answer.status in (201, 415)  # the client's own header wins


def test_a_type_that_is_not_json_is_refused(server, session):
    from django.test import Client

    from .conftest import answer_of

    headers = {"Authorization": f"Bearer {server.token}"}
    answer = answer_of(Client().post(f"/v1/chat/{session}/messages", {"content": "x"}, headers=headers))
    assert (answer.status, answer.code) == (415, 4000)


def test_a_body_that_is_too_large_is_refused(server, session):
    answer = server.post(f"{session}/messages", {"content": "x", "metadata": {"a": "x" * 300_000}})
    assert answer.status in (400, 413)


def test_what_fails_within_is_a_5000_that_tells_nothing(server, session, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr("integrations.live_chat.sessions.show", broken)
    answer = server.get(session)
    assert (answer.status, answer.code) == (500, 5000)
    assert "1234" not in str(answer.body)


def test_a_socket_address_without_a_socket_says_so(chat):
    answer = Caller().get(f"session_{chat.uid.hex}")
    assert (answer.status, answer.code) == (426, 5002)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "visitorId", "customerId", "identityToken", "channel", "source", "visitor", "initialMessage", "department",
    "priority", "startKey", "clientMessageId", "agentId", "transferReason", "targetAgentId", "targetDepartment",
    "reason", "notes", "followUpRequired", "satisfaction", "type", "content", "senderId", "senderType", "metadata",
    "attachments", "isTyping", "status", "statusMessage", "availableUntil",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["sessions", "", "/assign", "/transfer", "/messages", "/typing"]),
    body=st.dictionaries(st.sampled_from(NAMES), anything, max_size=6) | anything,
)
def test_nothing_that_can_be_sent_is_a_server_error(server, session, path, body):
    address = path if path == "sessions" else f"{session}{path}"
    answer = server.call("POST", address, json.dumps(body))
    assert answer.status < 500
