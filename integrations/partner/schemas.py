"""The shapes of the contract's bodies, as JSON Schema: what ``requests.py`` reads and ``mapping.py`` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat.models import Status

from ..openapi import parameter
from ..openapi.shapes import (
    Schema,
    address,
    answer,
    choice,
    date,
    flag,
    free,
    integer,
    many,
    nullable,
    ref,
    request,
    text,
)
from ..rest.fields import JSON_KEYS
from .errors import _CODES
from .requests import BIGGEST, CONTENT_LIMIT, CUSTOMER_ID_LIMIT, MOST_AT_ONCE, MOST_CONVERSATIONS, MOST_MESSAGES

_moment = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", "format": "date-time"}
_whole = {"type": ["integer", "string"], "minimum": 1, "maximum": BIGGEST, "pattern": "^[0-9]{1,18}$"}
_customer_id = text(CUSTOMER_ID_LIMIT, "The partner's own id of the customer.")
_metadata = "Structured data beside the text, kept and given back as it is, e.g. `{commandType, value}`."

REGISTER = request(
    {
        "name": text(120, "Of the company."),
        "domain": text(253, "Where its site is: a host name, perhaps with a port."),
        "email": text(254, "An addition: who is to own the workspace is sent a link to come in."),
    },
    needed=["name", "domain"],
)
REGISTERED = answer(
    {
        "message": text(),
        "partnerId": text(pattern="^partner-[0-9a-f]+$"),
        "apiKey": text(about="The secret key, for servers. It cannot be read again."),
        "name": text(120),
        "domain": text(253),
        "widgetKey": text(about="The publishable key: what a web page may hold."),
        "identitySecret": text(about="Signs the identity tokens by which a site vouches for its customers."),
        "workspace": text(60, "The workspace's slug."),
        "status": choice(["approved", "pending"], "While it is pending, the keys do not work."),
    }
)
NEW_CONVERSATION = request({"customerId": _customer_id}, needed=["customerId"])
_CONVERSATION: dict[str, Schema] = {
    "id": integer(1),
    "customerId": text(),
    "agentId": nullable(integer(1, about="Who has it; null while nobody has.")),
    "status": choice([str(status) for status in Status.values]),
    "createdAt": _moment,
    "updatedAt": _moment,
}
CONVERSATION = answer(_CONVERSATION)
STARTED = answer(
    {
        **_CONVERSATION,
        "token": text(about="The customer's own: for the socket, and for these endpoints, from a page or an app."),
        "tokenExpiresAt": _moment,
        "websocketUrl": address("The customer's socket, ready to be opened."),
    }
)
SEND = request(
    {
        "conversationId": _whole,
        "senderId": text(CUSTOMER_ID_LIMIT, "The conversation's customer, or `agent-{id}` with `isFromAgent`."),
        "content": text(CONTENT_LIMIT),
        "isFromAgent": flag("Default: false; true with an agent's own token."),
        "metadata": free(_metadata, most=JSON_KEYS),
        "clientMessageId": text(100, "An addition: sent again with the same id, a message is stored once."),
    },
    needed=["conversationId", "content"],
)
_ATTACHMENT = answer({"name": text(255), "url": address(), "contentType": text(), "size": integer(about="In bytes.")})
MESSAGE = answer(
    {
        "id": integer(1),
        "conversationId": integer(1),
        "senderId": text(about="The customer, `agent-{id}`, or `workspace` for the company itself."),
        "content": text(),
        "isFromAgent": flag(),
        "timestamp": _moment,
        "readStatus": flag("Whether the other side has read it."),
        "metadata": free(_metadata),
        "attachments": many(_ATTACHMENT, "An addition: the files of the message."),
        "clientMessageId": text(100),
    },
    maybe=["metadata", "attachments", "clientMessageId"],
)
CHANGE_CUSTOMER = request(
    {
        "email": text(254, "An e-mail address."),
        "name": text(200),
        "birthdate": date("For the Flashback profile."),
        "phone": text(40, "An addition."),
    },
    about="What is absent stays, null empties.",
)
CUSTOMER = answer(
    {
        "id": text(),
        "email": nullable(text(254)),
        "name": nullable(text(200)),
        "birthdate": nullable(date()),
        "createdAt": _moment,
        "updatedAt": _moment,
    }
)
FAILURE = answer(
    {
        "error": text(),
        "message": text(),
        "fields": many(answer({"field": text(), "message": text()}), "What of the input was wrong."),
    },
    maybe=["fields"],
)
SHAPES = {"Conversation": CONVERSATION, "Message": MESSAGE, "Failure": FAILURE}

MESSAGES_QUERY = [
    parameter(
        "after", integer(0, 10**18 - 1), "An addition: the id of a message of this conversation; only later ones."
    ),
    parameter(
        "limit",
        integer(1, MOST_AT_ONCE),
        f"An addition: at most so many. Without it, the newest {MOST_MESSAGES}, or {MOST_AT_ONCE} after a message.",
    ),
]
CONVERSATIONS_QUERY = [parameter("limit", integer(1, MOST_CONVERSATIONS), "An addition: at most so many.")]

# Failures that come before any view.
_BEFORE = {"body_too_large": (413, "request_too_large"), "body_type": (415, "unsupported_media_type")}


def problem_answers(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the failures with these names (those of ``errors.py``) as responses, by status."""
    found: dict[int, set[str]] = {}
    for name in names:
        status, word = _BEFORE.get(name) or _CODES[name][:2]
        found.setdefault(status, set()).add(word)
    return {status: _failure(sorted(words)) for status, words in found.items()}


def _failure(words: list[str]) -> dict[str, Any]:
    schema: Schema = {"allOf": [ref("Failure"), {"properties": {"error": {"enum": words}}}]}
    return {"description": ", ".join(words) + ".", "content": {"application/json": {"schema": schema}}}
