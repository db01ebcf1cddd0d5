"""What every page says to the browser that shows it, whoever is logged in. Generated from the URL conf."""

import re

import pytest
from django.test import Client

from config.demo.factories import UserFactory

from . import tables
from .places import ADMIN, routes
from .test_forgery import CONTRACTS, filled
from .test_pages import NAMES, page_ids

pytestmark = pytest.mark.django_db
# What other sites may have in a frame: the widget's own, on the workspace's domains (tests/widget/test_pages.py).
FRAMED = {"/widget/frame/"}
# A shop that has no policy of its own, as most have none; it is on another origin than we are.
WITHOUT_POLICY = {"/demo-site/"}
# Every route that answers a GET, but for the contracts' (tests/live_chat/test_cross_origin.py).
PATHS = sorted({p for p, _view in routes() if not p.startswith(CONTRACTS) and not p.startswith("/admin/(?P")} - FRAMED)


@pytest.fixture(scope="module")
def people(town):
    return [None, town.world.owner.user, UserFactory(is_staff=True, is_superuser=True)]


def get(user, town, path, **options):
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    path = (
        path.format(**{**NAMES, **page_ids(path, town.own)})
        if path.startswith(("/inbox/", "/files/"))
        else filled(path)
    )
    return client.get(path, **options)


def directives(answer):
    parts = [part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: rest[0].split() if rest else [] for name, *rest in parts}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_framed_guessed_at_or_open_to_scripts_that_are_not_ours(town, people, taken_back, path):
    for user in people:
        with taken_back():
            answer = get(user, town, path)
        assert answer.status_code < 500
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        for cookie in answer.cookies.values():
            assert cookie["httponly"] and cookie["samesite"] == "Lax"
        if path not in WITHOUT_POLICY:
            demand_policy(directives(answer), path)
        if not answer.streaming and answer["Content-Type"].startswith("text/html") and not path.startswith(ADMIN):
            demand_nothing_inline(answer.content.decode())


def demand_policy(policy, path):
    """Fail unless the page may run our own files only; the admin's Alpine evaluates its attributes."""
    if "sandbox" in policy:  # somebody's file
        assert policy["default-src"] == ["'none'"]
        return
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    sources = {source for source in policy["script-src"] if not source.startswith("'nonce-")}
    assert sources <= {"'self'", *({"'unsafe-eval'"} if path.startswith(ADMIN) else set())}


def demand_nothing_inline(page):
    """Fail if there is a handler or a script without a nonce in the page itself."""
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", page)
    inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", page)
    assert all("nonce=" in tag or "application/json" in tag for tag in inline), inline


def test_the_framed_page_is_the_widgets_alone():
    assert FRAMED <= tables.PUBLIC
