"""Every endpoint of a session, tried by everybody who must not reach it: refused alike, and nothing changes."""

import pytest

from agents.ids import encode
from chat.models import Chat, Message
from config.demo.factories import AgentTokenFactory, SecretKeyFactory

from .conftest import Caller, start_chat

pytestmark = pytest.mark.django_db

CALLS = {
    "read": ("GET", "", None),
    "assign": ("POST", "/assign", {"agentId": "agent_" + "0" * 32}),
    "transfer": ("POST", "/transfer", {"targetDepartment": "support"}),
    "end": ("POST", "/end", {"satisfaction": {"rating": 1}}),
    "history": ("GET", "/messages", None),
    "send": ("POST", "/messages", {"content": "intruder"}),
    "mark read": ("PUT", "/messages/MESSAGE/read", None),
    "type": ("POST", "/typing", {"isTyping": True}),
    "upload": ("POST", "/upload", None),
}
EXPECTED = {"nobody": {4010}, "a forger": {4010}, "another visitor": {4001, 4030}}


def snapshot():
    return list(Chat.objects.order_by("id").values()), list(Message.objects.order_by("id").values())


@pytest.mark.parametrize("call", CALLS)
def test_a_session_is_closed_to_outsiders(call, outsiders, session):
    method, path, body = CALLS[call]
    path = path.replace("MESSAGE", encode("msg", Message.objects.get().uid))
    before = snapshot()
    for name, caller in outsiders.items():
        answer = caller.call(method, f"{session}{path}", body)
        assert answer.code in EXPECTED.get(name, {4001, 4030}), (name, answer.body)
        unknown = caller.call(method, f"sessions/session_{'0' * 32}{path}", body)
        assert (answer.status, answer.body) == (unknown.status, unknown.body), f"{name} can tell that it exists"
    assert snapshot() == before


@pytest.mark.parametrize("call", CALLS)
def test_a_page_key_reaches_no_session_not_even_its_own(call, page):
    started = page.post("sessions", {"initialMessage": "Hi"}).data
    method, path, body = CALLS[call]
    answer = page.call(method, f"sessions/{started['sessionId']}{path}", body)
    assert (answer.status, answer.code) == (403, 4030)


def test_revoked_keys_are_dead(world, session):
    for key in (SecretKeyFactory(workspace=world.workspace), AgentTokenFactory(agent=world.operator)):
        assert Caller(key.secret).get(session).status == 200
        type(key).objects.filter(pk=key.pk).update(revoked_at="2026-01-01T00:00:00Z")
        assert Caller(key.secret).get(session).code == 4010


@pytest.mark.parametrize("token", ["", "x", "sk_", "pk_", "at_", "vt_", "vt_a.b.c", "sk_" + "é" * 9, "sk_" + "x" * 600])
def test_a_token_that_is_none_is_nobodys(session, token):
    assert Caller(token).get(session).code == 4010
    assert Caller(headers={"Authorization": f"Basic {token}"}).get(session).code == 4010
    assert Caller(headers={"Authorization": token or "Bearer"}).get(session).code == 4010


def test_a_secret_key_in_a_browser_is_refused_with_the_reason(server, session):
    answers = [
        server.get(session, Origin="https://shop.example.com"),
        server.get(session, Sec_Fetch_Mode="cors"),
        server.get(session, Sec_Fetch_Mode="cors", Sec_Fetch_Site="cross-site"),
    ]
    assert {(a.status, a.code) for a in answers} == {(403, 4030)}
    assert "pk_" in answers[0].body["message"]
    assert server.get(session, Sec_Fetch_Mode="cors", Sec_Fetch_Site="same-origin").status == 200
    assert server.get(session, Origin="http://testserver").status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.com.evil.example"])
def test_a_visitors_token_is_of_no_use_on_another_site(vera, session, origin):
    assert vera.get(session, Origin=origin).code == 4030


def test_a_program_may_hold_a_visitors_token(vera, session):
    assert Caller(vera.token).get(session).status == 200


def test_an_operator_sees_no_session_of_another_operators_department(world, otto):
    chat = start_chat(world.visitor, department=world.sales)
    for method, path, body in CALLS.values():
        answer = otto.call(method, f"sessions/session_{chat.uid.hex}{path}", body)
        assert answer.code == 4001


OF_AN_AGENT = {
    "set a status": ("PUT", "/status", {"status": "away"}),
    "workload": ("GET", "/workload", None),
    "performance": ("GET", "/performance", None),
}
# What those of elsewhere are told: an agent of another workspace is as one that does not exist.
TOLD = {"nobody": 4010, "a forger": 4010, "another visitor": 4030, "a visitor of elsewhere": 4030}


@pytest.mark.parametrize("call", OF_AN_AGENT)
def test_an_agent_is_closed_to_outsiders(call, outsiders, world):
    method, path, body = OF_AN_AGENT[call]
    for name, caller in outsiders.items():
        answer = caller.call(method, f"agents/{encode('agent', world.operator.uid)}{path}", body)
        assert answer.code == TOLD.get(name, 4002), (name, answer.body)
    world.operator.refresh_from_db()
    assert world.operator.status == "available"


@pytest.mark.parametrize("path", ["analytics/overview", "analytics/agents", "analytics/satisfaction"])
def test_figures_are_of_ones_own_workspace_alone(path, outsiders, world, chat):
    for name, caller in outsiders.items():
        answer = caller.get(path)
        expected = TOLD.get(name)
        assert answer.code == (expected or 1000), (name, answer.body)
        assert expected or world.operator.uid.hex not in str(answer.body)
