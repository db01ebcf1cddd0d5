"""Short words for JSON Schema (draft 2020-12, as OpenAPI 3.1 has it). Each returns a plain dictionary.

``answer`` and ``request`` make objects. What Parley sends is complete: every field is there unless named in ``maybe``.
What it takes is generous: a field that is not ``needed`` may be absent or null, an unknown one is left aside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

Schema = dict[str, Any]
_SOME_UID = "019a3c5e7b1d7f02a4c6e8d0b2f41357"


def _with(schema: Schema, about: str, more: dict[str, Any]) -> Schema:
    given = {name: value for name, value in more.items() if value is not None}
    return {**schema, **given, **({"description": about} if about else {})}


def text(longest: int | None = None, about: str = "", **more: Any) -> Schema:
    """A string of at most so many characters."""
    return _with({"type": "string"}, about, {"maxLength": longest, **more})


def identifier(prefix: str, about: str = "") -> Schema:
    """An id: the prefix and an opaque rest, not to be taken apart."""
    more = {"pattern": f"^{prefix}_[0-9A-Za-z]+$", "maxLength": 100, "examples": [f"{prefix}_{_SOME_UID}"]}
    return _with({"type": "string"}, about, more)


def choice(words: Iterable[str], about: str = "") -> Schema:
    """One of these words."""
    return _with({"type": "string", "enum": list(words)}, about, {})


def moment(about: str = "") -> Schema:
    """A time: ISO 8601 in UTC, to the second."""
    return _with({"type": "string", "format": "date-time"}, about, {})


def date(about: str = "") -> Schema:
    """A day, as YYYY-MM-DD."""
    return _with({"type": "string", "format": "date"}, about, {})


def address(about: str = "") -> Schema:
    """A web address."""
    return _with({"type": "string", "format": "uri"}, about, {})


def colour(about: str = "") -> Schema:
    """A colour, as #rrggbb."""
    return _with({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}, about, {})


def integer(lowest: int | None = 0, highest: int | None = None, about: str = "", **more: Any) -> Schema:
    """A whole number."""
    return _with({"type": "integer"}, about, {"minimum": lowest, "maximum": highest, **more})


def number(lowest: float | None = 0, highest: float | None = None, about: str = "") -> Schema:
    """A number."""
    return _with({"type": "number"}, about, {"minimum": lowest, "maximum": highest})


def flag(about: str = "") -> Schema:
    """True or false."""
    return _with({"type": "boolean"}, about, {})


def constant(value: Any) -> Schema:
    """Always this."""
    return {"const": value}


def free(about: str = "", most: int | None = None) -> Schema:
    """An object of the integrator's own: any names, any values."""
    return _with({"type": "object", "additionalProperties": True}, about, {"maxProperties": most})


def many(item: Schema, about: str = "", most: int | None = None, **more: Any) -> Schema:
    """An array."""
    return _with({"type": "array", "items": item}, about, {"maxItems": most, **more})


def keyed(value: Schema, about: str = "") -> Schema:
    """An object whose names are data."""
    return _with({"type": "object", "additionalProperties": value}, about, {})


def ref(name: str) -> Schema:
    """One of the contract's shapes, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def answer(fields: dict[str, Schema], maybe: Collection[str] = (), about: str = "") -> Schema:
    """An object that Parley sends; ``maybe`` names what is not always there."""
    required = [name for name in fields if name not in maybe]
    return _with({"type": "object", "properties": fields}, about, {"required": required or None})


def request(fields: dict[str, Schema], needed: Collection[str] = (), about: str = "") -> Schema:
    """An object that Parley takes; what is not ``needed`` may be absent or null."""
    properties = {name: schema if name in needed else nullable(schema) for name, schema in fields.items()}
    return _with({"type": "object", "properties": properties}, about, {"required": list(needed) or None})
