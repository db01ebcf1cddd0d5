"""The export's errors: ``{"code": "ERROR_NAME", "message": ...}`` (DESIGN.md section 5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from ..rest.failures import Failure, Words, failure_of

# Our word: HTTP status, the contract's name for it, its sentence; None keeps the sentence of the failure itself.
_CODES: dict[str, tuple[int, str, Words | None]] = {
    "invalid": (400, "INVALID_PARAMETER", None),
    "no_token": (401, "UNAUTHORIZED", _("Send a secret key: Authorization: Bearer sk_...")),
    "bad_token": (401, "UNAUTHORIZED", None),
    "not_allowed": (403, "FORBIDDEN", None),
    "nothing_here": (404, "NOT_FOUND", None),
    "too_many": (429, "TOO_MANY_REQUESTS", _("Too many requests")),
    "failed": (500, "INTERNAL_ERROR", _("Something went wrong.")),
}
_REFUSED = {405: "METHOD_NOT_ALLOWED", 413: "REQUEST_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}


def failed(error: Exception) -> Response:
    """Return the contract's answer to this failure; ``parameter`` beside the documented names says which was wrong."""
    failure = failure_of(error)
    status, code, words = _code(failure)
    body = {"code": code, "message": str(words or failure.message)}
    if failure.name:
        body["parameter"] = failure.name
    return Response(body, status=status, headers=failure.headers)


def _code(failure: Failure) -> tuple[int, str, Words | None]:
    if failure.code == "refused":
        return failure.status, _REFUSED.get(failure.status, "BAD_REQUEST"), failure.message
    return _CODES.get(failure.code, _CODES["invalid"])
