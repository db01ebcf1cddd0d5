"""The shapes of the signed calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..openapi.shapes import Schema, answer, choice, constant, flag, free, integer, many, moment, nullable, ref, request
from ..openapi.shapes import text as plain
from .errors import CODES
from .mapping import ROUTING_STATUS
from .requests import ACTIONS, MOST_IDS


def guid(about: str = "") -> Schema:
    """A GUID."""
    schema: Schema = {"type": "string", "format": "uuid"}
    return {**schema, "description": about} if about else schema


ACCESS = answer({"group_ids": many(guid())})
USER = answer(
    {
        "id": guid(),
        "type": choice(["customer", "agent"]),
        "present": flag(),
        "name": plain(),
        "email": plain(),
        "last_seen_time_stamp": integer(0, about="Milliseconds."),
        "created_at": moment(),
        "routing_status": choice(["available", "busy", "away", "offline"], "Of agents."),
        "session_fields": free("What the site told of a customer."),
    },
    maybe=["routing_status"],
)
THREAD = answer(
    {
        "id": guid(),
        "created_at": moment(),
        "user_ids": many(guid()),
        "access": ref("Access"),
        "active": flag(),
        "previous_thread_id": nullable(guid()),
        "next_thread_id": nullable(guid()),
    }
)
CHAT = answer(
    {
        "id": guid(),
        "thread": ref("Thread"),
        "access": ref("Access"),
        "active": flag(),
        "previous_thread_id": nullable(guid()),
        "next_thread_id": nullable(guid()),
        "users": many(ref("User")),
    }
)
STATUSES = many(answer({"agent_id": guid(), "status": choice(sorted(set(ROUTING_STATUS.values())))}))
_FIELD_ERROR = answer({"field": plain(), "message": plain()})
FAILURE = answer(
    {"error": answer({"type": plain(), "message": plain(), "errors": many(_FIELD_ERROR)}, maybe=["errors"])}
)
SHAPES = {"Access": ACCESS, "User": USER, "Thread": THREAD, "Chat": CHAT, "Failure": FAILURE}

DONE = answer({"status": constant("done")})
_FILTER = request({"group_ids": many(guid(), most=MOST_IDS)})
STATUS_REQUEST = nullable(request({"filter": _FILTER}))
CHAT_REQUEST = request({"chat_id": guid(), "thread_id": plain(36)}, needed=["chat_id"])
ACTION_REQUEST = request(
    {
        "action": plain(about=f"One of {', '.join(ACTIONS)}; what Parley itself sends is left aside."),
        "payload": free("As the contract shapes it for the action."),
        "tenant_id": guid(),
        "bot_id": guid(),
    },
    needed=["action"],
)


def _header(name: str, about: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": plain(), "description": about}


SIGNED = [
    _header("x-client-id", "The bot's client id."),
    _header("x-bot-id", "The bot's id."),
    _header("x-signature", "HMAC-SHA256 of the raw body with the client secret, in hex (base64 is taken too)."),
    _header("x-timestamp", "Seconds since 1970. If it is there, it may be five minutes off.", required=False),
]


def problem_answers(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the failures with these names (those of ``errors.py``) as responses, by status."""
    found: dict[int, set[str]] = {}
    for name in names:
        found.setdefault(CODES[name][0], set()).add(name)
    return {status: _failure(sorted(types)) for status, types in found.items()}


def _failure(types: list[str]) -> dict[str, Any]:
    about = {"properties": {"error": {"properties": {"type": {"enum": [*types]}}}}}
    schema: Schema = {"allOf": [ref("Failure"), about]}
    return {"description": ", ".join(types) + ".", "content": {"application/json": {"schema": schema}}}
