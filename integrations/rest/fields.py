"""Reads outside input field by field and collects what is wrong with it, under the contract's own names."""

from __future__ import annotations

import json
import math
import re
import unicodedata
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.errors import Invalid

JSON_DEPTH = 8
JSON_CHARACTERS = 8 * 1024
JSON_KEYS = 50
_HTTP = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?\Z", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_DIGITS = re.compile(r"[0-9]{1,9}\Z")

FieldErrors = list[dict[str, str]]


class Malformed(Invalid):
    """Input with something wrong in these fields."""

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__(field=errors[0]["field"])
        self.errors = errors

    @classmethod
    def named(cls, error: ValidationError, names: Mapping[str, str]) -> Malformed:
        """Return a model's own refusal, with the contract's names for the model's fields."""
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return cls([{"field": names.get(n, n), "message": str(m)} for n, texts in found.items() for m in texts])


class Fields:
    """A JSON object under examination. Null is the same as absent. Call :meth:`check` before using what was read."""

    def __init__(self, data: object, prefix: str = "", errors: FieldErrors | None = None) -> None:
        self.errors: FieldErrors = [] if errors is None else errors
        self.prefix = prefix
        if not isinstance(data, Mapping):
            self.wrong("", _("Send a JSON object."))
            data = {}
        self.data = data

    def wrong(self, name: str, message: str | Promise) -> None:
        """Note an error of this field."""
        self.errors.append({"field": f"{self.prefix}{name}".rstrip("."), "message": str(message)})

    def check(self) -> None:
        """Raise Malformed when anything was wrong."""
        if self.errors:
            raise Malformed(self.errors)

    def only(self, *names: str) -> None:
        """Refuse every field but these, by its name."""
        for name in self.data:
            if name not in names:
                self.wrong(str(name)[:100], _("This field cannot be set."))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.data.get(name) is not None

    def _get(self, name: str, required: bool) -> Any:
        value = self.data.get(name)
        if value is None and required:
            self.wrong(name, _("This field is required."))
        return value

    def text(self, name: str, longest: int, *, shortest: int = 0, required: bool = False) -> str:
        """A text of several lines, as it was written."""
        value = self._get(name, required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(name, _("Send a string."))
        elif not storable(value):
            self.wrong(name, _("The text has characters that cannot be stored."))
        elif len(value) > longest:
            self.wrong(name, _("At most %(n)d characters.") % {"n": longest})
        elif len(value) < shortest:
            self.wrong(name, _("At least %(n)d characters.") % {"n": shortest})
        elif required and not value.strip():
            self.wrong(name, _("This field is required."))
        else:
            return value
        return ""

    def line(self, name: str, longest: int, *, shortest: int = 0, required: bool = False) -> str:
        """A text of one line, without spaces around it."""
        value = self.text(name, longest, shortest=shortest, required=required).strip()
        if any(unicodedata.category(c) == "Cc" for c in value):
            self.wrong(name, _("Send one line, without control characters."))
            return ""
        return value

    def email(self, name: str) -> str:
        """An e-mail address, or nothing."""
        value = self.line(name, 254)
        try:
            if value:
                validate_email(value)
        except ValidationError:
            self.wrong(name, _("This is not an e-mail address."))
            return ""
        return value

    def address(self, name: str, *, required: bool = False) -> str:
        """A web address, or nothing. Only http and https: it will be a link in somebody's browser."""
        value = self.line(name, 2000, required=required)
        if value and not _HTTP.match(value):
            self.wrong(name, _("This is not a web address."))
            return ""
        return value

    def guid(self, name: str, *, required: bool = False) -> uuid.UUID | None:
        """A GUID, as text with or without its dashes."""
        value = self._get(name, required)
        if value is None:
            return None
        try:
            return uuid.UUID(value)
        except (ValueError, TypeError, AttributeError):
            self.wrong(name, _("Send a GUID."))
            return None

    def guids(self, name: str, most: int, *, required: bool = False) -> list[uuid.UUID]:
        """The GUIDs in this array, each once, in their order."""
        value = self._get(name, required)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most or (required and not value):
            self.wrong(name, _("Send an array of at most %(n)d.") % {"n": most})
            return []
        items = Fields({str(i): item for i, item in enumerate(value)}, f"{self.prefix}{name}.", self.errors)
        found = [items.guid(i, required=True) for i in items.data]
        return list(dict.fromkeys(guid for guid in found if guid))

    def choice(self, name: str, choices: Collection[str], default: str = "", *, required: bool = False) -> str:
        """One of these words."""
        value = self._get(name, required)
        if value is None:
            return default
        if not isinstance(value, str) or value not in choices:
            self.wrong(name, _("Choose one of: %(names)s.") % {"names": ", ".join(choices)})
            return default
        return value

    def flag(self, name: str, default: bool = False, *, required: bool = False) -> bool:
        """True or false."""
        value = self._get(name, required)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, _("Send true or false."))
            return default
        return value

    def integer(self, name: str, lowest: int, highest: int, *, required: bool = False) -> int | None:
        """A whole number."""
        value = self._get(name, required)
        if value is None:
            return None
        return self._within(name, value, lowest, highest)

    def day(self, name: str) -> date | None:
        """A day written as YYYY-MM-DD."""
        value = self._get(name, False)
        if value is None:
            return None
        try:
            if isinstance(value, str) and _DAY.match(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.wrong(name, _("Write the date as YYYY-MM-DD."))
        return None

    def digits(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number as text, as a query string has it."""
        value = self._get(name, False)
        if value is None:
            return None
        text = value if isinstance(value, str) else ""
        return self._within(name, int(text) if _DIGITS.match(text) else None, lowest, highest)

    def _within(self, name: str, value: object, lowest: int, highest: int) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.wrong(name, _("Send a whole number from %(a)d to %(b)d.") % {"a": lowest, "b": highest})
            return None
        return value

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601; without an offset it is UTC."""
        value = self._get(name, False)
        if value is None:
            return None
        try:
            # A "+" of a query string that was not encoded arrives as a space.
            moment = parse_datetime(value.strip().replace(" ", "+") if "T" in value else value)
        except (AttributeError, TypeError, ValueError):
            moment = None
        if moment is None:
            self.wrong(name, _("Send a time such as 2023-10-27T11:30:00Z."))
            return None
        return _in_utc(moment, self, name)

    def object(self, name: str) -> Fields:
        """The object in this field; an empty one when it is absent."""
        value = self.data.get(name)
        return Fields({} if value is None else value, f"{self.prefix}{name}.", self.errors)

    def list(self, name: str, longest: int) -> list[Fields]:
        """The objects in this array."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > longest:
            self.wrong(name, _("Send an array of at most %(n)d.") % {"n": longest})
            return []
        return [Fields(item, f"{self.prefix}{name}.{i}.", self.errors) for i, item in enumerate(value)]

    def texts(self, name: str, most: int, longest: int) -> Sequence[str] | None:
        """The strings in this array, or None when it is absent."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > most:
            self.wrong(name, _("Send an array of at most %(n)d.") % {"n": most})
            return None
        items = Fields(dict(enumerate(value)), f"{self.prefix}{name}.", self.errors)
        return [items.line(i, longest, required=True) for i in items.data]

    def json(self, name: str) -> dict[str, Any]:
        """An object of the integrator's own, kept as it is: small, and storable everywhere."""
        value = self.data.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(name, _("Send a JSON object."))
        elif len(value) > JSON_KEYS or not _plain(value, JSON_DEPTH):
            self.wrong(name, _("This is too deep, or has values that cannot be stored."))
        elif len(json.dumps(value, ensure_ascii=False)) > JSON_CHARACTERS:
            self.wrong(name, _("At most %(n)d characters.") % {"n": JSON_CHARACTERS})
        else:
            return value
        return {}


def storable(text: str) -> bool:
    """Whether every database can keep the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _plain(value: object, depth: int) -> bool:
    """Whether every part of a JSON value can be stored in every database, within this depth."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**63
    if depth == 0:
        return not isinstance(value, dict | list)
    if isinstance(value, dict):
        return all(storable(k) and _plain(v, depth - 1) for k, v in value.items())
    return not isinstance(value, list) or all(_plain(v, depth - 1) for v in value)


def _in_utc(moment: datetime, fields: Fields, name: str) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        fields.wrong(name, _("Send a time such as 2023-10-27T11:30:00Z."))
        return None
