"""The address of a command, with the value in its place."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..webhooks.validators import valid_address

PLACE = "{value}"
_VALUE_LIMIT = 200


class BadValue(Exception):
    """The value cannot stand in an address."""


def valid_template(url: str) -> None:
    """Raise ValidationError unless this is an address for :func:`filled`: the value may choose no other host."""
    valid_address(url.replace(PLACE, "value"))
    parts = urlsplit(url)
    if PLACE in parts.netloc or PLACE in parts.scheme or PLACE in parts.fragment:
        raise ValidationError(_("{value} may stand in the path and in the query only."))


def filled(url: str, value: Any) -> str:
    """Return the address with the value in the place of ``{value}``, without one as the parameter ``value``.

    Raises BadValue for what is no short text or number, and for what would walk to another folder.
    """
    text = _text(value)
    if PLACE in url:
        return url.replace(PLACE, text)
    address, mark, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}value={text}{mark}{fragment}"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise BadValue
    text = value.strip() if isinstance(value, str) else json.dumps(value)
    # Dots are what no quoting hides: /orders/.. is another folder however it is spelt.
    if not text or len(text) > _VALUE_LIMIT or not text.strip("."):
        raise BadValue
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise BadValue from None
