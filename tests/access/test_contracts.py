"""The access matrix of the REST contracts: every endpoint, every kind of caller, own and foreign ids in path and body.

The endpoints come from the URL conf. A new one needs a row in ``tables.py``, and there what is sent and what holds ids.
"""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from . import tables
from .places import endpoints
from .town import missing_ids

pytestmark = pytest.mark.django_db
TABLE = tables.read(tables.CONTRACTS)
FORGED = {"sk_" + "x" * 40, "pk_" + "x" * 40, "at_" + "x" * 40, "vt_a.b.c"}
EVERY = pytest.mark.parametrize("key", TABLE)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def test_every_endpoint_has_a_row_and_every_row_an_endpoint():
    assert set(TABLE) == endpoints()
    assert {*tables.BODIES, *tables.QUERIES, *tables.ALSO} <= set(TABLE)
    assert {len(row) for row in TABLE.values()} == {len(tables.COLUMNS)}


def call(key, token, ids, body=None, path_ids=None):
    """Return status and body of a call, whatever is a random id in it or a request's own id left out."""
    method, path = key.split(" ")
    path = (path + tables.QUERIES.get(key, "")).format(**(path_ids or ids))
    body = tables.BODIES.get(key, {}) if body is None else body
    text = PLACEHOLDER.sub(lambda m: ids[m.group(1)], json.dumps(body))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = Client(raise_request_exception=False)
    if path.endswith("/upload"):
        answer = client.post(path, {"file": SimpleUploadedFile("a.txt", b"words")}, headers=headers)
    else:
        content = "" if method in ("GET", "DELETE") else text
        answer = client.generic(method, path, content, content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content) if answer.content else None


def without(answer, ids):
    """Return the answer without what differs from call to call."""
    status, body = answer
    text = json.dumps(body)
    for value in ids.values():
        # A number may stand anywhere, so none is taken out: no refusal may have one in it.
        text = text if value.isdecimal() else text.replace(value, "ID")
    return status, re.sub(r'"request_id": "[^"]*"', "", text)


@EVERY
def test_who_may_call(town, taken_back, key):
    actual = []
    for name in tables.COLUMNS:
        with taken_back():
            actual.append(call(key, town.tokens[name], town.own)[0])
    assert dict(zip(tables.COLUMNS, actual, strict=True)) == dict(zip(tables.COLUMNS, TABLE[key], strict=True))


@EVERY
def test_a_forged_token_is_nobodys(town, taken_back, key):
    for token in FORGED:
        with taken_back():
            assert call(key, token, town.own)[0] == 401


@EVERY
def test_a_foreign_id_is_answered_as_one_of_nothing(town, taken_back, key):
    """In the path and in the query, in the body beside a path of one's own; for those who may call at all."""
    missing = missing_ids()
    callers = {n: town.tokens[n] for n, status in zip(tables.COLUMNS, TABLE[key], strict=True) if status < 400}
    bodies = [tables.BODIES.get(key, {}), *tables.ALSO.get(key, [])]
    in_path = bool(PLACEHOLDER.search(key + tables.QUERIES.get(key, "")))
    for name, token in callers.items():
        if in_path:
            tell_apart(town, taken_back, name, token, key, missing, None, at_own_path=False)
        for body in bodies:
            if PLACEHOLDER.search(json.dumps(body)):
                tell_apart(town, taken_back, name, token, key, missing, body, at_own_path=True)


def tell_apart(town, taken_back, name, token, key, missing, body, *, at_own_path):
    """Fail if the caller can tell a foreign id from one of nothing, or gets anywhere with either."""
    answers = []
    for ids in (town.foreign, missing):
        with taken_back():
            answers.append(call(key, token, ids, body, town.own if at_own_path else None))
    foreign, nothing = answers
    if nothing[0] < 400:
        # An unknown id was no reason to refuse: then a foreign one is not taken over either.
        assert foreign[0] == nothing[0], (name, key, body)
        told = json.dumps(foreign[1])
        names = [value.rpartition("_")[2] for value in town.foreign.values() if not value.isdecimal()]
        assert not any(value in told for value in names), (name, key, body)
        return
    assert without(foreign, town.foreign) == without(nothing, missing), (name, key, body)


@pytest.mark.parametrize("key", [key for key in TABLE if PLACEHOLDER.search(key)])
def test_people_of_elsewhere_get_what_nothing_would_give_them(town, taken_back, key):
    missing = missing_ids()
    for name, token in town.outsiders.items():
        with taken_back():
            theirs = call(key, token, town.own)
        with taken_back():
            nothing = call(key, token, missing)
        assert theirs[0] >= 400 or theirs[1] == [], (name, key)
        assert without(theirs, town.own) == without(nothing, missing), (name, key)
