"""Posting, and the receipts of what was posted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import events
from ..access import Actor, demand
from ..errors import Conflict, Ended, Invalid
from ..models import Attachment, AuthorKind, Chat, Kind, Message, Status
from ..snapshots import instant
from . import assigning, timeline
from .locking import lock_chat

BODY_LIMIT = 10_000
PAYLOAD_LIMIT = 32 * 1024
FILES_LIMIT = 10
_AUTHORS = {"visitor": AuthorKind.VISITOR, "workspace": AuthorKind.SYSTEM, "system": AuthorKind.SYSTEM}


def post(
    chat: Chat,
    actor: Actor,
    *,
    kind: str = Kind.TEXT,
    body: str = "",
    client_id: str | None = None,
    payload: dict[str, Any] | None = None,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """Store a message and return it; every surface posts here.

    ``client_id`` makes a resend harmless: the stored message is returned, or Conflict raised when its content
    differs. A public reply by a person of the team takes a waiting chat. Raises Invalid, Ended, NotAllowed, NotFound.
    """
    _validate(kind, body, client_id, payload, attachments)
    demand(actor, "note" if kind == Kind.NOTE else "post", chat)
    while True:
        try:
            return _store(chat, actor, kind, body, client_id, payload or {}, attachments)
        except _MustTake:
            # Outside of the chat's lock, because the routing lock comes first.
            assert actor.agent is not None
            assigning.take_for_reply(chat, actor)


class _MustTake(Exception):
    """The chat waits, and this agent is about to answer it."""


@transaction.atomic
def _store(
    chat: Chat,
    actor: Actor,
    kind: str,
    body: str,
    client_id: str | None,
    payload: dict[str, Any],
    attachments: Sequence[Attachment],
) -> Message:
    chat = lock_chat(chat)
    author = author_kind(actor)
    if client_id and (stored := _sent_before(chat, actor, author, client_id)):
        return _same_or_conflict(stored, kind, body, payload)
    if not chat.is_open:
        raise Ended
    if kind != Kind.NOTE and author == AuthorKind.AGENT and chat.status == Status.WAITING:
        raise _MustTake
    now = timezone.now()
    if kind != Kind.NOTE and author in (AuthorKind.VISITOR, AuthorKind.AGENT):
        _answering_is_reading(chat, "visitor" if author == AuthorKind.VISITOR else "team", now)
    message = timeline.append(
        chat,
        now=now,
        kind=kind,
        author_kind=author,
        agent=actor.agent,
        body=body,
        payload=payload,
        client_id=client_id,
        public=kind != Kind.NOTE,
        attachments=attachments,
    )
    events.record(events.MessagePosted(workspace_id=chat.workspace_id, chat=chat, message=message))
    return message


def author_kind(actor: Actor) -> str:
    """Return how a message of this actor is marked."""
    if actor.agent is not None:
        return AuthorKind.BOT if actor.agent.is_bot else AuthorKind.AGENT
    return _AUTHORS[actor.kind]


def _validate(
    kind: str, body: str, client_id: str | None, payload: dict[str, Any] | None, files: Sequence[Attachment]
) -> None:
    """Raise Invalid for what could never be stored or shown."""
    if kind not in Kind.values or kind == Kind.EVENT:
        raise Invalid(field="type")
    if not isinstance(body, str) or not clean(body):
        raise Invalid(_("The text has characters that cannot be stored."), field="content")
    if len(body) > BODY_LIMIT:
        raise Invalid(_("The text is too long."), field="content")
    if not body.strip() and not files and kind != Kind.RICH:
        raise Invalid(_("Write something."), field="content")
    if client_id is not None and not (isinstance(client_id, str) and 0 < len(client_id) <= 100 and clean(client_id)):
        raise Invalid(field="client_id")
    if len(files) > FILES_LIMIT:
        raise Invalid(_("Too many files."), field="attachments")
    _validate_payload(payload)


def _validate_payload(payload: dict[str, Any] | None) -> None:
    try:
        text = json.dumps(payload or {}, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Invalid(field="metadata") from None
    if len(text) > PAYLOAD_LIMIT or not clean(text) or "\\u0000" in text:
        raise Invalid(field="metadata")


def clean(text: str) -> bool:
    """Whether both databases can store the text: no NUL, no lone surrogate."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sent_before(chat: Chat, actor: Actor, author: str, client_id: str) -> Message | None:
    sent = chat.messages.select_related("agent").prefetch_related("attachments").filter(client_id=client_id)
    if actor.agent is not None:
        return sent.filter(agent=actor.agent).first()
    return sent.filter(agent__isnull=True, author_kind=author).first()


def _same_or_conflict(stored: Message, kind: str, body: str, payload: dict[str, Any]) -> Message:
    if (stored.kind, stored.body, stored.payload) != (kind, body, payload):
        raise Conflict
    return stored


def mark_read(chat: Chat, actor: Actor, seq: int) -> None:
    """Note that the actor's side has read everything up to ``seq``. Going back, or beyond the end, changes nothing."""
    _mark(chat, actor, seq, read=True)


def mark_delivered(chat: Chat, actor: Actor, seq: int) -> None:
    """Note that everything up to ``seq`` has reached a socket of the actor's side."""
    _mark(chat, actor, seq, read=False)


def _mark(chat: Chat, actor: Actor, seq: int, *, read: bool) -> None:
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        raise Invalid(field="seq")
    demand(actor, "read", chat)
    side = "team" if actor.is_team else "visitor"
    with transaction.atomic():
        chat = lock_chat(chat)
        seq = min(seq, chat.last_seq if side == "team" else chat.last_public_seq)
        now = timezone.now()
        changed = _advance_delivered(chat, side, seq, now)
        if read:
            changed = _advance_read(chat, side, seq, now) or changed
        if not changed:
            return
        chat.updated_at = now
        chat.save(update_fields=[*_marks(side), "updated_at"])
        kind = events.MessagesRead if read else events.MessagesDelivered
        event = kind(workspace_id=chat.workspace_id, chat=chat, side=side, seq=seq, at=instant(now) or "")
        events.record(event)


def _marks(side: str) -> list[str]:
    return [f"read_by_{side}_seq", f"delivered_to_{side}_seq", f"unread_by_{side}"]


def _advance_delivered(chat: Chat, side: str, seq: int, now: datetime) -> bool:
    """Move the side's delivery mark; the chat is locked and saved by the caller. False when it stands there already."""
    name = f"delivered_to_{side}_seq"
    before = getattr(chat, name)
    if seq <= before:
        return False
    setattr(chat, name, seq)
    _of_other_side(chat, side).filter(seq__gt=before, seq__lte=seq, delivered_at__isnull=True).update(delivered_at=now)
    return True


def _advance_read(chat: Chat, side: str, seq: int, now: datetime) -> bool:
    """Move the side's read mark and its unread count; the chat is locked and saved by the caller."""
    name = f"read_by_{side}_seq"
    before = getattr(chat, name)
    if seq <= before:
        return False
    setattr(chat, name, seq)
    theirs = _of_other_side(chat, side)
    if getattr(chat, f"unread_by_{side}"):
        theirs.filter(seq__gt=before, seq__lte=seq, read_at__isnull=True).update(read_at=now)
        rest = 0 if seq >= chat.last_seq else theirs.filter(seq__gt=seq).count()
        setattr(chat, f"unread_by_{side}", rest)
    return True


def _answering_is_reading(chat: Chat, side: str, now: datetime) -> None:
    """Whoever writes has read what came before; the caller saves the marks with the message's summary."""
    if not getattr(chat, f"unread_by_{side}"):
        return
    seq = chat.last_seq if side == "team" else chat.last_public_seq
    _advance_delivered(chat, side, seq, now)
    _advance_read(chat, side, seq, now)
    read = events.MessagesRead(workspace_id=chat.workspace_id, chat=chat, side=side, seq=seq, at=instant(now) or "")
    events.record(read)


def _of_other_side(chat: Chat, side: str) -> Any:
    """Return the written, public entries of the other side: what this side can read."""
    written = Message.objects.filter(chat=chat, public=True).exclude(kind=Kind.EVENT)
    if side == "team":
        return written.filter(author_kind=AuthorKind.VISITOR)
    return written.exclude(author_kind=AuthorKind.VISITOR)
