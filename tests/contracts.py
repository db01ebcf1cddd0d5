"""Holds every answer in the tests to the contract's own OpenAPI document, so that neither drifts from the other.

``watch_clients`` does it for all calls of Django's test client, ``check`` for a call by other means. Stricter than what
the document promises to clients: an answer may have no field that its schema does not name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from config.contracts import CONTRACTS
from integrations.openapi import Contract
from integrations.openapi.document import document

Json = dict[str, Any]


@dataclass(frozen=True)
class Described:
    """One operation of a contract's document."""

    key: str
    path: re.Pattern[str]
    method: str
    operation: Json
    components: Json

    def answer(self, status: int) -> jsonschema_rs.Validator | None:
        """Return the validator of the body of this status, None when it has none. KeyError: not documented."""
        return _validator(self.key, self.operation["responses"][str(status)].get("content"), self.components, True)

    def body(self) -> jsonschema_rs.Validator | None:
        """Return the validator of a request's JSON, None when there is none."""
        content = self.operation.get("requestBody", {}).get("content")
        return _validator(self.key, content, self.components, False)


def check(
    method: str,
    path: str,
    status: int,
    content: bytes,
    sent: bytes | None = None,
    headers: Collection[str] | None = None,
) -> None:
    """Fail unless the contract to which this call belongs, if any, documents such an answer, and such a request.

    ``headers`` are the names of the answer's: every documented one must be among them.
    """
    found = describe(method, path)
    if found is None:
        return
    where = f"{method} {path} answered {status} ({found.key})"
    assert str(status) in found.operation["responses"], f"{where}: its operation documents no such status"
    if headers is not None:
        missing = set(found.operation["responses"][str(status)]["headers"]) - set(headers)
        assert not missing, f"{where}: without {missing}"
    if validator := found.answer(status):
        _demand(validator, content, where)
    else:
        assert not content, f"{where}: it has a body, and none is documented"
    if status < 300 and sent and (validator := found.body()):
        _demand(validator, sent, f"{where}, so its request is fine, but not for the schema")


def _demand(validator: jsonschema_rs.Validator, content: bytes, where: str) -> None:
    problems = [
        f"at /{'/'.join(map(str, e.instance_path))}: {e.message}" for e in validator.iter_errors(json.loads(content))
    ]
    assert not problems, f"{where}: " + "; ".join(problems)


def describe(method: str, path: str) -> Described | None:
    """Return the documented operation behind a method and a path."""
    path = path.partition("?")[0]
    for contract in CONTRACTS:
        if path.startswith(contract.prefix):
            return next((d for d in _described(contract) if d.method == method and d.path.fullmatch(path)), None)
    return None


@cache
def _documents() -> dict[str, Json]:
    return {contract.name: document(contract) for contract in CONTRACTS}


def _described(contract: Contract) -> list[Described]:
    return _all_described()[contract.name]


@cache
def _all_described() -> dict[str, list[Described]]:
    return {name: list(_operations(shown)) for name, shown in _documents().items()}


def _operations(shown: Json) -> Iterator[Described]:
    for path, methods in shown["paths"].items():
        pattern = re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)))
        for method, operation in methods.items():
            yield Described(operation["operationId"], pattern, method.upper(), operation, shown["components"])


_VALIDATORS: dict[int, jsonschema_rs.Validator] = {}


def _validator(key: str, content: Json | None, components: Json, strict: bool) -> jsonschema_rs.Validator | None:
    schema = (content or {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    if id(schema) not in _VALIDATORS:
        whole = {**schema, "components": {"schemas": components["schemas"]}}
        whole = closed(whole) if strict else whole
        _VALIDATORS[id(schema)] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return _VALIDATORS[id(schema)]


def closed(schema: Any) -> Any:
    """Return the schema with no room for fields that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {name: closed(part) for name, part in schema.items()}
    is_object = schema.get("type") in ("object", ["object", "null"])
    if is_object and isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        tight["additionalProperties"] = False
    return tight


@contextmanager
def watch_clients() -> Iterator[None]:
    """Check each call of Django's test client while this lasts."""
    from django.test import Client

    original = Client.request

    def request(client: Client, **environ: Any) -> Any:
        response = original(client, **environ)
        body = environ.get("wsgi.input")
        is_json = str(environ.get("CONTENT_TYPE", "")).startswith("application/json")
        sent = body._FakePayload__content.getvalue() if body is not None and is_json else None
        if not response.streaming:
            check(
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"],
                response.status_code,
                response.content,
                sent,
                response.headers,
            )
        return response

    Client.request = request  # type: ignore[method-assign]
    try:
        yield
    finally:
        Client.request = original  # type: ignore[method-assign]
