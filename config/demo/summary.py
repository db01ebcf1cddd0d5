"""What a chat's summary columns must say, worked out from its messages.

The services keep these columns as they go; the factories set them from here, and the tests compare both.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chat.models import AuthorKind, Chat, Kind, Message

_TEAM = (AuthorKind.AGENT, AuthorKind.BOT, AuthorKind.SYSTEM)


def public_seq_before(chat: Chat, seq: int) -> int:
    """Return the seq of the entry before ``seq`` that the visitor may see; 0 if there is none."""
    return chat.last_public_seq if chat.last_public_seq < seq else 0


def summary(chat: Chat, messages: Sequence[Message]) -> dict[str, Any]:
    """Return the summary columns of ``chat`` as these messages (all of it, by seq) and its read marks make them."""
    said = [m for m in messages if m.kind != Kind.EVENT and m.public]
    columns: dict[str, Any] = {
        "last_seq": messages[-1].seq if messages else 0,
        "last_public_seq": max((m.seq for m in messages if m.public), default=0),
        "message_count": len(said),
        "unread_by_team": sum(
            m.author_kind == AuthorKind.VISITOR and m.seq > chat.read_by_team_seq for m in said
        ),
        "unread_by_visitor": sum(m.author_kind in _TEAM and m.seq > chat.read_by_visitor_seq for m in said),
    }
    if said:
        columns |= {
            "last_message_at": said[-1].created_at,
            "last_message_text": said[-1].body[:160],
            "last_message_by": said[-1].author_kind,
        }
    return columns | responses(messages)


def responses(messages: Sequence[Message]) -> dict[str, Any]:
    """Return the response metrics: turns that a person answered, and the turn that still waits.

    A turn begins with the first unanswered message of the visitor and ends with the next public reply of a person.
    """
    first: datetime | None = None
    unanswered: datetime | None = None
    turns, seconds = 0, 0.0
    for message in messages:
        if message.kind == Kind.EVENT or not message.public:
            continue
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


def summarise(chat: Chat) -> None:
    """Set the summary columns of a stored chat from its stored messages."""
    columns = summary(chat, list(chat.messages.order_by("seq")))
    for name, value in columns.items():
        setattr(chat, name, value)
    chat.save(update_fields=list(columns))
