"""Every contract describes itself: each endpoint has an operation, and each operation an endpoint."""

import json

import jsonschema_rs
import pytest
from django.test import Client

from config.contracts import CONTRACTS
from config.demo.factories import SecretKeyFactory
from integrations.live_chat import mapping
from integrations.live_chat.operations import CONTRACT as LIVE_CHAT
from integrations.openapi.document import document
from integrations.openapi.routes import described, endpoints
from tests.contracts import check

EVERY = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
OPERATIONS = pytest.mark.parametrize(
    ("contract", "key"),
    [pytest.param(c, key, id=f"{c.name} {key}") for c in CONTRACTS for key in c.operations],
)


@EVERY
def test_every_endpoint_is_described_and_nothing_else_is(contract):
    """Add the missing operation to the contract's operations.py (docs/contributing-apis.md)."""
    assert {endpoint.key for endpoint in endpoints(contract)} == set(described(contract))


@EVERY
def test_the_document_is_valid_openapi(contract):
    shown = json.loads(json.dumps(document(contract)))
    assert shown["openapi"].startswith("3.1")
    for schema in shown["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    ids = [operation["operationId"] for path in shown["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


@EVERY
def test_every_shape_is_used_and_every_reference_has_one(contract):
    shown = json.dumps(document(contract))
    for name in contract.shapes:
        assert f'"#/components/schemas/{name}"' in shown
    named = {part.split('"')[0] for part in shown.split("#/components/schemas/")[1:]}
    assert named <= set(contract.shapes)


@OPERATIONS
def test_every_operation_says_who_may_call_and_what_may_fail(contract, key):
    method, path = key.split(" ")
    shown = document(contract)["paths"][contract.prefix + path][method.lower()]
    assert shown["summary"]
    assert shown["security"]
    assert {"401", "403", "429", "500"} <= set(shown["responses"])
    for status, answer in shown["responses"].items():
        limits = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
        assert set(answer["headers"]) >= (limits | {"Retry-After"} if status == "429" else limits)


def test_an_operation_says_which_scope_a_key_needs():
    paths = document(LIVE_CHAT)["paths"]
    assert "the scope `chats:write`" in paths["/v1/chat/sessions"]["post"]["description"]
    assert "the scope `widget:read`" in paths["/v1/chat/widget/config"]["get"]["description"]
    assert "the scope `widget:write`" in paths["/v1/chat/widget/config"]["put"]["description"]


@EVERY
def test_every_example_is_shown_and_every_shown_one_is_a_file(contract):
    stems = {path.name.rsplit(".", 2)[0] for path in contract.examples.glob("*.json")}
    assert stems == {stem for operation in contract.operations.values() for stem in operation.examples}


@EVERY
def test_every_example_has_the_documented_shape(contract):
    """The documents show no field that came later, so here no field is demanded; but none may be of another kind."""
    shown = document(contract)
    for path in shown["paths"].values():
        for operation in path.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (c for body in bodies for c in body.get("content", {}).values()):
                for stem, example in content.get("examples", {}).items():
                    whole = {**content["schema"], "components": shown["components"]}
                    problems = jsonschema_rs.Draft202012Validator(_undemanding(whole)).iter_errors(example["value"])
                    assert [f"{stem}: {p.message} at {p.instance_path}" for p in problems] == []


def _undemanding(schema):
    if isinstance(schema, list):
        return [_undemanding(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _undemanding(part) for name, part in schema.items() if not (name == "required" and "type" in schema)}


def test_an_answer_that_drifts_from_its_schema_fails_whatever_test_meets_it(world, monkeypatch):
    key, path = SecretKeyFactory(workspace=world.workspace).secret, "/v1/chat/agents/online"
    headers = {"Authorization": f"Bearer {key}"}
    assert Client().get(path, headers=headers).status_code == 200
    honest = mapping.online_agent
    monkeypatch.setattr(mapping, "online_agent", lambda *a, **k: {**honest(*a, **k), "salary": 1})
    with pytest.raises(AssertionError, match="salary"):
        Client().get(path, headers=headers)
    monkeypatch.setattr(mapping, "online_agent", lambda *a, **k: {**honest(*a, **k), "maxChats": "5"})
    with pytest.raises(AssertionError, match="maxChats"):
        Client().get(path, headers=headers)


def test_a_status_or_a_code_that_no_operation_documents_fails():
    failure = json.dumps({"success": False, "code": 4003, "message": "x", "errors": []}).encode()
    with pytest.raises(AssertionError, match="no such status"):
        check("GET", "/v1/chat/agents/online", 418, failure)
    with pytest.raises(AssertionError, match="4003"):
        check("GET", "/v1/chat/sessions/session_1", 404, failure)
    check("PUT", "/v1/chat/sessions/session_1/messages/msg_1/read", 404, failure)
    check("GET", "/inbox/", 418, b"not an API")
