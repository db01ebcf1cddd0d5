"""Posting, and the receipts of what was posted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import events
from ..access import Actor, demand
from ..errors import Invalid
from ..models import Attachment, AuthorKind, Chat, Kind, Message
from ..snapshots import instant
from . import assigning
from .committing import Committer
from .locking import lock_chat
from .storing import MustTake, Posting, author_kind, store

__all__ = ["author_kind", "clean", "mark_delivered", "mark_read", "post", "post_soon"]

BODY_LIMIT = 10_000
PAYLOAD_LIMIT = 32 * 1024
FILES_LIMIT = 10


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
    posting = _posting(chat, actor, kind, body, client_id, payload, attachments)
    while True:
        try:
            return _store(posting)
        except MustTake:
            # Outside of the chat's lock, because the routing lock comes first.
            assert actor.agent is not None
            assigning.take_for_reply(chat, actor)


async def post_soon(
    chat: Chat,
    actor: Actor,
    *,
    kind: str = Kind.TEXT,
    body: str = "",
    client_id: str | None = None,
    payload: dict[str, Any] | None = None,
) -> Message:
    """The same as :func:`post` for whoever is on a loop and needs no query to know that they may: a visitor.

    No thread waits meanwhile, so that as many are stored together as have come.
    """
    assert actor.kind == "visitor"
    return await _committer.soon(_posting(chat, actor, kind, body, client_id, payload, ()))


def _posting(
    chat: Chat,
    actor: Actor,
    kind: str,
    body: str,
    client_id: str | None,
    payload: dict[str, Any] | None,
    attachments: Sequence[Attachment],
) -> Posting:
    """Return what can be stored and may be. Raises Invalid, NotAllowed, NotFound."""
    _validate(kind, body, client_id, payload, attachments)
    demand(actor, "note" if kind == Kind.NOTE else "post", chat)
    return Posting(chat, actor, kind, body, client_id, payload or {}, attachments)


def _store(posting: Posting) -> Message:
    """Store it in the transaction that is under way, or together with what others are posting."""
    if not connection.in_atomic_block:
        return _committer.now(posting)
    store([posting])
    if isinstance(posting.outcome, Message):
        return posting.outcome
    assert posting.outcome is not None
    raise posting.outcome


_committer = Committer(store)


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


def _of_other_side(chat: Chat, side: str) -> Any:
    """Return the written, public entries of the other side: what this side can read."""
    written = Message.objects.filter(chat=chat, public=True).exclude(kind=Kind.EVENT)
    if side == "team":
        return written.filter(author_kind=AuthorKind.VISITOR)
    return written.exclude(author_kind=AuthorKind.VISITOR)
