"""The domain's snapshots in the contract's words ("Message Format & Data Models"). Pure functions.

The contract knows no notes and no events of the timeline: what it shows is what the customer may see.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from chat.models import Visitor
from chat.snapshots import instant, of_visitor

Json = dict[str, Any]

# Who writes for the company without being anybody: the workspace itself.
WORKSPACE = "workspace"


def moment(time: str | None) -> str | None:
    """Return a snapshot's time to the millisecond: ``2023-01-01T00:00:00.000Z``."""
    return f"{time[:23]}Z" if time else None


def customer_id(visitor: Json) -> str:
    """Return the partner's own id of a customer; for one whom no partner named, ours."""
    return visitor["external_id"] or f"visitor_{visitor['uid']}"


def agent_id(agent: Json) -> str:
    """Return an agent as a sender."""
    return f"agent-{agent['id']}"


def conversation(chat: Json) -> Json:
    """Conversation Object. ``agentId`` is null while nobody has it."""
    return {
        "id": chat["id"],
        "customerId": customer_id(chat["visitor"]),
        "agentId": chat["agent"]["id"] if chat["agent"] else None,
        "status": chat["status"],
        "createdAt": moment(chat["created_at"]),
        "updatedAt": moment(chat["updated_at"]),
    }


def status(chat: Json) -> Json:
    """The payload of a ``status`` frame."""
    return {
        "conversationId": chat["id"],
        "status": chat["status"],
        "agentId": chat["agent"]["id"] if chat["agent"] else None,
    }


def message(entry: Json, chat: Json, base_url: str) -> Json:
    """Message Object. ``metadata``, ``attachments`` and ``clientMessageId`` are there when the message has them."""
    shown: Json = {
        "id": entry["id"],
        "conversationId": chat["id"],
        "senderId": _sender_id(entry, chat),
        "content": entry["body"] or ", ".join(file["name"] for file in entry["attachments"]),
        "isFromAgent": entry["by"] != "visitor",
        "timestamp": moment(entry["created_at"]),
        "readStatus": entry["read_at"] is not None,
    }
    if "metadata" in entry["payload"]:
        shown["metadata"] = entry["payload"]["metadata"]
    if entry["attachments"]:
        shown["attachments"] = [_attachment(file, base_url) for file in entry["attachments"]]
    if entry["client_id"]:
        shown["clientMessageId"] = entry["client_id"]
    return shown


def _sender_id(entry: Json, chat: Json) -> str:
    if entry["agent"]:
        return agent_id(entry["agent"])
    return customer_id(chat["visitor"]) if entry["by"] == "visitor" else WORKSPACE


def _attachment(file: Json, base_url: str) -> Json:
    url = file["url"]
    return {
        "name": file["name"],
        "url": url if "://" in url else base_url + url,
        "contentType": file["content_type"],
        "size": file["size"],
    }


def customer(visitor: Visitor) -> Json:
    """What the contract shows of a customer: null where nothing is known."""
    return {
        "id": customer_id(of_visitor(visitor)),
        "email": visitor.email or None,
        "name": visitor.name or None,
        "birthdate": visitor.birthdate.isoformat() if visitor.birthdate else None,
        "createdAt": moment(instant(visitor.created_at)),
        "updatedAt": moment(instant(visitor.updated_at)),
    }


def socket_url(base_url: str, visitor: Visitor, token: str) -> str:
    """Where the customer's socket is, ready to be opened."""
    query = urlencode({"clientId": customer_id(of_visitor(visitor)), "token": token})
    return f"{base_url.replace('http', 'ws', 1)}/ws?{query}"
