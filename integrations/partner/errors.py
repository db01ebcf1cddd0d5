"""The contract's errors: ``{"error": word, "message": sentence}`` (DESIGN.md section 5), and ``fields`` beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from chat.errors import ChatError, NotFound

from ..rest.failures import Failure, Words, failure_of
from ..rest.fields import FieldErrors


class NoSuchConversation(NotFound):
    default = _("There is no such conversation.")


class NoSuchCustomer(NotFound):
    default = _("There is no such customer.")


class NoSuchMessage(NotFound):
    default = _("There is no such message.")


class NoSuchAgent(NotFound):
    default = _("There is no such agent.")


class RegistrationClosed(ChatError):
    """Nobody becomes a partner of this installation by themselves."""

    code = "registration_closed"
    default = _("Registration is closed. Ask the operator of this service for an API key.")


@dataclass(frozen=True)
class Problem:
    """A failure as the contract shows it."""

    status: int
    error: str
    message: str
    fields: FieldErrors = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The body of the answer; ``fields`` only when some input was wrong."""
        shown: dict[str, object] = {"error": self.error, "message": self.message}
        return {**shown, "fields": self.fields} if self.fields else shown


# Our word: HTTP status, the contract's word, its sentence; None keeps the sentence of the failure itself.
_CODES: dict[str, tuple[int, str, Words | None]] = {
    "invalid": (400, "invalid_request", None),
    "no_token": (401, "unauthorized", _("Send your API key: Authorization: Bearer your-api-key")),
    "bad_token": (401, "unauthorized", None),
    "not_allowed": (403, "forbidden", None),
    "registration_closed": (403, "registration_closed", None),
    "not_found": (404, "not_found", None),
    "nothing_here": (404, "not_found", None),
    "ended": (409, "conversation_closed", _("This conversation has ended. Create a new one.")),
    "offline": (409, "agent_unavailable", None),
    "full": (409, "agent_unavailable", None),
    "conflict": (409, "conflict", None),
    "too_many": (429, "too_many_requests", _("Too many requests")),
    "failed": (500, "server_error", _("Something went wrong.")),
}
_REFUSED = {405: "method_not_allowed", 413: "request_too_large", 415: "unsupported_media_type"}
# What the services call a thing, and what the contract does.
_FIELDS = {
    "body": "content",
    "client_id": "clientMessageId",
    "domains": "domain",
    "external_id": "customerId",
    "agent": "agentId",
}


def problem(error: Exception) -> Problem:
    """Return how the contract shows this failure; whatever is not expected tells nothing."""
    failure = failure_of(error)
    status, word, sentence = _code(failure)
    name = _FIELDS.get(failure.name, failure.name)
    message = str(sentence or failure.message or _("The request is not valid."))
    fields = failure.errors or ([{"field": name, "message": message}] if name else [])
    if failure.errors:
        message = " ".join(f"{e['field']}: {e['message']}" if e["field"] else e["message"] for e in failure.errors[:3])
    return Problem(status, word, message, fields, failure.headers)


def _code(failure: Failure) -> tuple[int, str, Words | None]:
    if failure.code == "refused":
        return failure.status, _REFUSED.get(failure.status, "invalid_request"), failure.message
    return _CODES.get(failure.code, _CODES["invalid"])


def failed(error: Exception) -> Response:
    """Return the contract's answer to this failure."""
    found = problem(error)
    return Response(found.body(), status=found.status, headers=found.headers)
