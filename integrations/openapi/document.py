"""The OpenAPI 3.1 document of a contract."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.utils import translation
from rest_framework.views import APIView

from ..keys import scopes
from .contract import Contract, Operation
from .routes import anonymous, endpoints
from .shapes import Schema, integer

Json = dict[str, Any]
_JSON = "application/json"
RETRY_AFTER = "Retry-After"
# On every answer of every contract (integrations/keys/limits.py); the last one on a 429 alone.
RATE_HEADERS: dict[str, Schema] = {
    "X-RateLimit-Limit": integer(1, about="How many requests a minute this caller may send."),
    "X-RateLimit-Remaining": integer(0, about="How many of them are left now; 0 on a 429."),
    "X-RateLimit-Reset": integer(0, about="The second, in Unix time, from which all of them are there again."),
    RETRY_AFTER: integer(1, about="In how many seconds to come back."),
}
# Who may call, by the kinds of the views' ``callers``: the name of the security scheme and what it is.
CALLERS = {
    "secret": (
        "secretKey",
        "secret key",
        "A workspace's secret key, `sk_…`: acts for the workspace, from a server only.",
    ),
    "agent": (
        "agentToken",
        "agent's token",
        "An agent's own token, `at_…`: acts as that agent, with that agent's role.",
    ),
    "visitor": (
        "visitorToken",
        "visitor's token",
        "A visitor's token, `vt_…`, as the start of a session hands it out: their own chats.",
    ),
    "publishable": ("publishableKey", "publishable key", "A publishable key, `pk_…`: what a web page may hold."),
    "bot": ("botSignature", "bot's signature", "HMAC-SHA256 of the body with the bot's client secret, beside its ids."),
}


_BEARER = {"type": "http", "scheme": "bearer"}
_SCHEMES = {"botSignature": {"type": "apiKey", "in": "header", "name": "x-signature"}}


def document(contract: Contract, base_url: str = "") -> Json:
    """Return the document. ``base_url`` is where this Parley is reached; the paths begin with a slash."""
    with translation.override("en"):
        return {
            "openapi": "3.1.0",
            "info": {
                "title": contract.title,
                "summary": contract.summary,
                "version": contract.version,
                "description": contract.about,
            },
            "servers": [{"url": base_url or "/"}],
            "tags": [{"name": name, "description": about} for name, about in contract.tags.items()],
            "paths": _paths(contract),
            "components": {
                "schemas": dict(contract.shapes),
                "headers": {name: {"schema": schema} for name, schema in _headers(contract).items()},
                "securitySchemes": {
                    scheme: {**_SCHEMES.get(scheme, _BEARER), "description": about}
                    for scheme, _word, about in CALLERS.values()
                },
            },
        }


def _paths(contract: Contract) -> Json:
    views = {endpoint.key: endpoint.view for endpoint in endpoints(contract)}
    paths: Json = {}
    for key, operation in contract.operations.items():
        method, path = key.split(" ")
        # A described operation without a view is a failure of the tests, not of the page.
        view = views.get(anonymous(contract, key))
        shown = _operation(contract, operation, method, path, view)
        paths.setdefault(contract.prefix + path, {})[method.lower()] = shown
    return paths


def _operation(contract: Contract, operation: Operation, method: str, path: str, view: type[APIView] | None) -> Json:
    shown: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, [operation.about, _who(view, method)])),
        "parameters": [*_path_parameters(contract, path), *operation.query],
        "responses": _responses(contract, operation),
        "security": _security(view),
    }
    if operation.body is not None:
        shown["requestBody"] = _body(contract, operation)
    return {name: value for name, value in shown.items() if value not in ([], "")}


def _path_parameters(contract: Contract, path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": contract.parameters[name]}
        for name in re.findall(r"{([^}]+)}", path)
    ]


def _body(contract: Contract, operation: Operation) -> Json:
    content: Json = {"schema": operation.body}
    if examples := _examples(contract, operation, "request"):
        content["examples"] = examples
    return {"required": operation.body_required, "content": {operation.body_type: content}}


def _responses(contract: Contract, operation: Operation) -> Json:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(contract) if name != RETRY_AFTER}
    responses: Json = {}
    for status, schema in operation.answers.items():
        content: Json = {"schema": schema}
        if examples := _examples(contract, operation, "response"):
            content["examples"] = examples
        body = {"content": {_JSON: content}} if schema is not None else {}
        responses[str(status)] = {"description": "Done.", "headers": headers, **body}
    names = [*contract.always, *(contract.with_body if operation.body is not None else ()), *operation.problems]
    for status, problem in sorted(contract.problem_answers(names).items()):
        more = {RETRY_AFTER: {"$ref": f"#/components/headers/{RETRY_AFTER}"}} if status == 429 else {}
        responses[str(status)] = {**problem, "headers": {**headers, **more, **problem.get("headers", {})}}
    return responses


def _headers(contract: Contract) -> dict[str, Schema]:
    return {**contract.headers, **RATE_HEADERS}


def _examples(contract: Contract, operation: Operation, side: str) -> Json:
    files = {stem: contract.examples / f"{stem}.{side}.json" for stem in operation.examples}
    return {stem: {"value": read_example(path)} for stem, path in files.items() if path.is_file()}


def read_example(path: Path) -> Any:
    """Return what an example file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def _security(view: type[APIView] | None) -> list[Json]:
    # An empty requirement: nobody need say who they are.
    return [{CALLERS[kind][0]: []} for kind in _callers(view)] or [{}]


def _who(view: type[APIView] | None, method: str) -> str:
    named = [CALLERS[kind][1] for kind in _callers(view)]
    if not named:
        return ""
    scope = scopes.scope_of(getattr(view, "scope", None), method) if "secret" in _callers(view) else None
    needed = f" A secret key needs the scope `{scope}`." if scope else ""
    return f"May be called with: {', '.join(named)}.{needed}"


def _callers(view: type[APIView] | None) -> list[str]:
    allowed: Collection[str] = getattr(view, "callers", ())
    return [kind for kind in CALLERS if kind in allowed]
