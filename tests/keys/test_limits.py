"""What a caller may send, seen from outside: headers on every answer, refusals in the contract's format, no escape."""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from config.demo.factories import AgentTokenFactory, PublishableKeyFactory, SecretKeyFactory, WidgetFactory
from widget import tokens

from .callers import call

pytestmark = pytest.mark.django_db
ONLINE = "/v1/chat/agents/online"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def key(world):
    return SecretKeyFactory(workspace=world.workspace)


@pytest.fixture
def narrow(world):
    """A key that may send three requests a minute."""
    return SecretKeyFactory(workspace=world.workspace, per_minute=3)


def numbers(answer):
    return tuple(int(answer[name]) for name in HEADERS)


def test_a_key_has_a_hundred_a_minute_and_each_answer_counts_down(key):
    for left in (99, 98, 97):
        answer = call(ONLINE, key.secret)
        limit, remaining, reset = numbers(answer)
        assert (answer.status_code, limit, remaining) == (200, 100, left)
        assert 58 <= reset - time.time() <= 61


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/chat/nothing/here", None, 404),
        ("GET", "/v1/nothing-here", None, 404),
        ("GET", "/api/nothing-here", None, 404),
        ("GET", f"/v1/chat/sessions/session_{'0' * 32}", None, 404),
        ("DELETE", "/v1/chat/agents/online", None, 405),
        ("POST", "/v1/chat/sessions", "{nonsense", 400),
        ("POST", "/v1/chat/sessions", "[]", 400),
    ],
)
def test_every_answer_has_the_headers_whatever_went_wrong(key, method, path, body, status):
    answer = call(path, key.secret, method, body)
    assert answer.status_code == status
    limit, remaining, _reset = numbers(answer)
    assert (limit, remaining) == (100, 99)


def test_a_failure_of_ours_has_them_too(key, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("chat.queries.loads", broken)
    answer = call(ONLINE, key.secret)
    assert (answer.status_code, numbers(answer)[:2]) == (500, (100, 99))
    monkeypatch.setattr("integrations.keys.authentication.SecretKey.find", broken)
    answer = call(ONLINE, key.secret)
    assert (answer.status_code, answer.json()["code"], numbers(answer)[0]) == (500, 5000, 300)


def test_who_proves_nothing_is_counted_by_address(key):
    for token, status in (("", 401), ("sk_" + "x" * 40, 401), ("nonsense", 401)):
        answer = call(ONLINE, token)
        assert answer.status_code == status
    assert numbers(answer)[:2] == (300, 297)
    assert numbers(call(ONLINE, **{"from": "203.0.113.9"}))[:2] == (300, 299)
    assert numbers(call("/v1/chat/sessions/session_1"))[:2] == (300, 296)


def test_one_more_than_allowed_is_refused_in_the_contracts_format_and_says_when_to_come_back(narrow):
    for _ in range(3):
        assert call(ONLINE, narrow.secret).status_code == 200
    answer = call(ONLINE, narrow.secret)
    assert answer.status_code == 429
    assert answer.json() == {"success": False, "code": 4290, "message": "Too many requests", "errors": []}
    limit, remaining, reset = numbers(answer)
    assert (limit, remaining) == (3, 0)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert 58 <= reset - time.time() <= 61


def test_the_other_contract_refuses_in_its_own_format(narrow):
    for _ in range(3):
        call("/v1/chats", narrow.secret)
    for path in ("/v1/chats", "/v1/nothing-here"):
        answer = call(path, narrow.secret)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (429, "RATE-001")
        assert error["request_id"] == answer["X-Request-Id"]
        assert int(answer["Retry-After"]) >= 1


def test_a_refusal_changes_nothing_and_speaks_the_callers_language(narrow, world):
    for _ in range(3):
        call(ONLINE, narrow.secret)
    body = json.dumps({"visitor": {"name": "Vera"}, "initialMessage": "Hi"})
    answer = call("/v1/chat/sessions", narrow.secret, "POST", body, Accept_Language="vi")
    assert answer.status_code == 429
    assert answer.json()["message"] != "Too many requests"
    assert not world.workspace.chats.exists()


def test_what_comes_before_any_view_speaks_the_workspaces_language(narrow):
    narrow.workspace.language = "uz"
    narrow.workspace.save()
    errors = [call("/v1/nothing-here", narrow.secret).json()["error"] for _ in range(4)]
    assert [error["code"] for error in errors] == ["VAL-004"] * 3 + ["RATE-001"]
    assert all(error["message"] != error["message_en"] for error in errors)


def test_the_burst_of_a_second_is_limited_too(key):
    statuses = [call(ONLINE, key.secret).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
    brief = SecretKeyFactory(workspace=key.workspace, per_second=2)
    answers = [call(ONLINE, brief.secret) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "1"
    assert numbers(answers[2])[1] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "192.0.2.1"},
        {"X_Real_IP": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"CF_Connecting_IP": "192.0.2.1"},
        {"X_Request_Id": "another"},
        {"User_Agent": "another"},
        {"Host": "localhost"},
        {"X_HTTP_Method_Override": "OPTIONS"},
        {"Access_Control_Request_Method": "GET"},
    ],
)
def test_no_header_makes_another_caller_of_somebody(narrow, headers):
    for _ in range(3):
        call(ONLINE, narrow.secret)
    assert call(ONLINE, narrow.secret, **headers).status_code == 429
    before = numbers(call(ONLINE))[1]
    assert numbers(call(ONLINE, **headers))[1] == before - 1


def test_another_spelling_of_the_token_or_another_path_does_not_help(narrow):
    for _ in range(3):
        call(ONLINE, narrow.secret)
    for spelling in (f"Bearer  {narrow.secret}", f"bearer {narrow.secret}", f"BEARER {narrow.secret} "):
        assert call(ONLINE, Authorization=spelling).status_code == 429
    for path in (f"{ONLINE}?a=1", "/v1/chat/widget/config", "/v1/chat/nothing", "/v1/chat//agents/online"):
        assert call(path, narrow.secret).status_code == 429


def test_keys_do_not_count_for_each_other(narrow, key):
    for _ in range(4):
        call(ONLINE, narrow.secret)
    assert numbers(call(ONLINE, key.secret))[:2] == (100, 99)


def test_an_agents_token_and_a_visitors_have_limits_of_their_own(world):
    token = AgentTokenFactory(agent=world.operator).secret
    assert numbers(call(ONLINE, token))[:2] == (300, 299)
    visitor = tokens.issue(world.visitor)[0]
    renewed = tokens.issue(world.visitor)[0]
    assert numbers(call("/v1/chat/sessions/x", visitor))[:2] == (300, 299)
    assert numbers(call("/v1/chat/sessions/x", renewed, **{"from": "203.0.113.1"}))[:2] == (300, 298)


def test_a_pages_key_counts_for_each_address_apart(world):
    WidgetFactory(workspace=world.workspace)
    page = PublishableKeyFactory(workspace=world.workspace).secret
    path = "/v1/chat/widget/config"
    assert numbers(call(path, page, **{"from": "203.0.113.1"}))[:2] == (300, 299)
    assert numbers(call(path, page, **{"from": "203.0.113.2"}))[:2] == (300, 299)
    assert numbers(call(path, page, **{"from": "203.0.113.1"}))[:2] == (300, 298)


def test_an_ipv6_caller_is_their_network_and_an_ipv4_in_disguise_itself(world):
    assert numbers(call(ONLINE, **{"from": "2001:db8:1:2::1"}))[1] == 299
    assert numbers(call(ONLINE, **{"from": "2001:db8:1:2:ffff::2"}))[1] == 298
    assert numbers(call(ONLINE, **{"from": "2001:db8:1:3::1"}))[1] == 299
    assert numbers(call(ONLINE, **{"from": "198.51.100.1"}))[1] == 299
    assert numbers(call(ONLINE, **{"from": "::ffff:198.51.100.1"}))[1] == 298


def test_a_preflight_is_not_counted_and_pages_may_read_the_headers(world):
    WidgetFactory(workspace=world.workspace, domains=["shop.example.com"])
    page = PublishableKeyFactory(workspace=world.workspace).secret
    site = {"Origin": "https://shop.example.com"}
    asked = call("/v1/chat/widget/config", method="OPTIONS", Access_Control_Request_Method="GET", **site)
    assert asked.status_code == 204
    assert "X-RateLimit-Limit" not in asked
    answer = call("/v1/chat/widget/config", page, **site)
    assert numbers(answer)[1] == 299
    assert all(name in answer["Access-Control-Expose-Headers"] for name in (*HEADERS, "Retry-After"))


def test_pages_for_people_have_no_such_headers(client):
    assert "X-RateLimit-Limit" not in client.get("/accounts/login/")


def test_fifty_callers_at_once_get_exactly_what_the_key_allows(new_product):
    """Against the real server, over real connections."""
    product = new_product()
    product.env |= {"PARLEY_KEY_PER_MINUTE": "60", "PARLEY_KEY_PER_SECOND": "1000"}
    product.start()
    key = product.manage_json("create_workspace", "Acme")["secretKey"]
    request = urllib.request.Request(f"{product.url}{ONLINE}", headers={"Authorization": f"Bearer {key}"})

    def send(_):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, int(answer.headers["X-RateLimit-Remaining"])
        except urllib.error.HTTPError as error:
            assert json.loads(error.read())["code"] == 4290
            return error.code, int(error.headers["X-RateLimit-Remaining"])

    started = time.monotonic()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(150)))
    assert time.monotonic() - started < 55
    assert sorted(left for status, left in answers if status == 200) == list(range(60))
    assert [left for status, left in answers if status == 429] == [0] * 90


def test_who_comes_from_no_address_is_counted_all_the_same(key):
    """Through a socket of the machine there is none; all who come so count together, and a key still by itself."""
    left = [int(call(ONLINE, **{"from": where})["X-RateLimit-Remaining"]) for where in ("unix:", "unix:", "")]
    assert left[0] - left[1] == 1
    assert left[2] == left[0]
    assert call(ONLINE, key.secret, **{"from": ""}).status_code == 200


def test_a_question_that_names_no_page_is_answered_for_none(key):
    """A browser's preflight always names its page; a program that asks without gets no leave for one."""
    answer = call(ONLINE, method="OPTIONS", Access_Control_Request_Method="GET")
    assert answer.status_code == 204
    assert "Access-Control-Allow-Origin" not in answer
