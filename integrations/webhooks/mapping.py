"""From our events to what a webhook says: pure functions, whose result is a promise to receivers (docs/webhooks.md).

Fields are added, never renamed or removed. Field names and status words are those of the ChatFlow contract, so that
a receiver can use the same parser for both. Nothing here queries: ``chat.services`` has joined what is needed.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from agents.ids import encode
from agents.models import Agent, Department
from chat import events, files
from chat.models import Attachment, AuthorKind, Chat, Kind, Message, Visitor

from . import names

Data = dict[str, Any]

STATUS = {"waiting": "active", "active": "assigned", "closed": "closed"}
AGENT_STATUS = {"available": "online", "busy": "busy", "away": "away", "offline": "offline"}
_PRIORITY = {1: "low", 2: "medium", 3: "high", 4: "urgent"}


def public(event: events.Event) -> tuple[str, Data] | None:
    """Return the event's public name and its ``data``, or None when no webhook hears of it."""
    entry = _EVENTS.get(type(event))
    if entry is None:
        return None
    name, render = entry
    data = render(event)
    return (name, data) if data is not None else None


def name_of(event: events.Event) -> str | None:
    """Return the public name that such an event has, or None when no webhook ever hears of its kind."""
    entry = _EVENTS.get(type(event))
    return entry[0] if entry else None


def moment(at: datetime | None) -> str | None:
    """Return a time as the contract writes it, ``2026-02-11T14:30:00Z``; None for none."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def envelope(name: str, at: datetime, data: Data) -> Data:
    """Return the body of a delivery, as Standard Webhooks shapes it."""
    return {"type": name, "timestamp": moment(at), "data": data}


def _created(event: events.ChatStarted) -> Data:
    return {"chat": chat(event.chat)}


def _assigned(event: events.ChatAssigned) -> Data:
    return {
        "chat": chat(event.chat),
        "agent": agent(event.agent),
        "by": agent(event.by),
        "reason": event.reason,
    }


def _transferred(event: events.ChatTransferred) -> Data:
    return {
        "chat": chat(event.chat),
        "from_agent": agent(event.from_agent),
        "to_agent": agent(event.to_agent),
        "to_department": department(event.to_department),
        "by": agent(event.by),
        "reason": event.reason,
    }


def _closed(event: events.ChatClosed) -> Data:
    return {"chat": chat(event.chat), "by": agent(event.by), "reason": event.reason}


def _rated(event: events.ChatRated) -> Data:
    return {"chat": chat(event.chat), "rating": event.chat.rating, "comment": event.chat.rating_comment}


def _sent(event: events.MessagePosted) -> Data | None:
    """A message; a note is the team's own and never leaves."""
    if event.message.kind == Kind.NOTE or not event.message.public:
        return None
    return {"message": message(event.chat, event.message)}


def _read(event: events.MessagesRead) -> Data:
    reader = "visitor" if event.side == "visitor" else "agent"
    return {
        "chat_id": encode("chat", event.chat.uid),
        "reader": reader,
        "seq": event.seq,
        "read_at": event.at[:19] + "Z",
    }


def _agent_changed(event: events.AgentChanged) -> Data:
    who = event.agent
    status = {"role": who.role, "status": AGENT_STATUS[who.presence()], "status_message": who.said_message()}
    return {"agent": {**_agent(who), **status}}


def _visitor_changed(event: events.VisitorChanged) -> Data | None:
    """What is known of them changed; their way through the site is not told."""
    if event.moved_only:
        return None
    return {"visitor": visitor(event.visitor)}


_EVENTS: dict[type[events.Event], tuple[str, Callable[[Any], Data | None]]] = {
    events.ChatStarted: (names.CHAT_CREATED, _created),
    events.ChatAssigned: (names.CHAT_ASSIGNED, _assigned),
    events.ChatTransferred: (names.CHAT_TRANSFERRED, _transferred),
    events.ChatClosed: (names.CHAT_CLOSED, _closed),
    events.ChatRated: (names.CHAT_RATED, _rated),
    events.MessagePosted: (names.MESSAGE_SENT, _sent),
    events.MessagesRead: (names.MESSAGE_READ, _read),
    events.AgentChanged: (names.AGENT_STATUS_CHANGED, _agent_changed),
    events.VisitorChanged: (names.VISITOR_UPDATED, _visitor_changed),
}


def chat(row: Chat) -> Data:
    """A chat, the same in every event about one."""
    return {
        "id": encode("chat", row.uid),
        "number": row.ticket_no,
        "conversation_id": row.conversation_uid.hex,
        "status": STATUS[row.status],
        "priority": _PRIORITY[row.priority],
        "channel": row.channel,
        "visitor_id": encode("visitor", row.visitor.uid),
        "visitor_name": row.visitor.name,
        "visitor_email": row.visitor.email,
        "assigned_to": encode("agent", row.agent.uid) if row.agent else None,
        "department": department(row.department),
        "custom_fields": row.custom_fields,
        "created_at": moment(row.created_at),
        "closed_at": moment(row.closed_at),
    }


def message(of: Chat, row: Message) -> Data:
    """A message that the visitor can see too."""
    return {
        "id": encode("msg", row.uid),
        "chat_id": encode("chat", of.uid),
        "seq": row.seq,
        "type": row.kind,
        "text": row.body,
        "sender": _sender(of, row),
        "attachments": [attachment(file) for file in row.attachments.all()],
        "payload": row.payload,
        "created_at": moment(row.created_at),
    }


def _sender(of: Chat, row: Message) -> Data:
    if row.agent is not None:
        return {"type": row.author_kind, "id": encode("agent", row.agent.uid), "name": row.agent.name}
    if row.author_kind == AuthorKind.VISITOR:
        return {"type": "visitor", "id": encode("visitor", of.visitor.uid), "name": of.visitor.name}
    return {"type": "system", "id": None, "name": ""}


def attachment(row: Attachment) -> Data:
    """A file. Its address works for at least a day; an expired one is to be had again over REST, by ``id``."""
    url = files.file_url(row)
    return {
        "id": encode("file", row.uid),
        "type": "image" if files.is_image(row) else "file",
        "name": row.name,
        "content_type": row.content_type,
        "size": row.size,
        "url": settings.PUBLIC_URL + url if url.startswith("/") else url,
    }


def agent(row: Agent | None) -> Data | None:
    """A member of the team, person or bot; None for the system or the visitor."""
    return _agent(row) if row else None


def _agent(row: Agent) -> Data:
    return {"id": encode("agent", row.uid), "name": row.name, "is_bot": row.is_bot}


def department(row: Department | None) -> Data | None:
    """A department by its names."""
    return {"id": encode("department", row.uid), "slug": row.slug, "name": row.name} if row else None


def visitor(row: Visitor) -> Data:
    """A visitor, with what is known of them. ``customer_id`` is there only when it was proved."""
    return {
        "id": encode("visitor", row.uid),
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "customer_id": row.external_id or None,
        "verified": row.verified,
        "custom_fields": row.custom_fields,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
