"""A contract as data: its operations by method and path, its shapes, its errors, its examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .shapes import Schema

Problems = Callable[[Sequence[str]], dict[int, dict[str, Any]]]
# What may be sent instead of JSON.
FORM = "multipart/form-data"


def parameter(name: str, schema: Schema, about: str = "", *, required: bool = False) -> dict[str, Any]:
    """A parameter of the query string. ``about`` may be empty when the schema says it."""
    shown = {"name": name, "in": "query", "required": required, "schema": schema}
    return {**shown, "description": about} if about else shown


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    ``answers`` maps each status of success to its body (None: no body). ``problems`` names the failures beside those
    that every operation has, in the words of the contract's ``errors.py``. ``examples`` are the stems of files in the
    contract's folder: ``STEM.request.json`` and ``STEM.response.json``, whichever is there.
    """

    name: str
    tag: str
    summary: str
    answers: Mapping[int, Schema | None]
    body: Schema | None = None
    body_type: str = "application/json"
    body_required: bool = True
    query: Sequence[dict[str, Any]] = ()
    problems: Sequence[str] = ()
    examples: Sequence[str] = ()
    about: str = ""


@dataclass(frozen=True)
class Contract:
    """Everything that a page of the docs shows of one contract.

    ``operations`` is keyed by method and path below ``prefix``, the parameters named as the contract names them:
    ``"POST sessions/{sessionId}/end"``. ``problem_answers`` turns names of failures into OpenAPI responses by status.
    """

    name: str
    title: str
    summary: str
    version: str
    about: str
    prefix: str
    urlpatterns: Sequence[Any]
    operations: Mapping[str, Operation]
    shapes: Mapping[str, Schema]
    problem_answers: Problems
    examples: Path
    always: Sequence[str] = ()
    with_body: Sequence[str] = ()
    headers: Mapping[str, Schema] = field(default_factory=dict)
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
