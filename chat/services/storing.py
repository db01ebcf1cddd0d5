"""Stores messages, one or many, in one transaction with a fixed number of statements."""

from __future__ import annotations

import copy
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from .. import events
from ..access import Actor
from ..errors import ChatError, Conflict, Ended, NotFound
from ..models import Attachment, AuthorKind, Chat, Kind, Message, Status
from ..snapshots import instant
from . import cards, rows, timeline
from .committing import Busy
from .locking import lock_chats
from .rows import as_values

log = logging.getLogger(__name__)
_MESSAGES = Message._meta.db_table
_field = Message._meta.get_field
# What makes a message the same as another, and the two indexes by which it is found.
_NAME = {name: _field(name.removesuffix("_id")) for name in ("chat_id", "author_kind", "agent_id")}
_NAME["client_id"] = _field("client_id")
_SAME = "m.chat_id = v.chat_id AND m.client_id = v.client_id"
_AGENTS = f"m.agent_id = v.agent_id AND {_SAME}"
_OTHERS = f"m.agent_id IS NULL AND v.agent_id IS NULL AND m.author_kind = v.author_kind AND {_SAME}"
_READ = {"chat_id": _field("chat"), "by_team": _field("public"), "after": _field("seq"), "upto": _field("seq")}
_READ["at"] = _field("read_at")
_MARK = f"""
UPDATE {_MESSAGES} SET read_at = v.at, delivered_at = COALESCE({_MESSAGES}.delivered_at, v.at) FROM v
WHERE {_MESSAGES}.chat_id = v.chat_id AND {_MESSAGES}.seq > v.after AND {_MESSAGES}.seq <= v.upto
AND {_MESSAGES}.read_at IS NULL AND {_MESSAGES}.public AND {_MESSAGES}.kind <> 'event'
AND ({_MESSAGES}.author_kind = 'visitor') = v.by_team
"""  # noqa: S608  names of our own
_AUTHORS = {"visitor": AuthorKind.VISITOR, "workspace": AuthorKind.SYSTEM, "system": AuthorKind.SYSTEM}


class MustTake(Exception):
    """The chat waits, and this agent is about to answer it: the routing lock comes before the chat's."""


@dataclass(slots=True)
class Posting:
    """A message on its way: valid, and its author may write it. ``outcome``: as it was stored, or why it was not."""

    chat: Chat
    actor: Actor
    kind: str
    body: str
    client_id: str | None
    payload: dict[str, Any]
    attachments: Sequence[Attachment]
    outcome: Message | Exception | None = None

    @property
    def lane(self) -> int:
        """Messages of one chat keep their order."""
        return self.chat.pk

    @property
    def author(self) -> str:
        """How the message is marked."""
        return author_kind(self.actor)

    @property
    def name(self) -> tuple[Any, ...]:
        """What makes it the same message as another."""
        agent = self.actor.agent
        return (self.chat.pk, self.author if agent is None else "", agent and agent.pk, self.client_id)


@dataclass(slots=True)
class _Reading:
    """Whoever writes has read what came before: the entries of the other side after ``after``, up to ``seq``."""

    chat_id: int
    side: str
    after: int
    seq: int
    at: datetime


def author_kind(actor: Actor) -> str:
    """Return how a message of this actor is marked."""
    if actor.agent is not None:
        return AuthorKind.BOT if actor.agent.is_bot else AuthorKind.AGENT
    return _AUTHORS[actor.kind]


def store(postings: Sequence[Posting], wait: bool = True) -> None:
    """Store these in their order, all in one transaction, and give each its ``outcome``.

    One that is refused (Ended, Conflict, NotFound, MustTake) keeps none of the others. When this raises, nothing was
    stored. Without ``wait``, the messages of a chat that somebody else has locked are Busy.
    """
    try:
        _try(postings, wait, look=False)
    except IntegrityError:
        # Nearly always a message that was sent before: nobody pays for the look unless there is one.
        _try(postings, wait, look=True)


def _try(postings: Sequence[Posting], wait: bool, *, look: bool) -> None:
    committed: list[bool] = []
    try:
        with rows.brief_transaction():
            transaction.on_commit(lambda: committed.append(True))
            _store(postings, wait, look)
    except Exception:
        if not committed:
            raise
        log.exception("stored; what should have followed failed")


def _store(postings: Sequence[Posting], wait: bool, look: bool) -> None:
    """``look``: for all that were sent before; else only where the answer depends on it, and the unique keys say."""
    chats = lock_chats({posting.chat.pk for posting in postings}, wait=wait)
    if not wait and (missing := [posting for posting in postings if posting.chat.pk not in chats]):
        for posting in missing:  # locked, or gone: whoever waits for it will know
            posting.outcome = Busy()
        postings = [posting for posting in postings if posting.chat.pk in chats]
    named = [posting for posting in postings if posting.client_id]
    sent = _sent_before([each for each in named if look or not _can_write(chats.get(each.chat.pk), each)])
    for known in sent.values():
        known.chat = chats[known.chat_id]
    writes = Counter(posting.chat.pk for posting in postings)
    new: list[Message] = []
    readings: list[_Reading] = []
    happened: list[events.Event] = []
    for posting in postings:
        chat = chats.get(posting.chat.pk)
        try:
            if stored := sent.get(posting.name) if posting.client_id else None:
                posting.outcome = _same_or_conflict(stored, posting)
                continue
            _demand_open(chat, posting)
        except (ChatError, MustTake) as refusal:
            posting.outcome = refusal
            continue
        assert chat is not None
        now = timezone.now()
        reading = _read_by_writing(chat, posting, now)
        message = _compose(chat, posting, now)
        if writes[chat.pk] > 1:
            # Each event shows the chat as its message left it.
            message.chat = copy.copy(chat)
        if reading:
            readings.append(reading)
            happened.append(_was_read(message.chat, reading))
        happened.append(events.MessagePosted(workspace_id=chat.workspace_id, chat=message.chat, message=message))
        posting.outcome = message
        new.append(message)
        if posting.client_id:
            sent[posting.name] = message
    if not new:
        return
    written = {message.chat_id for message in new}
    timeline.insert(new, [chat for pk, chat in chats.items() if pk in written])
    _mark_read(readings)
    for message in new:
        cards.deal(message)
    events.record_all(happened)


def _compose(chat: Chat, posting: Posting, now: datetime) -> Message:
    return timeline.compose(
        chat,
        now=now,
        kind=posting.kind,
        author_kind=posting.author,
        agent=posting.actor.agent,
        body=posting.body,
        payload=posting.payload,
        client_id=posting.client_id,
        public=posting.kind != Kind.NOTE,
        attachments=posting.attachments,
    )


def _can_write(chat: Chat | None, posting: Posting) -> bool:
    try:
        _demand_open(chat, posting)
    except (ChatError, MustTake):
        return False
    return True


def _demand_open(chat: Chat | None, posting: Posting) -> None:
    if chat is None:
        raise NotFound
    if not chat.is_open:
        raise Ended
    if posting.kind != Kind.NOTE and posting.author == AuthorKind.AGENT and chat.status == Status.WAITING:
        raise MustTake


def _same_or_conflict(stored: Message, posting: Posting) -> Message:
    if (stored.kind, stored.body, stored.payload) != (posting.kind, posting.body, posting.payload):
        raise Conflict
    return stored


def _sent_before(postings: Sequence[Posting]) -> dict[tuple[Any, ...], Message]:
    """Return the messages that were stored under the same names: one statement, and one more for what it found."""
    if not postings:
        return {}
    rows = {posting.name for posting in postings}
    joins = {_OTHERS if agent is None else _AGENTS for _chat, _author, agent, _client_id in rows}
    values, parameters = as_values(_NAME, rows)
    selects = " UNION ALL ".join(f"SELECT m.id FROM v JOIN {_MESSAGES} m ON {join}" for join in sorted(joins))  # noqa: S608  ours
    with connection.cursor() as cursor:
        cursor.execute(f"{values} {selects}", parameters)
        found = [pk for (pk,) in cursor.fetchall()]
    if not found:
        return {}
    messages = Message.objects.select_related("agent").prefetch_related("attachments").filter(pk__in=found)
    return {(m.chat_id, "" if m.agent_id else m.author_kind, m.agent_id, m.client_id): m for m in messages}


def _read_by_writing(chat: Chat, posting: Posting, now: datetime) -> _Reading | None:
    """Move the marks of the writer's side over what came before; None when there is nothing unread, or it is a note."""
    if posting.kind == Kind.NOTE or posting.author not in (AuthorKind.VISITOR, AuthorKind.AGENT):
        return None
    side = "visitor" if posting.author == AuthorKind.VISITOR else "team"
    if not getattr(chat, f"unread_by_{side}"):
        return None
    seq = chat.last_seq if side == "team" else chat.last_public_seq
    before = getattr(chat, f"read_by_{side}_seq")
    setattr(chat, f"read_by_{side}_seq", seq)
    setattr(chat, f"unread_by_{side}", 0)
    setattr(chat, f"delivered_to_{side}_seq", max(seq, getattr(chat, f"delivered_to_{side}_seq")))
    return _Reading(chat.pk, side, before, seq, now)


def _was_read(chat: Chat, reading: _Reading) -> events.MessagesRead:
    return events.MessagesRead(
        workspace_id=chat.workspace_id, chat=chat, side=reading.side, seq=reading.seq, at=instant(reading.at) or ""
    )


def _mark_read(readings: Sequence[_Reading]) -> None:
    """Note on the entries themselves when they were read: one statement. No entry is of two readings."""
    if not readings:
        return
    values, parameters = as_values(_READ, ([r.chat_id, r.side == "team", r.after, r.seq, r.at] for r in readings))
    with connection.cursor() as cursor:
        cursor.execute(f"{values} {_MARK}", parameters)
