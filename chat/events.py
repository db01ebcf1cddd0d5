"""What happened, typed; who hears of it; and the one place where it is made known.

``record()`` is called inside the transaction that changes something. It hands the event to the sinks of
``settings.EVENT_SINKS`` at once (what they write commits or rolls back together with the change), and sends the
frames to the sockets after COMMIT, and only then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from agents.models import Agent, Department

from .models import ActionCard, Chat, Message, Suggestion, Visitor


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in one workspace."""

    name: ClassVar[str]
    workspace_id: int


@dataclass(frozen=True, kw_only=True)
class ChatEvent(Event):
    """Something that happened to a chat; ``message`` is its line in the timeline, if it has one."""

    chat: Chat
    message: Message | None = None


@dataclass(frozen=True, kw_only=True)
class ChatStarted(ChatEvent):
    """A visitor, a trigger or an integrator began a chat."""

    name = "chat.started"


@dataclass(frozen=True, kw_only=True)
class MessagePosted(ChatEvent):
    """A text, file, image, rich message or note was stored. Events of the timeline have names of their own."""

    name = "message.posted"
    message: Message = field()


@dataclass(frozen=True, kw_only=True)
class MessagesRead(ChatEvent):
    """One side (``visitor`` or ``team``) has read everything up to ``seq``."""

    name = "message.read"
    side: str
    seq: int
    at: str


@dataclass(frozen=True, kw_only=True)
class MessagesDelivered(ChatEvent):
    """Everything up to ``seq`` has reached a socket of this side."""

    name = "message.delivered"
    side: str
    seq: int
    at: str


@dataclass(frozen=True, kw_only=True)
class ChatAssigned(ChatEvent):
    """The chat got an agent."""

    name = "chat.assigned"
    agent: Agent
    by: Agent | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatTransferred(ChatEvent):
    """The chat was handed to another agent, or to a department's queue."""

    name = "chat.transferred"
    from_agent: Agent | None
    to_agent: Agent | None
    to_department: Department | None
    by: Agent | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatQueued(ChatEvent):
    """The chat went back to the queue because its agent was gone too long."""

    name = "chat.queued"
    from_agent: Agent | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatUnparked(ChatEvent):
    """The team opened, and the chat is in the queue; or its hours changed, and it waits for another opening."""

    name = "chat.unparked"


@dataclass(frozen=True, kw_only=True)
class ChatClosed(ChatEvent):
    """The chat ended."""

    name = "chat.closed"
    by: Agent | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatReopened(ChatEvent):
    """An agent or an integrator opened it again in place."""

    name = "chat.reopened"
    by: Agent | None = None


@dataclass(frozen=True, kw_only=True)
class ChatRated(ChatEvent):
    """The visitor said how it was."""

    name = "chat.rated"


@dataclass(frozen=True, kw_only=True)
class ChatTagged(ChatEvent):
    """The tags changed; ``tags`` are all of them now."""

    name = "chat.tagged"
    tags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChatUpdated(ChatEvent):
    """Another field of the chat changed: priority, custom fields."""

    name = "chat.updated"


@dataclass(frozen=True, kw_only=True)
class CardChanged(Event):
    """The lookup of a message's card was answered, has failed or begins anew. The card's message is joined."""

    name = "card.changed"
    card: ActionCard


@dataclass(frozen=True, kw_only=True)
class ChatSuggested(ChatEvent):
    """A program drafted an answer for the agent; None: the draft was used or dismissed."""

    name = "chat.suggested"
    suggestion: Suggestion | None


@dataclass(frozen=True, kw_only=True)
class AgentChanged(Event):
    """An agent's status or presence changed."""

    name = "agent.changed"
    agent: Agent


@dataclass(frozen=True, kw_only=True)
class VisitorChanged(Event):
    """A visitor's data or presence changed; ``chat`` is the open one, if there is one.

    ``moved_only``: they came, went or turned a page, and what is known of them is as before.
    """

    name = "visitor.changed"
    visitor: Visitor
    chat: Chat | None = None
    moved_only: bool = False


Sink = Callable[[Sequence[Event]], Any]


@lru_cache
def _sinks(paths: tuple[str, ...]) -> tuple[Sink, ...]:
    return tuple(import_string(path) for path in paths)


def record(event: Event) -> None:
    """Hand the event to every sink now, and its frames to the sockets after COMMIT. Call it inside the transaction."""
    record_all([event])


def record_all(happened: Sequence[Event]) -> None:
    """The same for what happened together, in its order. A sink has all of it at once, to need few statements."""
    from .broadcasting import broadcast_all

    for sink in _sinks(tuple(settings.EVENT_SINKS)):
        sink(happened)
    transaction.on_commit(lambda: broadcast_all(happened), robust=True)
