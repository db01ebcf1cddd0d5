"""The contract's error codes (section 8, and DESIGN.md section 5), and how every failure becomes one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest

from agents.errors import TeamError
from chat.errors import ChatError, Invalid, NotFound

from ..keys.limits import TooMany

FieldErrors = list[dict[str, str]]


class Malformed(Invalid):
    """Input with something wrong in these fields."""

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__(field=errors[0]["field"])
        self.errors = errors


class SessionNotFound(NotFound):
    code = "session_not_found"


class AgentNotFound(NotFound):
    code = "agent_not_found"


class MessageNotFound(NotFound):
    code = "message_not_found"


class DeliveryFailed(ChatError):
    """The message could not be stored, for no fault of the caller's: they may send it again."""

    code = "delivery_failed"


@dataclass(frozen=True)
class Problem:
    """A failure as the contract shows it."""

    status: int
    code: int
    message: str
    errors: FieldErrors = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def envelope(self) -> dict[str, object]:
        """The body of the answer."""
        return {"success": False, "code": self.code, "message": self.message, "errors": self.errors}


# Our word: HTTP status, the contract's code, its message; None keeps the sentence of the error itself.
_CODES: dict[str, tuple[int, int, str | Promise | None]] = {
    "session_not_found": (404, 4001, _("Session not found")),
    "agent_not_found": (404, 4002, _("Agent not found")),
    "message_not_found": (404, 4003, _("Message not found")),
    "offline": (409, 4004, _("Agent unavailable")),
    "full": (409, 4004, _("Agent unavailable")),
    "ended": (409, 4005, _("Session already ended")),
    "too_large": (413, 4006, _("File too large")),
    "unsupported_type": (415, 4007, _("Unsupported file type")),
    "delivery_failed": (500, 5001, _("Message delivery failed")),
    "upgrade": (426, 5002, _("WebSocket connection failed")),
    "invalid": (400, 4000, _("The request is not valid.")),
    "not_authenticated": (401, 4010, None),
    "not_allowed": (403, 4030, None),
    "not_found": (404, 4040, None),
    "conflict": (409, 4090, None),
    "last_owner": (409, 4090, None),
    "too_many": (429, 4290, _("Too many requests")),
    "failed": (500, 5000, _("Something went wrong.")),
}
# What the services call a thing, and what the contract does.
_NOT_FOUND = {"": "session_not_found", "agent": "agent_not_found", "message": "message_not_found"}
_FIELDS = {
    "agent": "agentId",
    "body": "content",
    "client_id": "clientMessageId",
    "until": "availableUntil",
    "target": "targetAgentId",
    "visitor": "visitorId",
}


def problem(error: Exception) -> Problem:
    """Return how the contract shows this failure; whatever is not expected is a 5000 that tells nothing."""
    if isinstance(error, ChatError):
        return _of_chat_error(error)
    if isinstance(error, TeamError):
        return _make(error.code, error.message, error.field or "")
    if isinstance(error, TooMany):
        return _make("too_many", headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, rest.APIException):
        return _of_rest_error(error)
    if isinstance(error, Http404):
        return _make("not_found", _("There is nothing at this address."))
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return Problem(413, 4000, str(_("The request is too large.")))
    if isinstance(error, SuspiciousOperation):
        return _make("invalid")
    return _make("failed")


def _of_chat_error(error: ChatError) -> Problem:
    if isinstance(error, Malformed):
        made = _make("invalid")
        return Problem(made.status, made.code, made.message, error.errors)
    code = _NOT_FOUND.get(error.field, error.code) if error.code == "not_found" else error.code
    return _make(code, error.message, error.field)


def _make(code: str, message: object = None, name: str = "", headers: dict[str, str] | None = None) -> Problem:
    status, number, words = _CODES.get(code, _CODES["invalid"])
    name = _FIELDS.get(name, name)
    errors = [{"field": name, "message": str(message or words)}] if name else []
    return Problem(status, number, str(words or message), errors, headers or {})


def _of_rest_error(error: rest.APIException) -> Problem:
    """REST framework's own: before a view of ours runs, or because of its headers."""
    if isinstance(error, rest.NotAuthenticated | rest.AuthenticationFailed):
        header = getattr(error, "auth_header", 'Bearer realm="Parley"')
        return _make("not_authenticated", error.detail, headers={"WWW-Authenticate": header})
    if isinstance(error, rest.PermissionDenied):
        return _make("not_allowed", error.detail)
    if isinstance(error, rest.NotFound):
        return _make("not_found", error.detail)
    return Problem(error.status_code, 4000, str(error.detail))
