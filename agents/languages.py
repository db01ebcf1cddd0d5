"""Which of our languages somebody reads."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def supported(code: str) -> str | None:
    """Return our language for a tag such as ``vi`` or ``uz-Latn-UZ``, or None."""
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return None


def accepted(header: str, otherwise: str) -> str:
    """Return the first of our languages in an ``Accept-Language`` header; ``otherwise`` when it names none."""
    for code, _quality in parse_accept_lang_header(header):
        if code == "*":
            break
        if language := supported(code):
            return language
    return otherwise
