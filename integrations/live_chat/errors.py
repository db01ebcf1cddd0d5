"""The contract's error codes (section 8, and DESIGN.md section 5), and how every failure becomes one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.errors import ChatError, NotFound

from ..rest.failures import failure_of
from ..rest.fields import FieldErrors


class SessionNotFound(NotFound):
    code = "session_not_found"


class AgentNotFound(NotFound):
    code = "agent_not_found"
    default = _("There is no such agent.")


class MessageNotFound(NotFound):
    code = "message_not_found"
    default = _("There is no such message.")


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
    "no_token": (401, 4010, None),
    "bad_token": (401, 4010, None),
    "not_allowed": (403, 4030, None),
    "not_found": (404, 4040, None),
    "nothing_here": (404, 4040, None),
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
    failure = failure_of(error)
    if failure.status:
        return Problem(failure.status, 4000, str(failure.message))
    code = _NOT_FOUND.get(failure.name, failure.code) if failure.code == "not_found" else failure.code
    status, number, words = _CODES.get(code, _CODES["invalid"])
    name = _FIELDS.get(failure.name, failure.name)
    errors = [{"field": name, "message": str(failure.message or words)}] if name else failure.errors
    return Problem(status, number, str(words or failure.message), errors, failure.headers)
