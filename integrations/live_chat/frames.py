"""Neutral frames of the hub as frames of section 7. Pure functions; who may hear a frame was decided by its topic."""

from __future__ import annotations

from typing import Any

from . import mapping
from .mapping import Json, Reader, id_of


def entry(frame: Json, reader: Reader) -> Json:
    """A timeline entry: ``message.new``, or the name that the contract has for what happened."""
    chat, message = frame["chat"], mapping.message(frame["message"], frame["chat"], reader)
    session_id = id_of("session", chat["uid"])
    place = {"seq": message["seq"], "prev": message["prev"]}
    if frame["event"] in ("chat.assigned", "chat.transferred") and chat["agent"]:
        data = {
            "sessionId": session_id,
            "agent": mapping.agent_card(chat["agent"], reader.base_url),
            "message": message,
        }
        return {"type": "agent.assigned", "data": data, **place}
    if frame["event"] == "chat.closed":
        ended = {"reason": chat["close_reason"], "endedAt": mapping.short_time(chat["closed_at"])}
        return {"type": "session.ended", "data": {"sessionId": session_id, **ended, "message": message}, **place}
    return {"type": "message.new", "data": message, **place}


def receipt(frame: Json, seq: int, message_id: str | None) -> Json:
    """``message.read`` or ``message.delivered``, up to a ``seq`` that the reader of the frame may know."""
    name = frame["type"]
    data = {
        "sessionId": id_of("session", frame["chat"]["uid"]),
        "readerType": "visitor" if frame["side"] == "visitor" else "agent",
        "messageId": message_id,
        "seq": seq,
        f"{name}At": mapping.short_time(frame["at"]),
    }
    return {"type": f"message.{name}", "data": data}


def typing(frame: Json) -> Json:
    """``typing.start`` or ``typing.stop``."""
    agent, visitor = frame["agent"], frame["visitor"]
    person = agent or visitor or {}
    data = {
        "sessionId": id_of("session", frame["chat_uid"]),
        "senderId": id_of("agent" if agent else "visitor", person["uid"]) if person else None,
        "senderType": frame["by"],
        "senderName": person.get("name") or None,
    }
    return {"type": "typing.start" if frame["on"] else "typing.stop", "data": data}


def face(chat: Json) -> tuple[Any, ...]:
    """What of a chat its members are told about: when none of it changed, there is nothing to tell."""
    agent, department = chat["agent"] or {}, chat["department"] or {}
    names = ("status", "priority", "rating", "rating_comment", "queued_at", "parked_until", "custom_fields")
    return (*(chat[name] for name in names), agent.get("uid"), agent.get("status"), department.get("uid"))
