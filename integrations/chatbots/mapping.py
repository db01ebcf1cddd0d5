"""Our rows as the contract shapes them (its sections 2 and 3): plain dictionaries, GUIDs and times as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from agents.models import Agent, Department, Presence
from chat import files, queries
from chat.models import Assignment, Attachment, AuthorKind, Chat, Kind, Message, Visitor

from ..bots.models import Bot
from ..webhooks.mapping import moment

Json = dict[str, Any]

MESSAGE, FILE, RICH, POSTBACK = "message", "file", "rich_message", "rich_message_postback"
INCOMING_CHAT, INCOMING_EVENT = "incoming_chat", "incoming_event"
CHAT_TRANSFERRED, CHAT_DEACTIVATED, ERROR = "chat_transferred", "chat_deactivated", "error"
OURS = frozenset({INCOMING_CHAT, INCOMING_EVENT, CHAT_TRANSFERRED, CHAT_DEACTIVATED, ERROR})

ROUTING_STATUS = {
    Presence.AVAILABLE: "accepting_chats",
    Presence.BUSY: "not_accepting_chats",
    Presence.AWAY: "not_accepting_chats",
    Presence.OFFLINE: "offline",
}
# Events of a thread that a new member is shown: the newest.
_SHOWN_EVENTS = 50


def envelope(bot: Bot, action: str, payload: Json) -> Json:
    """Return what is published: the contract's three fields, and the bot's id."""
    return {
        "action": action,
        "payload": payload,
        "tenant_id": str(bot.workspace.uid),
        "bot_id": str(bot.agent.uid),
    }


def incoming_chat(chat: Chat) -> Json:
    """The payload of ``incoming_chat``."""
    return {"chat": whole(chat)}


def whole(chat: Chat) -> Json:
    """A chat with its thread, its users and its access. The contract's table calls the thread ``threads``."""
    members = agents_of(chat)
    thread = {**thread_of(chat, members), "events": _past(chat)}
    return {
        "id": str(chat.conversation_uid),
        "thread": thread,
        "threads": thread,
        "users": users(chat, members),
        "access": access(chat),
    }


def got_chat(chat: Chat) -> Json:
    """The answer of ``get_chat``: the thread's state stands beside it too, as the contract's example has it."""
    members = agents_of(chat)
    thread = thread_of(chat, members)
    beside = {name: thread[name] for name in ("active", "previous_thread_id", "next_thread_id")}
    return {
        "id": str(chat.conversation_uid),
        "thread": thread,
        "access": access(chat),
        **beside,
        "users": users(chat, members),
    }


def agents_of(chat: Chat) -> list[Agent]:
    """Return who has or had the chat, in that order."""
    had = Assignment.objects.filter(chat=chat).select_related("agent").order_by("id")
    return list(dict.fromkeys(assignment.agent for assignment in had))


def thread_of(chat: Chat, members: list[Agent]) -> Json:
    """A chat of ours, as the contract's Thread."""
    following = Chat.objects.filter(previous=chat).first()
    return {
        "id": str(chat.uid),
        "created_at": moment(chat.created_at),
        "user_ids": [str(chat.visitor.uid), *(str(agent.uid) for agent in members)],
        "access": access(chat),
        "active": chat.is_open,
        "previous_thread_id": _guid(chat.previous),
        "next_thread_id": _guid(following),
    }


def access(chat: Chat) -> Json:
    """Who may see the chat: the groups (departments) that it is in."""
    return {"group_ids": _ids(chat.department)}


def users(chat: Chat, members: list[Agent]) -> list[Json]:
    """The customer, then the agents."""
    return [customer(chat.visitor), *(agent_user(agent) for agent in members)]


def customer(visitor: Visitor) -> Json:
    """The visitor as a user."""
    return {
        "id": str(visitor.uid),
        "type": "customer",
        "present": visitor.online(),
        "name": visitor.name,
        "email": visitor.email,
        "last_seen_time_stamp": _milliseconds(visitor.last_seen_at or visitor.created_at),
        "created_at": moment(visitor.created_at),
        "session_fields": visitor.custom_fields,
    }


def agent_user(agent: Agent) -> Json:
    """An agent as a user: a bot is there while it is switched on."""
    presence = agent.presence()
    if agent.is_bot:
        presence = Presence.AVAILABLE.value if agent.is_active else Presence.OFFLINE.value
    return {
        "id": str(agent.uid),
        "type": "agent",
        "present": presence != Presence.OFFLINE,
        "name": agent.name,
        "email": agent.user.email if agent.user else "",
        "last_seen_time_stamp": _milliseconds(agent.last_active_at or agent.created_at),
        "created_at": moment(agent.created_at),
        "routing_status": presence,
        "session_fields": {},
    }


def routing_status(agent: Agent) -> Json:
    """One row of ``list_routing_statuses``."""
    return {"agent_id": str(agent.uid), "status": ROUTING_STATUS[Presence(agent.presence())]}


def incoming_event(chat: Chat, event: Json) -> Json:
    """The payload of ``incoming_event``."""
    return {"thread_id": str(chat.uid), "chat_id": str(chat.conversation_uid), "event": event}


def events_of(chat: Chat, message: Message) -> Iterator[Json]:
    """What a message is in the contract: its text, its rich message or the click on one, and an event for each file."""
    author = _author(chat, message)
    said = {"author_id": author, "created_at": moment(message.created_at)}
    if metadata := message.payload.get("metadata"):
        said["metadata"] = metadata
    if message.kind == Kind.RICH:
        yield {"id": str(message.uid), "type": RICH, **_rich(message), **said}
    elif click := message.payload.get("postback"):
        yield {"id": str(message.uid), "type": POSTBACK, "text": message.body, "postback": _postback(click), **said}
    elif message.body:
        yield {"id": str(message.uid), "type": MESSAGE, "text": message.body, **said}
    for attachment in message.attachments.all():
        yield {"id": str(attachment.uid), "type": FILE, **_file(attachment), **said}


def transferred(chat: Chat, reason: str) -> Json:
    """The payload of ``chat_transferred``: to an agent, or to a queue with the chat's place in it."""
    position = queries.queue_position(chat)
    queue = position and {
        "position": position,
        "wait_time": queries.estimated_wait(chat, position),
        "queued_at_us": moment(chat.queued_at),
    }
    agent_ids = [str(chat.agent.uid)] if chat.agent else []
    return {
        "chat_id": str(chat.conversation_uid),
        "thread_id": str(chat.uid),
        "reason": reason or "manual",
        "transferred_to": {"group_ids": _ids(chat.department), "agent_ids": agent_ids},
        "queue": queue or None,
    }


def deactivated(chat: Chat, user_id: UUID | None) -> Json:
    """The payload of ``chat_deactivated``; ``user_id`` is who ended it, null for the workspace itself."""
    return {
        "chat_id": str(chat.conversation_uid),
        "thread_id": str(chat.uid),
        "user_id": str(user_id) if user_id else None,
    }


def _past(chat: Chat) -> list[Json]:
    entries = chat.messages.filter(public=True).exclude(kind=Kind.EVENT).select_related("agent")
    newest = reversed(entries.prefetch_related("attachments").order_by("-seq")[:_SHOWN_EVENTS])
    return [event for message in newest for event in events_of(chat, message)]


def _author(chat: Chat, message: Message) -> str:
    if message.agent is not None:
        return str(message.agent.uid)
    # What nobody of the team signed is the workspace's own voice.
    return str(chat.visitor.uid if message.author_kind == AuthorKind.VISITOR else chat.workspace.uid)


def _rich(message: Message) -> Json:
    rich = message.payload.get("rich") or {}
    return {"template_id": rich.get("template_id", ""), "elements": rich.get("elements", [])}


def _postback(click: Json) -> Json:
    return {"id": click["postback_id"], "event_id": str(UUID(click["message_uid"])), "value": click.get("value", "")}


def _file(attachment: Attachment) -> Json:
    url = files.file_url(attachment)
    return {
        "url": settings.PUBLIC_URL + url if url.startswith("/") else url,
        "name": attachment.name,
        "content_type": attachment.content_type,
    }


def _ids(department: Department | None) -> list[str]:
    return [str(department.uid)] if department else []


def _guid(chat: Chat | None) -> str | None:
    return str(chat.uid) if chat else None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
