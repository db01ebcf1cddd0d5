"""Requests that a foreign page lets a browser send: a login's cookie alone changes nothing, anywhere.

Generated from the URL conf: every route, whatever it is for, refuses what comes without our own page's token.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.demo.factories import UserFactory

from . import tables
from .places import endpoints, routes
from .test_contracts import PLACEHOLDER
from .town import missing_ids

pytestmark = pytest.mark.django_db
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Where no cookie is looked at: the address itself is the permission.
SIGNED_ADDRESSES = {"/files/uploads/{token}", "/inbox/analytics/weekly/stop/{token}"}
CONTRACTS = ("/v1/", "/api/", "/bots/")
KEYS = sorted(tables.read(tables.CONTRACTS))
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


# What is written as a regular expression, by how it begins.
EXPRESSIONS = {
    "/admin/(?P": "/admin/nothing",
    "/admin/^(?P": "/admin/agents/",
    "/accounts/^confirm-email/": "/accounts/confirm-email/x/",
    "/accounts/^password/reset/key/": "/accounts/password/reset/key/1-x/",
}


def filled(path):
    """Return an address of this route, with "1" for each parameter."""
    known = next((address for begin, address in EXPRESSIONS.items() if path.startswith(begin)), path)
    return re.sub(r"\{\w+\}", "1", known)


PAGES = sorted({filled(p) for p, _view in routes() if not p.startswith(CONTRACTS) and p not in SIGNED_ADDRESSES})


@pytest.fixture(scope="module")
def root(town):
    return UserFactory(is_staff=True, is_superuser=True)


def browser_of(user):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    return client


def test_the_routes_are_all_there():
    assert len(PAGES) > 250
    assert {p for p, _view in routes()} >= SIGNED_ADDRESSES


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_our_token_changes_nothing(town, root, taken_back, path):
    for user, methods in ((town.world.owner.user, UNSAFE), (root, ("POST",))):
        client = browser_of(user)
        for method in methods:
            with taken_back(), CaptureQueriesContext(connection) as asked:
                answer = client.generic(method, path, "x=1", content_type="application/x-www-form-urlencoded")
            assert answer.status_code == 403, (method, answer.status_code)
            assert b"open for too long" in answer.content, method
            assert not [query["sql"] for query in asked if WRITES.match(query["sql"])], method


@pytest.mark.parametrize("key", KEYS)
def test_a_login_is_no_key_to_a_contract(town, root, taken_back, key):
    """Neither an owner's, nor the superuser's; nor does a bot's signature open what is not the bots'."""
    method, path = key.split(" ")
    path = PLACEHOLDER.sub(lambda match: {**town.own, **missing_ids()}.get(match.group(1), "x"), path)
    nobody = tables.read(tables.CONTRACTS)[key][0]
    for caller in (browser_of(town.world.owner.user), browser_of(root), Client(raise_request_exception=False)):
        signed = {"x-client-id": "x", "x-bot-id": "x", "x-signature": "0" * 64}
        with taken_back():
            answer = caller.generic(method, path, "{}", content_type="application/json", headers=signed)
        assert answer.status_code == nobody or (nobody < 400 and answer.status_code in (400, 422)), answer.status_code


def test_every_endpoint_was_asked():
    assert set(KEYS) == endpoints()
