"""Every exception that a view may meet, in our own words; a dialect has a status, a code and a sentence for each."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest

from agents.errors import TeamError
from chat.errors import ChatError

from ..keys.browsers import NotAdmitted
from ..keys.limits import TooMany
from .fields import FieldErrors, Malformed

Words = str | Promise


@dataclass(frozen=True)
class Failure:
    """What went wrong, and with which input (``name``). ``code`` is a word of :mod:`chat.errors`, or one of these:

    ``no_token`` and ``bad_token`` (who are you?), ``nothing_here`` (no such address), ``refused`` (HTTP itself says no:
    then ``status`` is its number), ``failed`` (nobody expected it, and nobody is told more).
    """

    code: str
    message: Words | None = None
    name: str = ""
    errors: FieldErrors = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0


def failure_of(error: Exception) -> Failure:
    """Return what this exception means to the caller."""
    if isinstance(error, Malformed):
        return Failure("invalid", errors=error.errors)
    if isinstance(error, ChatError):
        return Failure(error.code, error.message, error.field)
    if isinstance(error, TeamError):
        return Failure(error.code, _words(error.message), error.field or "")
    if isinstance(error, TooMany):
        return Failure("too_many", headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, rest.APIException):
        return _of_rest_error(error)
    if isinstance(error, Http404):
        return Failure("nothing_here", _("There is nothing at this address."))
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return Failure("refused", _("The request is too large."), status=413)
    return Failure("invalid" if isinstance(error, SuspiciousOperation) else "failed")


def _of_rest_error(error: rest.APIException) -> Failure:
    """REST framework's own: before a view of ours runs, or because of its headers."""
    if isinstance(error, rest.NotAuthenticated | rest.AuthenticationFailed):
        code = "no_token" if isinstance(error, rest.NotAuthenticated) else "bad_token"
        return Failure(code, _words(error.detail), headers={"WWW-Authenticate": 'Bearer realm="Parley"'})
    if isinstance(error, rest.PermissionDenied):
        cause = error.__cause__
        return Failure("not_allowed", cause.message if isinstance(cause, NotAdmitted) else _words(error.detail))
    if isinstance(error, rest.NotFound):
        return Failure("nothing_here", _words(error.detail))
    return Failure("refused", _words(error.detail), status=error.status_code)


def _words(message: object) -> Words:
    return message if isinstance(message, Promise) else str(message)
