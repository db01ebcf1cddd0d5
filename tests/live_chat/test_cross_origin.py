"""What a browser needs to let a site's page call /v1/chat and read the answer."""

import pytest
from django.test import Client

from .conftest import SITE, Caller

pytestmark = pytest.mark.django_db
ALLOW = "Access-Control-Allow-Origin"


def test_a_preflight_is_answered_before_anybody_is_asked():
    response = Client().options("/v1/chat/sessions", headers={"Origin": SITE, "Access-Control-Request-Method": "POST"})
    assert (response.status_code, response[ALLOW]) == (204, SITE)
    assert "Authorization" in response["Access-Control-Allow-Headers"]
    assert "PUT" in response["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies


def test_an_allowed_page_reads_its_answers_errors_included(vera, page, session):
    for answer in (page.get("widget/config"), vera.get(session), vera.get("sessions/x"), vera.post("sessions", [])):
        assert answer.headers[ALLOW] == SITE
        assert "Origin" in answer.headers["Vary"]
    assert "Retry-After" in vera.get(session).headers["Access-Control-Expose-Headers"]


def test_a_page_that_is_refused_can_read_why_and_nothing_more(server, vera, session):
    refused = server.get(session, Origin=SITE)
    assert (refused.code, refused.headers[ALLOW]) == (4030, SITE)
    evil = vera.get(session, Origin="https://evil.example")
    assert evil.headers[ALLOW] == "https://evil.example"
    assert set(evil.body) == {"success", "code", "message", "errors"}


def test_what_agents_read_is_not_for_other_sites_pages(otto, session):
    assert ALLOW not in otto.get(session, Origin=SITE).headers


def test_answers_are_not_kept_and_set_no_cookie(vera, session):
    response = Client().get(f"/v1/chat/{session}", headers={"Authorization": f"Bearer {vera.token}"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_nothing_is_shared_with_a_caller_without_a_token():
    assert Caller().get("widget/config", Origin=SITE).headers[ALLOW] == SITE  # the refusal alone
