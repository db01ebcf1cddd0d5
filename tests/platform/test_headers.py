"""Headers that every answer carries, and pages for what goes wrong."""

import json
import logging

import pytest
from django.test import override_settings
from django.urls import path

pytestmark = pytest.mark.django_db


def break_down(request):
    raise RuntimeError("the database password is swordfish")


class Broken:
    """An address that fails, beside the real handlers."""

    urlpatterns = [path("v1/chat/broken", break_down), path("api/broken", break_down), path("broken", break_down)]
    handler404 = "config.errors.not_found"
    handler500 = "config.errors.failed"


@pytest.fixture
def careless(client):
    """A client that gets the 500 instead of the exception."""
    client.raise_request_exception = False
    return client


def test_a_page_may_run_only_its_own_scripts_and_be_framed_by_nobody(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in directives["script-src"]
    assert "unsafe" not in directives["style-src"]
    assert directives["object-src"] == directives["base-uri"] == "'none'"


def test_a_page_is_not_framed_sniffed_or_told_on(client):
    answer = client.get("/accounts/login/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_admin_has_a_policy_of_its_own_that_still_refuses_other_origins(client):
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'unsafe-eval';" in policy + ";"


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(client):
    client.get("/accounts/login/")
    cookie = client.cookies["parley_csrf"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=3600)
def test_behind_tls_everything_is_sent_to_https_but_the_probes_of_machines(client):
    assert client.get("/accounts/login/")["Location"].startswith("https://")
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/login/", secure=True)["Strict-Transport-Security"].startswith("max-age=3600")


def test_every_answer_carries_a_request_id(client):
    first, second = client.get("/healthz")["X-Request-Id"], client.get("/healthz")["X-Request-Id"]
    assert first != second
    assert first.startswith("req_") and len(first) == 36


def test_the_request_id_of_a_proxy_is_kept_when_it_looks_like_one(client):
    assert client.get("/healthz", headers={"X-Request-Id": "edge-7.a_b"})["X-Request-Id"] == "edge-7.a_b"
    for odd in ("a b", "x" * 65, "<script>", "a\tb"):
        assert client.get("/healthz", headers={"X-Request-Id": odd})["X-Request-Id"] != odd


def test_a_log_line_has_the_request_id_and_never_the_query_string(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/nothing-here?token=swordfish", headers={"X-Request-Id": "edge-1"})
    lines = [record.msg for record in caplog.records if record.name == "parley.request"]
    assert {"request_id": "edge-1", "path": "/nothing-here", "status": 404}.items() <= lines[-1].items()
    assert "swordfish" not in caplog.text


def test_a_wrong_address_is_a_page_for_people(client):
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert "/inbox/" in answer.content.decode()


@pytest.mark.parametrize("address", ["/v1/chat/nothing-here/at/all", "/v1/chat/"])
def test_a_wrong_address_speaks_the_live_chat_contract_below_it(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert {"success": False, "code": 4040}.items() <= answer.json().items()


def test_a_wrong_address_below_the_other_contracts_is_json(client):
    answer = client.get("/api/nothing-here")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


@override_settings(ROOT_URLCONF=Broken)
def test_a_failure_below_the_live_chat_contract_speaks_it_and_tells_nothing(careless):
    answer = careless.get("/v1/chat/broken")
    assert answer.status_code == 500
    assert {"success": False, "code": 5000}.items() <= answer.json().items()
    assert "swordfish" not in answer.content.decode()


@override_settings(ROOT_URLCONF=Broken)
def test_a_failure_of_a_page_is_a_page_with_the_request_id(careless):
    answer = careless.get("/broken", headers={"X-Request-Id": "edge-9"})
    assert answer.status_code == 500
    assert "edge-9" in answer.content.decode()
    assert "swordfish" not in answer.content.decode()
    assert answer["Content-Security-Policy"]


@override_settings(ROOT_URLCONF=Broken)
def test_a_failure_is_logged_once_with_its_traceback(careless, caplog):
    careless.get("/broken")
    failures = [r for r in caplog.records if isinstance(r.msg, dict) and r.msg.get("event") == "request_failed"]
    assert len(failures) == 1
    assert json.dumps(failures[0].msg["path"]) == '"/broken"'


def test_a_form_of_a_strange_page_is_refused_with_a_page_that_says_so(client):
    client.handler.enforce_csrf_checks = True
    answer = client.post("/accounts/login/", {"login": "a@example.com", "password": "x"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_nobody_signs_up_without_an_invitation(client):
    answer = client.post(
        "/accounts/signup/",
        {"email": "new@example.com", "password1": "correct horse battery", "password2": "correct horse battery"},
    )
    assert answer.status_code == 200
    from agents.models import User

    assert not User.objects.exists()


def test_guessing_a_password_is_slowed_down(client, world):
    email = world.operator.user.email
    for _ in range(5):
        client.post("/accounts/login/", {"login": email, "password": "wrong"})
    answer = client.post("/accounts/login/", {"login": email, "password": "correct horse battery staple"})
    assert answer.status_code != 302
