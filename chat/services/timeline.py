"""Writes entries of the timeline and keeps the chat's summary. The caller holds the chat's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agents.models import Agent, Department

from ..models import Attachment, AuthorKind, Chat, Kind, Message

PREVIEW = 160
_SUMMARY = (
    "last_seq",
    "last_public_seq",
    "message_count",
    "last_message_at",
    "last_message_text",
    "last_message_by",
    "unread_by_team",
    "unread_by_visitor",
    "read_by_team_seq",
    "read_by_visitor_seq",
    "delivered_to_team_seq",
    "delivered_to_visitor_seq",
    "first_response_at",
    "unanswered_since",
    "response_turns",
    "response_seconds",
    "updated_at",
)
# What only the team sees in the timeline.
_PRIVATE_EVENTS = frozenset({"queued", "tagged", "untagged", "priority"})


def append(
    chat: Chat,
    *,
    now: datetime,
    kind: str,
    author_kind: str,
    agent: Agent | None = None,
    body: str = "",
    payload: dict[str, Any] | None = None,
    client_id: str | None = None,
    public: bool = True,
    attachments: Iterable[Attachment] = (),
    also: Iterable[str] = (),
) -> Message:
    """Insert the next entry and save the summary, with the chat's fields named in ``also``, in one UPDATE.

    The chat must be locked by this transaction. Returns the message, its attachments prefetched.
    """
    files = list(attachments)
    message = Message(
        workspace_id=chat.workspace_id,
        chat=chat,
        seq=chat.last_seq + 1,
        public_prev=chat.last_public_seq,
        public=public,
        kind=kind,
        author_kind=author_kind,
        agent=agent,
        body=body,
        payload=payload or {},
        client_id=client_id,
        created_at=now,
    )
    message.save(force_insert=True)
    if files:
        Attachment.objects.filter(pk__in=[f.pk for f in files]).update(message=message)
    message._prefetched_objects_cache = {"attachments": files}  # type: ignore[attr-defined]
    chat.last_seq = message.seq
    if public:
        chat.last_public_seq = message.seq
        if kind != Kind.EVENT:
            _summarise(chat, message, files, now)
    chat.updated_at = now
    chat.save(update_fields=[*_SUMMARY, *also])
    return message


def event(
    chat: Chat,
    name: str,
    *,
    now: datetime,
    by: Agent | None = None,
    by_kind: str = "system",
    detail: dict[str, Any] | None = None,
    also: Iterable[str] = (),
) -> Message:
    """Append the line that says what happened, e.g. ``assigned``; docs/protocol.md lists the payloads."""
    payload = {"event": name, "by": person(by) or {"kind": by_kind}, **(detail or {})}
    return append(
        chat,
        now=now,
        kind=Kind.EVENT,
        author_kind=AuthorKind.SYSTEM,
        payload=payload,
        public=name not in _PRIVATE_EVENTS,
        also=also,
    )


def person(who: Agent | Department | None) -> dict[str, str] | None:
    """Return an agent or department as event payloads name them."""
    return {"uid": who.uid.hex, "name": who.name} if who else None


def _summarise(chat: Chat, message: Message, files: list[Attachment], now: datetime) -> None:
    """Count a public entry that somebody wrote."""
    chat.message_count += 1
    chat.last_message_at = now
    chat.last_message_by = message.author_kind
    text = " ".join(message.body.split()) or ", ".join(f.name for f in files)
    chat.last_message_text = text[:PREVIEW]
    if message.author_kind == AuthorKind.VISITOR:
        chat.unread_by_team += 1
        chat.unanswered_since = chat.unanswered_since or now
        return
    chat.unread_by_visitor += 1
    if message.author_kind == AuthorKind.AGENT:
        chat.first_response_at = chat.first_response_at or now
        if chat.unanswered_since:
            chat.response_turns += 1
            chat.response_seconds += (now - chat.unanswered_since).total_seconds()
            chat.unanswered_since = None
