"""The objects of docs/protocol.md, "The inbox socket", made of snapshots: the same for frames, pages and fragments.

Pure functions from :mod:`chat.snapshots` dictionaries to dictionaries. Nothing here queries. Sentences come out in the
language that is active, so whoever calls this for a person activates that person's language first.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from ..files import SHOWN_INLINE
from ..models import Priority
from .cards import card
from .sentences import event_sentence

Object = dict[str, Any]


def person(agent: Object | None) -> Object | None:
    """``{"uid", "name"}`` of an agent or department, or None."""
    return {"uid": agent["uid"], "name": agent["name"]} if agent else None


def visitor_name(visitor: Object) -> str:
    """What to call a visitor: their name, else their e-mail, else a short number that stays theirs."""
    return visitor["name"] or visitor["email"] or _("Visitor %(number)s") % {"number": visitor["uid"][-4:]}


def priority_word(priority: int) -> str:
    """``low``, ``medium``, ``high`` or ``urgent``."""
    return Priority(priority).name.lower()


def row(chat: Object, tags: list[str] | None = None) -> Object:
    """A line of the list."""
    visitor = chat["visitor"]
    return {
        "uid": chat["uid"],
        "no": chat["no"],
        "status": chat["status"],
        "priority": priority_word(chat["priority"]),
        "channel": chat["channel"],
        "visitor": {
            "uid": visitor["uid"],
            "name": visitor_name(visitor),
            "online": visitor["online"],
            "verified": visitor["verified"],
        },
        "department": person(chat["department"]),
        "agent": person(chat["agent"]),
        "unread": chat["unread_by_team"],
        "last_seq": chat["last_seq"],
        "last_text": chat["last_message_text"],
        "last_by": chat["last_message_by"],
        "last_at": chat["last_message_at"],
        "queued_at": chat["queued_at"],
        "parked_until": chat["parked_until"],
        "created_at": chat["created_at"],
        "closed_at": chat["closed_at"],
        "rating": chat["rating"],
        "notes_mark": chat["notes_mark"],
        "trigger": chat["trigger"],
        "tags": chat.get("tags", []) if tags is None else tags,
        "changed": chat["updated_at"],
        "gone": False,
    }


def gone(uid: str) -> Object:
    """The row of a chat that this agent may not see any more: nothing but its uid."""
    return {"uid": uid, "gone": True}


def message(entry: Object, chat_uid: str) -> Object:
    """A timeline entry. ``sentence`` says an event in words; ``author`` names who wrote it."""
    return {
        "uid": entry["uid"],
        "chat": chat_uid,
        "seq": entry["seq"],
        "prev": entry["prev"],
        "kind": entry["kind"],
        "by": entry["by"],
        "agent": person(entry["agent"]),
        "body": entry["body"],
        "payload": entry["payload"],
        "attachments": [attachment(file) for file in entry["attachments"]],
        "card": card(entry["card"]),
        "client_id": entry["client_id"],
        "at": entry["created_at"],
        "delivered_at": entry["delivered_at"],
        "read_at": entry["read_at"],
        "sentence": event_sentence(entry["payload"]) if entry["kind"] == "event" else "",
    }


def attachment(file: Object) -> Object:
    """A file of a message; ``type`` is image only when a browser may draw it."""
    return {
        "uid": file["uid"],
        "type": "image" if file["content_type"] in SHOWN_INLINE else "file",
        "url": file["url"],
        "name": file["name"],
        "size": file["size"],
        "content_type": file["content_type"],
    }


def agent(colleague: Object) -> Object:
    """A member of the team, as their colleagues see them."""
    keys = ("uid", "name", "status", "status_message", "role", "is_bot", "open_chats", "max_chats")
    return {key: colleague.get(key, 0) for key in keys}


def visitor(customer: Object) -> Object:
    """A visitor, for the panel."""
    keys = (
        "uid",
        "name",
        "email",
        "phone",
        "verified",
        "claimed_id",
        "external_id",
        "language",
        "online",
        "last_seen_at",
        "page",
        "custom_fields",
        "user_agent",
    )
    return {key: customer[key] for key in keys}


def parse_uid(text: Any) -> uuid.UUID | None:
    """Return the uid that a client names, or None when it cannot be one."""
    try:
        return uuid.UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
