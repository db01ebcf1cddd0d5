"""The contract's error codes ("Error Responses"; DESIGN.md section 5), and how every failure becomes one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import OperationalError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.errors import NotFound

from ..rest.failures import Failure, Words, failure_of

Details = dict[str, str]


class AgentNotFound(NotFound):
    code = "agent_not_found"
    default = _("There is no such agent.")


class WebhookNotFound(NotFound):
    code = "webhook_not_found"
    default = _("There is no such webhook.")


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    default = _("There is no such delivery.")


@dataclass(frozen=True)
class Problem:
    """A failure as the contract shows it; ``details`` says what is wrong with which field."""

    status: int
    code: str
    message: str
    message_en: str
    details: Details = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, request_id: str) -> dict[str, object]:
        """The body of the answer; the id is the one of the X-Request-Id header and of the log."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "message_en": self.message_en,
                "details": self.details,
                "request_id": request_id,
            }
        }


# Our word: HTTP status, the contract's code, its sentence where the error itself has none that says more.
CODES: dict[str, tuple[int, str, Promise]] = {
    "bad_token": (401, "AUTH-001", _("This API key or token is not valid, or not any more.")),
    "no_token": (401, "AUTH-002", _("Send an API key or a token: “Authorization: Bearer …”.")),
    "not_allowed": (403, "AUTH-003", _("You are not allowed to do this.")),
    "invalid": (400, "VAL-001", _("The request is not valid.")),
    "nothing_here": (404, "VAL-004", _("There is nothing at this address.")),
    "not_found": (404, "VAL-004", _("There is nothing at this address.")),
    "conflict": (409, "CHAT-003", _("This cannot be done as things are now.")),
    "too_many_triggers": (409, "VAL-008", _("There are too many triggers; delete one first.")),
    "chat_not_found": (404, "CHAT-001", _("There is no such chat.")),
    "ended": (409, "CHAT-002", _("This chat has ended.")),
    "agent_not_found": (404, "AGENT-001", _("There is no such agent.")),
    "offline": (409, "AGENT-002", _("This agent is offline.")),
    "full": (409, "AGENT-003", _("This agent has as many chats as they can take.")),
    "webhook_not_found": (404, "WEBHOOK-001", _("There is no such webhook.")),
    "too_many_webhooks": (409, "WEBHOOK-002", _("There are too many webhooks; delete one first.")),
    "webhook_rests": (409, "WEBHOOK-004", _("This webhook is off or paused.")),
    "delivery_not_found": (404, "WEBHOOK-003", _("There is no such delivery.")),
    "file_not_found": (404, "FILE-001", _("There is no such file.")),
    "too_large": (413, "FILE-002", _("The file is too large.")),
    "unsupported_type": (415, "FILE-003", _("Files of this type are not accepted.")),
    "upload_expired": (409, "FILE-004", _("The time for this upload is over; ask for a new address.")),
    "not_uploaded": (409, "FILE-005", _("The file has not been uploaded yet.")),
    "wrong_size": (400, "FILE-006", _("The file has not the announced size.")),
    "too_many_uploads": (
        409,
        "FILE-007",
        _("There are too many unfinished uploads; confirm them, or wait until they run out."),
    ),
    "too_many": (429, "RATE-001", _("Too many requests")),
    "failed": (500, "SRV-001", _("Something went wrong on our side.")),
    "unavailable": (503, "SRV-002", _("Parley cannot do this just now. Try again in a moment.")),
}
# What HTTP itself refuses, by its status.
REFUSED: dict[int, tuple[str, Promise]] = {
    400: ("VAL-002", _("The body is not valid JSON.")),
    405: ("VAL-005", _("This address does not take this method.")),
    413: ("VAL-006", _("The request is too large.")),
    415: ("VAL-003", _("Send JSON: “Content-Type: application/json”.")),
}
# A thing that a service could not find, by the service's name for it.
_NOT_FOUND = {"": "chat_not_found", "agent": "agent_not_found"}
# What the services call a field, and what the contract does.
_FIELDS = {
    "agent": "assigned_to",
    "body": "text",
    "content": "text",
    "tag": "tags",
    "client_id": "client_message_id",
    "size": "size_bytes",
    "file": "file_id",
}


def problem(error: Exception) -> Problem:
    """Return how the contract shows this failure; whatever is not expected is an SRV-001 that tells nothing."""
    failure = Failure("unavailable") if isinstance(error, OperationalError) else failure_of(error)
    status, code, words = _meaning(failure)
    details = {e["field"]: e["message"] for e in failure.errors}
    if failure.name:
        details = {_FIELDS.get(failure.name, failure.name): str(failure.message or words)}
    said = words if failure.errors or code.startswith(("SRV", "RATE")) else failure.message or words
    return Problem(status, code, str(said), in_english(said, words), details, failure.headers)


def _meaning(failure: Failure) -> tuple[int, str, Promise]:
    if failure.status:
        code, words = REFUSED.get(failure.status, ("VAL-007", _("The request cannot be understood.")))
        return failure.status, code, words
    code = _NOT_FOUND.get(failure.name, failure.code) if failure.code == "not_found" else failure.code
    return CODES.get(code, CODES["invalid"])


def in_english(said: Words, otherwise: Promise) -> str:
    """Return a sentence in English; one that was made in another language already gives way to ``otherwise``."""
    speaks_english = translation.get_language() == "en"
    with translation.override("en"):
        return str(said if isinstance(said, Promise) or speaks_english else otherwise)


def of_django(status: int) -> Problem:
    """Return the same for what Django itself refuses before or behind every view: 400, 403, 404 or 500."""
    word = {403: "not_allowed", 404: "nothing_here", 500: "failed"}.get(status)
    words = CODES[word][2] if word else _("The request cannot be understood.")
    code = CODES[word][1] if word else "VAL-007"
    return Problem(status, code, str(words), in_english(words, words))
