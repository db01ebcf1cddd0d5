"""What a chat's summary columns must say, worked out from its messages.

The services keep these columns as they go; the factories and the demo set them from here, and tests compare both.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chat.models import AuthorKind, Chat, Kind, Message
from chat.services.timeline import PREVIEW


def _written(message: Message) -> bool:
    return message.public and message.kind != Kind.EVENT


# What each side can read: the written, public entries of the other one.
SIDES = {
    "team": lambda message: _written(message) and message.author_kind == AuthorKind.VISITOR,
    "visitor": lambda message: _written(message) and message.author_kind != AuthorKind.VISITOR,
}


def public_seq_before(chat: Chat, seq: int) -> int:
    """Return the seq of the entry before ``seq`` that the visitor may see; 0 if there is none."""
    return chat.last_public_seq if chat.last_public_seq < seq else 0


def summary(chat: Chat, messages: Sequence[Message]) -> dict[str, Any]:
    """Return the summary columns of ``chat`` as its messages (all of them, by seq) and its read marks make them."""
    said = [message for message in messages if _written(message)]
    columns: dict[str, Any] = {
        "last_seq": messages[-1].seq if messages else 0,
        "last_public_seq": max((message.seq for message in messages if message.public), default=0),
        "message_count": len(said),
        "unread_by_team": _unread(messages, "team", chat.read_by_team_seq),
        "unread_by_visitor": _unread(messages, "visitor", chat.read_by_visitor_seq),
        "last_message_at": said[-1].created_at if said else chat.created_at,
        "last_message_text": " ".join(said[-1].body.split())[:PREVIEW] if said else "",
        "last_message_by": said[-1].author_kind if said else "",
    }
    return columns | responses(messages)


def responses(messages: Sequence[Message]) -> dict[str, Any]:
    """Return the response metrics: turns that a person answered, and the turn that still waits.

    A turn begins with the first unanswered message of the visitor and ends with the next public reply of a person.
    """
    first: datetime | None = None
    unanswered: datetime | None = None
    turns, seconds = 0, 0.0
    for message in filter(_written, messages):
        if message.author_kind == AuthorKind.VISITOR:
            unanswered = unanswered or message.created_at
        elif message.author_kind == AuthorKind.AGENT:
            first = first or message.created_at
            if unanswered is not None:
                turns, seconds = turns + 1, seconds + (message.created_at - unanswered).total_seconds()
                unanswered = None
    return {
        "first_response_at": first,
        "unanswered_since": unanswered,
        "response_turns": turns,
        "response_seconds": seconds,
    }


def read_up_to(chat: Chat, messages: Sequence[Message], side: str, seq: int, at: datetime) -> bool:
    """Move a side's marks to ``seq`` and date the receipts of what it read. False when it had read that far."""
    if seq <= getattr(chat, f"read_by_{side}_seq"):
        return False
    for message in messages:
        if SIDES[side](message) and message.seq <= seq:
            message.delivered_at = message.delivered_at or at
            message.read_at = message.read_at or at
    setattr(chat, f"read_by_{side}_seq", seq)
    setattr(chat, f"delivered_to_{side}_seq", max(seq, getattr(chat, f"delivered_to_{side}_seq")))
    return True


def summarise(chat: Chat) -> None:
    """Set the summary columns of a stored chat from its stored messages."""
    columns = summary(chat, list(chat.messages.order_by("seq")))
    for name, value in columns.items():
        setattr(chat, name, value)
    chat.save(update_fields=list(columns))


def _unread(messages: Sequence[Message], side: str, mark: int) -> int:
    return sum(SIDES[side](message) and message.seq > mark for message in messages)
