"""The contract's errors: ``{"error": {"type", "message"}}`` over HTTP; on the topic, inside an ``error`` action."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from ..rest.failures import Words, failure_of
from .actions import Refusal, sentence_of

# Our word: HTTP status, and its sentence; None keeps the sentence of the failure itself.
CODES: dict[str, tuple[int, Words | None]] = {
    "invalid": (400, None),
    "unauthorized": (401, _("The signature, the client id or the bot id is wrong.")),
    "not_allowed": (403, None),
    "not_found": (404, None),
    "nothing_here": (404, None),
    "conflict": (409, None),
    "ended": (409, None),
    "full": (409, None),
    "offline": (409, None),
    "nobody_available": (409, None),
    "too_many_bots": (409, None),
    "budget": (409, None),
    "too_many": (429, _("Too many requests")),
    "failed": (500, _("Something went wrong.")),
}


STALE = _("x-timestamp must be a number of seconds or milliseconds, at most five minutes from now.")


class BadSignature(Exception):
    """Whoever calls has not shown to be a bot. Nobody is told what exactly was wrong."""


class Stale(Exception):
    """A bot's own call, by its signature, whose ``x-timestamp`` is not of now."""


def failed(error: Exception) -> Response:
    """Return the contract's answer to this failure."""
    if isinstance(error, BadSignature):
        return _answer("unauthorized", "")
    if isinstance(error, Stale):
        return Response({"error": {"type": "unauthorized", "message": str(STALE)}}, status=401)
    failure = failure_of(error)
    if failure.code == "refused":
        return _answer("invalid" if failure.status == 400 else "refused", failure.message or "", status=failure.status)
    answer = _answer(failure.code, failure.message or (sentence_of(failure.errors) if failure.errors else ""))
    if failure.errors:
        answer.data["error"]["errors"] = failure.errors
    for name, value in failure.headers.items():
        answer[name] = value
    return answer


def refused(refusal: Refusal) -> Response:
    """Return the answer to an action that was not done."""
    return Response({"error": refusal.as_json()}, status=CODES.get(refusal.code, CODES["invalid"])[0])


def _answer(code: str, message: Words, status: int = 0) -> Response:
    known, words = CODES.get(code, CODES["invalid"])
    body: dict[str, Any] = {"type": code, "message": str(words or message)}
    return Response({"error": body}, status=status or known)
