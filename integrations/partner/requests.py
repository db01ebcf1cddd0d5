"""What the contract's requests and frames say, parsed once into something typed. Every parser raises Malformed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from chat.models import Status

from ..rest.fields import Fields

CONTENT_LIMIT = 10_000
CUSTOMER_ID_LIMIT = 200
# Of a list of messages without a limit, the newest; of one with it, and of one list of conversations.
MOST_MESSAGES, MOST_AT_ONCE, MOST_CONVERSATIONS = 2000, 500, 100
BIGGEST = 2**63 - 1
_WHOLE = re.compile(r"[0-9]{1,18}\Z", re.ASCII)


@dataclass(frozen=True)
class Registration:
    """Who wants to become a partner."""

    name: str
    domain: str
    email: str


def parse_registration(data: object) -> Registration:
    """Read a registration. Whether the domain is one is for the service to say."""
    body = Fields(data)
    found = Registration(
        name=body.line("name", 120, required=True),
        domain=body.line("domain", 253, required=True),
        email=body.email("email"),
    )
    body.check()
    return found


def parse_conversation(data: object) -> str:
    """Read the customer's id of a new conversation."""
    body = Fields(data)
    found = body.line("customerId", CUSTOMER_ID_LIMIT, required=True)
    body.check()
    return found


@dataclass(frozen=True)
class MessageRequest:
    """A message to send. ``from_agent`` is None when it was not said; ``metadata`` None when there is none."""

    conversation_id: int
    sender_id: str
    content: str
    from_agent: bool | None
    metadata: dict[str, Any] | None
    client_message_id: str | None


def parse_message(data: object) -> MessageRequest:
    """Read a message, of a request or of a frame's payload."""
    body = Fields(data)
    found = MessageRequest(
        conversation_id=whole(body, "conversationId"),
        sender_id=body.line("senderId", CUSTOMER_ID_LIMIT),
        content=body.text("content", CONTENT_LIMIT, required=True),
        from_agent=body.flag("isFromAgent") if body.has("isFromAgent") else None,
        metadata=body.json("metadata") if body.has("metadata") else None,
        client_message_id=body.line("clientMessageId", 100) or None,
    )
    body.check()
    return found


@dataclass(frozen=True)
class TypingRequest:
    """Somebody types in a conversation, or stopped. ``is_agent`` is None when it was not said."""

    conversation_id: int
    is_typing: bool
    is_agent: bool | None


def parse_typing(data: object) -> TypingRequest:
    """Read the payload of a ``typing`` frame."""
    body = Fields(data)
    found = TypingRequest(
        conversation_id=whole(body, "conversationId"),
        is_typing=body.flag("isTyping", required=True),
        is_agent=body.flag("isAgent") if body.has("isAgent") else None,
    )
    body.check()
    return found


def parse_read(data: object) -> tuple[int | None, int]:
    """Read the payload of a ``read`` frame: the conversation, if it is named, and the message."""
    body = Fields(data)
    conversation = whole(body, "conversationId") if body.has("conversationId") else None
    message = whole(body, "messageId")
    body.check()
    return conversation, message


@dataclass(frozen=True)
class StatusRequest:
    """What is to become of a conversation: ended, or given to an agent."""

    conversation_id: int
    status: str
    agent_id: int | None


def parse_status(data: object) -> StatusRequest:
    """Read the payload of a ``status`` frame."""
    body = Fields(data)
    found = StatusRequest(
        conversation_id=whole(body, "conversationId"),
        status=body.choice("status", [Status.ACTIVE.value, Status.CLOSED.value], required=True),
        agent_id=whole(body, "agentId") if body.has("agentId") else None,
    )
    if found.status == Status.ACTIVE and found.agent_id is None:
        body.wrong("agentId", _("This field is required."))
    body.check()
    return found


def parse_sync(data: object) -> tuple[int, int]:
    """Read the payload of a ``sync`` frame: the conversation, and the last message that the client has, 0 for none."""
    body = Fields(data)
    found = whole(body, "conversationId"), whole(body, "after", lowest=0)
    body.check()
    return found


@dataclass(frozen=True)
class Slice:
    """Which messages of a conversation: those after one, or the newest; at most so many."""

    after: int | None
    limit: int


def parse_slice(query: dict[str, str]) -> Slice:
    """Read the parameters of a list of messages."""
    fields = Fields(query)
    after = whole(fields, "after", lowest=0) if fields.has("after") else None
    limit = fields.digits("limit", 1, MOST_AT_ONCE)
    fields.check()
    return Slice(after, limit or (MOST_AT_ONCE if after is not None else MOST_MESSAGES))


def parse_limit(query: dict[str, str]) -> int:
    """Read how many conversations are wanted."""
    fields = Fields(query)
    limit = fields.digits("limit", 1, MOST_CONVERSATIONS)
    fields.check()
    return limit or MOST_CONVERSATIONS


def parse_customer(data: object) -> dict[str, Any]:
    """Read what changes of a customer: absent stays, null empties. Other fields are left aside."""
    body = Fields(data)
    readers = {
        "email": body.email,
        "name": lambda name: body.line(name, 200),
        "phone": lambda name: body.line(name, 40),
        "birthdate": body.day,
    }
    found = {name: read(name) for name, read in readers.items() if name in body.data}
    body.check()
    return found


def whole(fields: Fields, name: str, *, lowest: int = 1, required: bool = True) -> int:
    """Return a whole number, written as one or in digits: addresses and forms know only text. 0 when it is wrong."""
    value = fields.data.get(name)
    if value is None:
        if required:
            fields.wrong(name, _("This field is required."))
        return 0
    if isinstance(value, str) and _WHOLE.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= BIGGEST:
        fields.wrong(name, _("Send a whole number from %(a)d to %(b)d.") % {"a": lowest, "b": BIGGEST})
        return 0
    return value


def whole_in_path(text: str) -> int:
    """Return the id that an address names, 0 (which nothing has) when it is none."""
    return int(text) if _WHOLE.match(text) else 0
