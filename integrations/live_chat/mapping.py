"""The domain's snapshots in the contract's words (sections 2 to 5, and the additions of docs/protocol.md).

Pure functions. The reader says for whom: a visitor is shown no note, no tag and nobody's reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.models import Agent, Presence
from agents.pictures import picture_url
from chat.models import Kind
from chat.queries import Workload
from chat.snapshots import instant

from .sentences import event_sentence

Json = dict[str, Any]

STATUS = {"waiting": "waiting", "active": "active", "closed": "ended"}
PRIORITY = {1: "low", 2: "medium", 3: "high", 4: "urgent"}
SENDER = {"visitor": "visitor", "agent": "agent", "bot": "bot", "system": "system"}
# What an event tells the visitor; the rest of its payload is the team's own.
_PUBLIC_DETAILS = {
    "assigned": ("event", "agent"),
    "transferred": ("event", "from", "to_agent", "to_department"),
    "closed": ("event", "by", "reason"),
    "rated": ("event", "rating", "comment"),
}


@dataclass(frozen=True)
class Reader:
    """Who reads an answer: the team or the visitor; and at which address of Parley, for the addresses in it."""

    for_team: bool
    base_url: str


def id_of(prefix: str, uid: str) -> str:
    """Return the contract's form of a uid that is in hex."""
    return f"{prefix}_{uid}"


def socket_url(base_url: str, session_id: str) -> str:
    """Where the session's socket is (section 1.2)."""
    return f"{base_url.replace('http', 'ws', 1)}/v1/chat/{session_id}"


def short_time(moment: str | None) -> str | None:
    """Return a snapshot's time to the second, in exactly the contract's form: strict clients parse no fraction."""
    return f"{moment[:19]}Z" if moment else None


def absolute(url: str, base_url: str) -> str | None:
    """Return an address that works from anywhere for a path of Parley's, None for none."""
    return url if "://" in url else base_url + url if url else None


def agent_card(agent: Json | None, base_url: str) -> Json | None:
    """``assignedAgent`` of a session."""
    if agent is None:
        return None
    return {
        "id": id_of("agent", agent["uid"]),
        "name": agent["name"],
        "avatar": absolute(agent["picture"], base_url),
        "isOnline": agent["status"] != "offline",
    }


def session(
    chat: Json, reader: Reader, *, tags: list[str], position: int | None, wait: int, previous: str | None
) -> Json:
    """A session (section 2.2) from its snapshot; ``position`` in the queue, ``wait`` in seconds."""
    visitor = chat["visitor"]
    return {
        "id": id_of("session", chat["uid"]),
        "status": STATUS[chat["status"]],
        "channel": chat["channel"],
        "visitor": {
            "id": id_of("visitor", visitor["uid"]),
            "name": visitor["name"],
            "email": visitor["email"],
            "phone": visitor["phone"],
            "isOnline": visitor["online"],
            "lastSeen": short_time(visitor["last_seen_at"]),
            "verified": visitor["verified"],
        },
        "assignedAgent": agent_card(chat["agent"], reader.base_url),
        "department": chat["department"]["slug"] if chat["department"] else None,
        "priority": PRIORITY[chat["priority"]],
        "tags": tags if reader.for_team else [],
        "customFields": {**visitor["custom_fields"], **chat["custom_fields"]} if reader.for_team else {},
        "source": chat["source"],
        "startedAt": short_time(chat["created_at"]),
        "lastActivity": short_time(chat["last_message_at"]),
        "endedAt": short_time(chat["closed_at"]),
        "messageCount": chat["message_count"],
        "satisfaction": satisfaction(chat),
        "previousSessionId": id_of("session", previous) if previous else None,
        "lastSeq": chat["last_seq"] if reader.for_team else chat["last_public_seq"],
        "unreadCount": chat["unread_by_team"] if reader.for_team else chat["unread_by_visitor"],
        "queuePosition": position,
        "estimatedWaitTime": wait,
        "trigger": _trigger(chat) if reader.for_team else None,
        "opensAt": short_time(chat["parked_until"]),
    }


def _trigger(chat: Json) -> Json | None:
    """The proactive message that the visitor answered, or None. For the widget's own, the uid is the widget's."""
    trigger = chat["trigger"]
    return trigger and {"id": id_of("trigger", trigger["uid"]), "name": trigger["name"]}


def satisfaction(chat: Json) -> Json | None:
    """How the visitor found it, or None."""
    return {"rating": chat["rating"], "feedback": chat["rating_comment"]} if chat["rating"] else None


def message(entry: Json, chat: Json, reader: Reader) -> Json:
    """A message (section 3.1). ``entry`` and ``chat`` are snapshots."""
    event = _event(entry["payload"], reader.for_team) if entry["kind"] == Kind.EVENT else None
    kind, by = _type(entry["kind"]), SENDER[entry["by"]]
    return {
        "id": id_of("msg", entry["uid"]),
        "sessionId": id_of("session", chat["uid"]),
        "type": kind,
        "content": event_sentence(entry["payload"], for_team=reader.for_team) if event else entry["body"],
        "senderId": _sender_id(entry, chat),
        "senderType": by,
        "senderName": _sender_name(entry, chat),
        "status": "read" if entry["read_at"] else "delivered" if entry["delivered_at"] else "sent",
        "sentAt": short_time(entry["created_at"]),
        "deliveredAt": short_time(entry["delivered_at"] or entry["read_at"]),
        "readAt": short_time(entry["read_at"]),
        "metadata": _metadata(entry, reader.for_team),
        "attachments": [attachment(a, reader) for a in entry["attachments"]],
        "seq": entry["seq"],
        "prev": prev(entry, reader),
        "clientMessageId": entry["client_id"],
        "event": event,
    }


def prev(entry: Json, reader: Reader) -> int:
    """The seq before this one that the reader may see."""
    return entry["prev"] if reader.for_team else entry["public_prev"]


def _type(kind: str) -> str:
    return {"note": "text", "event": "system"}.get(kind, kind)


def _sender_id(entry: Json, chat: Json) -> str | None:
    if entry["agent"]:
        return id_of("agent", entry["agent"]["uid"])
    return id_of("visitor", chat["visitor"]["uid"]) if entry["by"] == "visitor" else None


def _sender_name(entry: Json, chat: Json) -> str | None:
    name = entry["agent"]["name"] if entry["agent"] else chat["visitor"]["name"] if entry["by"] == "visitor" else None
    return name or None


def _metadata(entry: Json, for_team: bool) -> Json:
    kept = dict(entry["payload"].get("metadata") or {})
    if entry["kind"] == Kind.RICH and "rich" in entry["payload"]:
        kept["rich"] = entry["payload"]["rich"]
    return {**kept, "isInternal": entry["kind"] == Kind.NOTE} if for_team else kept


def attachment(file: Json, reader: Reader) -> Json:
    """A file of a message; also the answer to an upload (section 3.3)."""
    return {
        "id": id_of("file", file["uid"]),
        "type": "image" if file["content_type"].startswith("image/") else "file",
        "url": absolute(file["url"], reader.base_url),
        "name": file["name"],
        "size": file["size"],
        "contentType": file["content_type"],
    }


def _event(payload: Json, for_team: bool) -> Json:
    """What happened, with the contract's ids."""
    names = list(payload) if for_team else _PUBLIC_DETAILS.get(payload.get("event", ""), ("event",))
    return {_camel(name): _person(name, payload[name]) for name in names if name in payload}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _person(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or "uid" not in value:
        return value
    prefix = "department" if name.endswith("department") else "agent"
    return {"id": id_of(prefix, value["uid"]), "name": value["name"]}


def online_agent(agent: Agent, base_url: str, *, departments: list[str], current_chats: int) -> Json:
    """An agent of the list of section 4.1."""
    return {
        "id": id_of("agent", agent.uid.hex),
        "name": agent.name,
        "email": agent.user.email if agent.user else None,
        "avatar": absolute(picture_url(agent), base_url),
        "status": agent.presence(),
        "statusMessage": agent.said_message(),
        "department": departments[0] if departments else None,
        "departments": departments,
        "skills": agent.skills,
        "currentChats": current_chats,
        "maxChats": agent.max_chats,
        "lastActivity": short_time(instant(agent.last_active_at)),
    }


def workload(agent: Agent, load: Workload, chats: list[Json]) -> Json:
    """What an agent has to do (section 4.3). ``chats``: snapshots of those that the caller may see."""
    free = max(0, agent.max_chats - load.active)
    return {
        "id": id_of("agent", agent.uid.hex),
        "name": agent.name,
        "status": agent.presence(),
        "currentChats": load.active,
        "maxChats": agent.max_chats,
        "availableSlots": free if agent.presence() == Presence.AVAILABLE else 0,
        "utilization": round(100 * load.active / agent.max_chats, 1) if agent.max_chats else 100.0,
        "unansweredChats": load.unanswered,
        "unreadMessages": load.unread,
        "waitingChats": load.waiting,
        "sessions": [
            {
                "id": id_of("session", chat["uid"]),
                "visitor": {"id": id_of("visitor", chat["visitor"]["uid"]), "name": chat["visitor"]["name"]},
                "department": chat["department"]["slug"] if chat["department"] else None,
                "priority": PRIORITY[chat["priority"]],
                "startedAt": short_time(chat["created_at"]),
                "lastActivity": short_time(chat["last_message_at"]),
                "unreadCount": chat["unread_by_team"],
            }
            for chat in chats
        ],
    }


def kinds_of(type_: str) -> tuple[str, ...]:
    """The kinds behind a ``type`` of the history's filter."""
    return {"text": (Kind.TEXT, Kind.NOTE), "system": (Kind.EVENT,)}.get(type_, (type_,))
