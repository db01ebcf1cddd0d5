"""From the hub's neutral frames to those of the inbox socket. Pure; sentences in the active language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import cards, rendering

Data = dict[str, Any]


def render(frame: Data) -> Data | None:
    """Return the inbox's frame, or None for one that says nothing to an inbox."""
    make = _FRAMES.get(frame["type"])
    return make(frame) if make else None


def is_own_typing(frame: Data, agent_uid: str) -> bool:
    """Whether this only tells an agent that they write themselves."""
    return frame["type"] == "typing" and (frame.get("agent") or {}).get("uid") == agent_uid


def _row(frame: Data) -> Data:
    row = rendering.row(frame["chat"], tags=frame.get("tags"))
    if "tags" not in frame:
        # Not known here: whoever shows them keeps what they have.
        del row["tags"]
    return {"type": "chat", "chat": row}


def _gone(frame: Data) -> Data:
    return {"type": "chat", "chat": rendering.gone(frame["chat_uid"])}


def _message(frame: Data) -> Data:
    uid = frame["chat"]["uid"]
    message = rendering.message(frame["message"], uid)
    return {"type": "message", "chat": uid, "seq": message["seq"], "prev": message["prev"], "message": message}


def _mark(frame: Data) -> Data:
    return {
        "type": frame["type"],
        "chat": frame["chat"]["uid"],
        "by": frame["side"],
        "seq": frame["seq"],
        "at": frame["at"],
    }


def _typing(frame: Data) -> Data:
    agent = frame.get("agent") or {}
    name = agent.get("name") or (frame.get("visitor") or {}).get("name", "")
    told = {
        "type": "typing",
        "chat": frame["chat_uid"],
        "by": frame["by"],
        "agent": agent.get("uid"),
        "name": name,
        "on": frame["on"],
    }
    return {**told, "preview": frame["preview"]} if frame.get("preview") else told


def _suggestion(frame: Data) -> Data:
    return {"type": "suggestion", "chat": frame["chat_uid"], "suggestion": frame["suggestion"]}


def _visitor(frame: Data) -> Data:
    return {"type": "visitor", "chat": frame["chat_uid"], "visitor": rendering.visitor(frame["visitor"])}


def _card(frame: Data) -> Data:
    return {"type": "card", "chat": frame["chat_uid"], "seq": frame["seq"], "card": cards.card(frame["card"])}


_FRAMES: dict[str, Callable[[Data], Data]] = {
    "chat": _row,
    "gone": _gone,
    "message": _message,
    "read": _mark,
    "delivered": _mark,
    "typing": _typing,
    "visitor": _visitor,
    "card": _card,
    "suggestion": _suggestion,
}
