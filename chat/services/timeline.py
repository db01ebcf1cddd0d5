"""Writes entries of the timeline and keeps the chat's summary. The caller holds the chat's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agents.models import Agent, Department

from ..models import Attachment, AuthorKind, Chat, Kind, Message
from . import rows

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
    "counted",
)
_SAVE = f"""
UPDATE {Chat._meta.db_table} SET {", ".join(f"{name} = v.{name}" for name in _SUMMARY)} FROM v
WHERE {Chat._meta.db_table}.id = v.id
"""  # noqa: S608  names of our own
# What only the team sees in the timeline.
_PRIVATE_EVENTS = frozenset({"queued", "tagged", "untagged", "priority"})


def append(chat: Chat, *, also: Iterable[str] = (), **entry: Any) -> Message:
    """Insert the next entry (see :func:`compose`), and save the summary and the chat's fields ``also``, in one UPDATE.

    The chat must be locked by this transaction. Returns the message, its attachments prefetched.
    """
    message = compose(chat, **entry)
    message.save(force_insert=True)
    _keep_files([message])
    chat.save(update_fields=[*_SUMMARY, *also])
    return message


def compose(
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
) -> Message:
    """Return the next entry and count it in the chat's summary; neither is saved yet."""
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
    message._prefetched_objects_cache = {"attachments": files}  # type: ignore[attr-defined]
    chat.last_seq = message.seq
    if public:
        chat.last_public_seq = message.seq
        if kind != Kind.EVENT:
            _summarise(chat, message, files, now)
    chat.updated_at = now
    chat.counted = False
    return message


def insert(messages: list[Message], chats: list[Chat]) -> None:
    """Insert composed entries, give them their files, and save the summaries of their chats.

    This transaction has locked the chats. One statement on PostgreSQL, two on SQLite, and one more for each with files.
    """
    columns = {"id": Chat._meta.pk, **{name: Chat._meta.get_field(name) for name in _SUMMARY}}
    summaries = ([chat.pk, *(getattr(chat, name) for name in _SUMMARY)] for chat in chats)
    rows.insert(messages, also=(*rows.as_values(columns, summaries), _SAVE))
    _keep_files(messages)


def _keep_files(messages: list[Message]) -> None:
    for message in messages:
        if files := [file.pk for file in message.attachments.all()]:
            Attachment.objects.filter(pk__in=files).update(message=message)


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
