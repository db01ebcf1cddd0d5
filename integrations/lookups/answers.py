"""From the body that an address sent to the lines of a card. Whatever came is only ever text."""

from __future__ import annotations

import json
import math
from typing import Any

LINES, LABEL_LIMIT, TEXT_LIMIT = 20, 60, 300

Lines = list[list[Any]]


class Unusable(Exception):
    """The body is nothing for a card; the argument is a word of ``chat.inbox.cards.PROBLEMS``."""


def lines(body: bytes, fields: list[str]) -> Lines:
    """Return ``[[label, text, number, true, false or null], …]`` of a flat JSON object. Raises Unusable.

    ``fields`` choose and order: each is a key, or ``key = Label``. Without any, the first twenty are shown. What is
    neither text nor number nor yes or no has no place on a card and is left out.
    """
    found = _parse(body)
    chosen = [_field(field) for field in fields] or [(key, key) for key in found]
    told = [[_cut(label, LABEL_LIMIT), _value(found[key])] for key, label in chosen if _shows(found, key)]
    if not told:
        raise Unusable("empty")
    return told[:LINES]


def _parse(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Unusable("not_flat") from None
    if not isinstance(found, dict):
        raise Unusable("not_flat")
    return found


def _field(text: str) -> tuple[str, str]:
    key, _sign, label = (part.strip() for part in text.partition("="))
    return key, label or key


def _shows(found: dict[str, Any], key: str) -> bool:
    value = found.get(key, [])
    return value is None or isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))


def _value(value: Any) -> Any:
    return _cut(value, TEXT_LIMIT) if isinstance(value, str) else value


def _cut(text: str, limit: int) -> str:
    """Return the text as both databases can store it, at most so long."""
    whole = " ".join(text.replace("\x00", "").encode(errors="replace").decode().split())
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"
