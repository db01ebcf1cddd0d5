"""The access matrix of the pages: every route that no key opens, every kind of login, own and foreign chats."""

import re

import pytest
from django.test import Client

from config.demo.factories import UserFactory

from . import tables
from .places import ADMIN, METHODS, pages, routes
from .town import missing_ids

pytestmark = pytest.mark.django_db
TABLE = tables.read(tables.PAGES)
PATHS = sorted({key.partition(" ")[2] for key in TABLE})
# What differs between two answers that say the same.
CHANCE = re.compile(rb"req_[0-9a-f]+|nonce=.[^ >]+|[0-9a-f]{32}|[A-Za-z0-9]{64}")
NAMES = {"name": "tag", "digest": "0" * 32, "token": "x", "kind": "secret"}


@pytest.fixture(scope="module")
def users(town):
    world = town.world
    people = {name: getattr(world, name).user for name in ("operator", "supervisor", "admin", "owner", "outsider")}
    return {
        **people,
        "anonymous": None,
        "seatless": UserFactory(),
        "colleague": world.teammate.user,
        "superuser": UserFactory(is_staff=True, is_superuser=True),
    }


def page_ids(path, ids):
    """Return the town's ids as a page's address has them."""
    ours = next((name for place, name in tables.UIDS.items() if path.startswith(place)), None)
    bare = {name: value.rpartition("_")[2] for name, value in ids.items()}
    names = {"name": "overview", "table": "hours"} if path.startswith("/inbox/analytics/") else {}
    return {**bare, "uid": bare[ours] if ours else ids["uid"], "delivery_uid": bare["delivery_id"], **names}


def ask(user, method, path, ids, form=None):
    """Return status and body of what somebody with this login asks."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    path = path.format(**{**NAMES, **page_ids(path, ids)})
    answer = client.post(path, form) if form else client.generic(method, path)
    return answer.status_code, b"" if answer.streaming else answer.content


def test_every_page_has_a_row():
    assert set(PATHS) | tables.PUBLIC == pages()


@pytest.mark.parametrize("key", TABLE)
def test_who_may_open(town, users, taken_back, key):
    method, path = key.split(" ")
    actual = []
    for name in tables.LOGINS:
        with taken_back():
            actual.append(ask(users[name], method, path, town.own, tables.FORMS.get(key))[0])
    assert dict(zip(tables.LOGINS, actual, strict=True)) == dict(zip(tables.LOGINS, TABLE[key], strict=True))


@pytest.mark.parametrize("path", PATHS)
def test_a_method_without_a_row_is_nobodys(town, users, taken_back, path):
    for method in set(METHODS) - {key.split(" ")[0] for key in TABLE if key.endswith(f" {path}")}:
        with taken_back():
            assert ask(users["owner"], method, path, town.own)[0] == 405, method


@pytest.mark.parametrize("key", [key for key in TABLE if "{uid}" in key])
def test_a_foreign_id_is_as_one_of_nothing(town, users, taken_back, key):
    method, path = key.split(" ")
    for name in ("operator", "supervisor", "owner"):
        answers = []
        for ids in (town.foreign, missing_ids()):
            with taken_back():
                status, body = ask(users[name], method, path, ids, tables.FORMS.get(key))
                answers.append((status, CHANCE.sub(b"", body)))
        assert answers[0] == answers[1]
        assert answers[0][0] >= 400


@pytest.mark.parametrize("path", sorted(tables.PUBLIC))
def test_a_public_page_is_the_same_to_everybody(town, users, path):
    assert len({ask(user, "GET", path, town.own)[0] for user in users.values()}) == 1


def test_nobody_below_an_admin_gets_anywhere_in_the_admin(town, users, taken_back):
    """Owners, admins and superusers: tests/admin/test_every_page.py."""
    own = {"login", "logout", "password_change", "done", "jsi18n"}
    paths = [p for p, _view in routes() if p.startswith(ADMIN) and not own & set(p.split("/")) and "(?P" not in p]
    assert len(paths) > 100
    for path in paths:
        filled = re.sub(r"\{\w+\}", "1", path)
        for name in ("anonymous", "seatless", "operator", "supervisor"):
            with taken_back():
                assert ask(users[name], "GET", filled, town.own)[0] in (302, 403, 404), (name, path)
