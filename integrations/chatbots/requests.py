"""What a bot sends, read field by field: the envelope, the payload of each action, the bodies of the two calls."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from chat import rich
from chat.errors import Invalid
from chat.services.messages import BODY_LIMIT

from ..rest.fields import Fields, Malformed, storable
from .mapping import FILE, MESSAGE, RICH

LARGEST = 256 * 1024
MOST_IDS = 50
TYPING, SEND, TAG, TRANSFER, DEACTIVATE = (
    "send_typing_indicator",
    "send_event",
    "tag_thread",
    "transfer_chat",
    "deactivate_chat",
)
ACTIONS = (TYPING, SEND, TAG, TRANSFER, DEACTIVATE)


class Garbage(Exception):
    """What is no action at all: not JSON, no object, too large. Nobody can be told."""


@dataclass(frozen=True)
class Envelope:
    """One action as it came; its payload is not looked at yet."""

    action: str
    payload: dict[str, Any]
    tenant_id: object
    bot_id: object

    @property
    def custom_id(self) -> str:
        """What makes a resend known: of the payload, or of its event."""
        event = self.payload.get("event")
        places = (self.payload, event if isinstance(event, dict) else {})
        return next((_kept(place["custom_id"]) for place in places if place.get("custom_id") is not None), "")

    @property
    def chat_id(self) -> str:
        """The chat that it names, as text, for the error that may answer it."""
        return _kept(self.payload.get("chat_id") or self.payload.get("id") or "")


def _kept(value: object) -> str:
    """Return a value that nobody has checked yet as text that every database can keep."""
    return "".join(character if storable(character) else "\ufffd" for character in str(value)[:100])


@dataclass(frozen=True)
class Event:
    """The event of ``send_event``."""

    type: str
    text: str = ""
    url: str = ""
    rich: dict[str, Any] | None = None


@dataclass(frozen=True)
class Asked:
    """A payload that is right by itself. Which fields are set depends on the action."""

    chat_id: uuid.UUID
    thread_id: uuid.UUID | None = None
    custom_id: str = ""
    typing: bool = False
    event: Event | None = None
    tag: str = ""
    reason: str = ""
    to_groups: bool = False
    targets: list[uuid.UUID] = field(default_factory=list)
    ignore_availability: bool = False
    ignore_presence: bool = False


def envelope_of(raw: bytes) -> Envelope:
    """Return the action in these bytes. Raises Garbage."""
    if len(raw) > LARGEST:
        raise Garbage(f"{len(raw)} bytes; at most {LARGEST} are taken")
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Garbage(f"not JSON: {error}"[:200]) from None
    if not isinstance(data, dict) or not isinstance(data.get("action"), str):
        raise Garbage("no object with an action")
    if not storable(data["action"]):
        raise Garbage("an action of characters that cannot be stored")
    payload = data.get("payload")
    return Envelope(
        data["action"][:100], payload if isinstance(payload, dict) else {}, data.get("tenant_id"), data.get("bot_id")
    )


def asked(envelope: Envelope) -> Asked:
    """Return the payload of a known action. Raises Malformed or Invalid, with the field."""
    fields = Fields(envelope.payload, "payload.")
    chat_name = "id" if envelope.action in (TRANSFER, DEACTIVATE) else "chat_id"
    chat_id = fields.guid(chat_name, required=True)
    custom_id = fields.guid("custom_id")
    read: dict[str, Any] = {
        "thread_id": fields.guid("thread_id"),
        "ignore_presence": fields.flag("ignore_requester_presence"),
        "reason": fields.line("reason", 200),
    }
    if envelope.action == TYPING:
        read["typing"] = fields.flag("is_typing", required=True)
    elif envelope.action == TAG:
        read["tag"] = fields.line("tag", 60, required=True)
    elif envelope.action == TRANSFER:
        target = fields.object("target")
        read["to_groups"] = target.choice("type", ("group", "agent"), required=True) == "group"
        read["targets"] = target.guids("ids", MOST_IDS, required=True)
        read["ignore_availability"] = fields.flag("ignore_agents_availability")
    elif envelope.action == SEND:
        event = fields.object("event")
        custom_id = event.guid("custom_id") or custom_id
        read["event"] = _event(event)
    fields.check()
    assert chat_id
    return Asked(chat_id=chat_id, custom_id=str(custom_id or ""), **read)


def _event(fields: Fields) -> Event:
    kind = fields.choice("type", (MESSAGE, FILE, RICH), required=True)
    if kind == MESSAGE:
        return Event(kind, text=fields.text("text", BODY_LIMIT, required=True))
    if kind == FILE:
        return Event(kind, url=fields.address("url", required=True))
    if kind == RICH:
        try:
            return Event(kind, rich=rich.checked(fields.data))
        except Invalid as error:
            fields.wrong(error.field, error.message)
    return Event(kind)


def groups_filter(body: object) -> list[uuid.UUID]:
    """Return the ``group_ids`` of a RoutingStatusReq; no body, no filter or an empty one asks for everybody."""
    fields = Fields({} if body is None else body)
    ids = fields.object("filter").guids("group_ids", MOST_IDS)
    fields.check()
    return ids


def chat_and_thread(body: object) -> tuple[uuid.UUID, uuid.UUID | None]:
    """Return the ids of a GetChatRequest; an empty ``thread_id`` asks for the newest."""
    data = dict(body) if isinstance(body, dict) else body
    if isinstance(data, dict) and data.get("thread_id") == "":
        data["thread_id"] = None
    fields = Fields({} if data is None else data)
    chat_id, thread_id = fields.guid("chat_id", required=True), fields.guid("thread_id")
    fields.check()
    assert chat_id
    return chat_id, thread_id


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def unknown_action(action: str) -> Malformed:
    """Return the refusal of an action that does not exist."""
    message = _("Choose one of: %(names)s.") % {"names": ", ".join(ACTIONS)}
    return Malformed([{"field": "action", "message": str(message)}])
