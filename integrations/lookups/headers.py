"""Request headers of a command, written as lines of ``Name: value``."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LIMIT = 4000
_LINE = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)[ \t]*")
# These say how the request travels, and are not a tenant's to choose.
_OURS = frozenset(
    {
        "host", "connection", "content-length", "content-type", "transfer-encoding", "te", "trailer", "upgrade",
        "expect", "keep-alive", "proxy-authorization", "proxy-connection", "accept-encoding",
    }
)  # fmt: skip


def parse(text: str) -> list[tuple[str, str]]:
    """Return the headers. Raises ValidationError for a line that is none, and for one that is ours to set."""
    if len(text) > LIMIT:
        raise ValidationError(_("This is too long."))
    lines = [line for line in text.splitlines() if line.strip()]
    return [_header(line.strip(), number) for number, line in enumerate(lines, start=1)]


def _header(line: str, number: int) -> tuple[str, str]:
    # The line itself may be a secret: it is named by its number.
    matched = _LINE.fullmatch(line)
    if matched is None:
        raise ValidationError(_("Line %(n)s is no header. Write Name: value."), params={"n": number})
    if matched[1].lower() in _OURS:
        raise ValidationError(_("The header of line %(n)s cannot be set."), params={"n": number})
    return matched[1], matched[2]
