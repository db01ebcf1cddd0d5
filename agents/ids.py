"""Public identifiers: UUIDv7, and the prefixed form that the REST contracts show."""

import re
import uuid

from uuid_utils.compat import uuid7

_HEX = re.compile(r"[0-9a-f]{32}")


def new_uid() -> uuid.UUID:
    """Return a fresh UUIDv7: sortable by time, 74 random bits."""
    return uuid7()


def encode(prefix: str, uid: uuid.UUID) -> str:
    """Return ``prefix_<32 hex digits>``, e.g. ``session_0190...``; :func:`decode` reverses it without a table."""
    return f"{prefix}_{uid.hex}"


def decode(prefix: str, text: object) -> uuid.UUID | None:
    """Return the uid inside ``text``, or None when it is not an id of this prefix. Only one spelling is valid."""
    if not isinstance(text, str):
        return None
    head, _, digits = text.partition("_")
    if head != prefix or not _HEX.fullmatch(digits):
        return None
    return uuid.UUID(digits)
