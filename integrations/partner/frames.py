"""Neutral frames of the hub as frames of "WebSocket Message Types". Pure functions.

``seq`` and ``prev`` stand beside ``type`` and ``payload`` of what is in the timeline: a client whose last ``seq`` is
not ``prev`` has missed something. One that does not know them loses nothing.
"""

from __future__ import annotations

from typing import Any

from chat.models import Kind

from . import mapping
from .mapping import Json


def entry(frame: Json, base_url: str) -> Json:
    """``message`` for what was said, ``status`` for what happened."""
    chat, message = frame["chat"], frame["message"]
    place = {"seq": message["seq"], "prev": message["public_prev"]}
    if message["kind"] == Kind.EVENT:
        return {"type": "status", "payload": mapping.status(chat), **place}
    return {"type": "message", "payload": mapping.message(message, chat, base_url), **place}


def status(frame: Json) -> Json:
    """``status`` of a chat that has no line in the timeline for it."""
    return {"type": "status", "payload": mapping.status(frame["chat"])}


def typing(frame: Json) -> Json:
    """``typing``; ``isAgent`` says whose."""
    is_agent = frame["by"] != "visitor"
    return {
        "type": "typing",
        "payload": {"conversationId": frame["chat_id"], "isTyping": frame["on"], "isAgent": is_agent},
    }


def receipt(frame: Json, message_id: int) -> Json:
    """``read``: this message and those before it; ``isAgent`` says who has read them."""
    payload = {"conversationId": frame["chat"]["id"], "messageId": message_id, "isAgent": frame["side"] == "team"}
    return {"type": "read", "payload": payload}


def heartbeat(conversations: list[Json]) -> Json:
    """What a client compares with what it has: the newest ``seq`` and the status of the conversations that matter."""
    return {"type": "heartbeat", "payload": {"conversations": conversations}}


def face(chat: Json) -> tuple[Any, ...]:
    """What of a chat a ``status`` tells: when none of it changed, there is nothing to tell."""
    return (chat["status"], chat["agent"] and chat["agent"]["id"])
