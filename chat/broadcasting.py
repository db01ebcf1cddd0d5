"""From events to frames: what goes to which topic. Runs after COMMIT; loses nothing that the database does not have.

A frame is a neutral dictionary (see :mod:`chat.snapshots`); each socket renders it in its own dialect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from agents.models import Agent

from . import events, snapshots
from .models import Chat, Message
from .realtime import hub

log = logging.getLogger(__name__)
Frame = dict[str, Any]


def visitor_topic(chat_id: int) -> str:
    """The visitor's side of a chat: public entries only."""
    return f"chat:{chat_id}:visitor"


def line_topic(visitor_id: int) -> str:
    """Everything that a visitor may hear, in whichever of their chats, also those that begin later."""
    return f"visitor:{visitor_id}"


def visitor_topics(chat: Chat) -> list[str]:
    """Return the topics of the visitor's side of a chat."""
    return [visitor_topic(chat.pk), line_topic(chat.visitor_id)]


def team_topic(chat_id: int) -> str:
    """The team's side of a chat: those who have it open."""
    return f"chat:{chat_id}:team"


def everything_topic(workspace_id: int) -> str:
    """Who sees every chat of the workspace."""
    return f"ws:{workspace_id}:everything"


def department_topic(workspace_id: int, department_id: int | None) -> str:
    """Who sees the chats of this department; None for those that are in none."""
    return f"ws:{workspace_id}:dep:{department_id or 'none'}"


def agent_topic(agent_id: int) -> str:
    """Everything that concerns one agent."""
    return f"agent:{agent_id}"


def colleagues_topic(workspace_id: int) -> str:
    """Every inbox of the workspace."""
    return f"ws:{workspace_id}:team"


def inbox_topics(agent: Agent, department_ids: list[int]) -> list[str]:
    """Return the topics that together are what ``access.visible_chats`` shows this agent."""
    topics = [agent_topic(agent.pk), colleagues_topic(agent.workspace_id)]
    if agent.supervises:
        return [*topics, everything_topic(agent.workspace_id)]
    departments = [None, *department_ids]
    return topics + [department_topic(agent.workspace_id, d) for d in departments]


def audience(chat: Chat) -> list[str]:
    """Return the topics of all who see this chat in their list."""
    topics = [everything_topic(chat.workspace_id), department_topic(chat.workspace_id, chat.department_id)]
    return topics + ([agent_topic(chat.agent_id)] if chat.agent_id else [])


def _row(chat: Chat, tags: tuple[str, ...] | None = None, drawn: Frame | None = None) -> None:
    """Send the chat's row to every list that shows it; ``drawn``: its snapshot, if there is one already."""
    frame: Frame = {"type": "chat", "chat": drawn or snapshots.of_chat(chat)}
    if tags is not None:
        frame["tags"] = list(tags)
    hub.publish(chat.workspace_id, [*audience(chat), team_topic(chat.pk)], frame)


def _entry(chat: Chat, message: Message, event: str, drawn: Frame | None = None) -> None:
    """Send a timeline entry to those who have the chat open, on both sides if the visitor may see it."""
    frame: Frame = {
        "type": "message",
        "event": event,
        "chat": drawn or snapshots.of_chat(chat),
        "message": snapshots.of_message(message),
    }
    topics = [team_topic(chat.pk)] + (visitor_topics(chat) if message.public else [])
    hub.publish(chat.workspace_id, topics, frame)


def _session(chat: Chat) -> None:
    """Tell the visitor's side that something about the chat itself is new."""
    hub.publish(chat.workspace_id, visitor_topics(chat), {"type": "chat", "chat": snapshots.of_chat(chat)})


@singledispatch
def broadcast(event: events.Event) -> None:
    """Send the frames of one event."""
    raise TypeError(f"No frames for {event!r}")


def broadcast_all(happened: Iterable[events.Event]) -> None:
    """Send the frames of these events, in their order. One that cannot be told keeps none of the others."""
    for event in happened:
        try:
            broadcast(event)
        except Exception:
            log.exception("no frames of %s", event.name)


@broadcast.register
def _(event: events.ChatEvent) -> None:
    """Most events of a chat: its line in the timeline, then its row."""
    if event.message:
        _entry(event.chat, event.message, event.name)
    _row(event.chat)
    _session(event.chat)


@broadcast.register
def _(event: events.MessagePosted) -> None:
    """Nothing of the chat itself is new. It is drawn once, because nothing happens as often."""
    chat = snapshots.of_chat(event.chat)
    _entry(event.chat, event.message, event.name, drawn=chat)
    _row(event.chat, drawn=chat)


@broadcast.register
def _(event: events.ChatTagged) -> None:
    if event.message:
        _entry(event.chat, event.message, event.name)
    _row(event.chat, tags=event.tags)


def _moved(event: events.ChatTransferred | events.ChatQueued) -> None:
    """The chat left an agent, and perhaps a department: who may not see it any more drops it, first of all."""
    gone = {"type": "gone", "chat_id": event.chat.pk, "chat_uid": event.chat.uid.hex}
    hub.publish(event.workspace_id, [colleagues_topic(event.workspace_id)], gone, unless=audience(event.chat))
    if event.message:
        _entry(event.chat, event.message, event.name)
    _row(event.chat)
    _session(event.chat)


broadcast.register(events.ChatTransferred, _moved)
broadcast.register(events.ChatQueued, _moved)


def _marked(event: events.MessagesRead | events.MessagesDelivered) -> None:
    frame = {
        "type": "read" if isinstance(event, events.MessagesRead) else "delivered",
        "chat": snapshots.of_chat(event.chat),
        "side": event.side,
        "seq": event.seq,
        "at": event.at,
    }
    topics = [team_topic(event.chat.pk), *visitor_topics(event.chat)]
    hub.publish(event.workspace_id, topics, frame)
    if isinstance(event, events.MessagesRead):
        _row(event.chat)


broadcast.register(events.MessagesRead, _marked)
broadcast.register(events.MessagesDelivered, _marked)


@broadcast.register
def _(event: events.ChatSuggested) -> None:
    """For those of the team who have the chat open, and nobody else."""
    suggestion = snapshots.of_suggestion(event.suggestion)
    frame = {"type": "suggestion", "chat_uid": event.chat.uid.hex, "suggestion": suggestion}
    hub.publish(event.workspace_id, [team_topic(event.chat.pk)], frame)


@broadcast.register
def _(event: events.AgentChanged) -> None:
    hub.publish(
        event.workspace_id,
        [colleagues_topic(event.workspace_id)],
        {"type": "agent", "agent": snapshots.of_agent(event.agent)},
    )


@broadcast.register
def _(event: events.VisitorChanged) -> None:
    if not event.moved_only:
        changed = {"type": "visitor", "visitor": snapshots.of_visitor(event.visitor)}
        hub.publish(event.workspace_id, [line_topic(event.visitor.pk)], changed)
    if event.chat is None:
        return
    frame = {"type": "visitor", "chat_uid": event.chat.uid.hex, "visitor": snapshots.of_visitor(event.visitor)}
    hub.publish(event.workspace_id, [team_topic(event.chat.pk)], frame)
    _row(event.chat)


@broadcast.register
def _(event: events.CardChanged) -> None:
    message = event.card.message
    frame = {
        "type": "card",
        "chat_uid": message.chat.uid.hex,
        "seq": message.seq,
        "card": snapshots.of_card(event.card, message),
    }
    hub.publish(event.workspace_id, [team_topic(message.chat_id)], frame)


def typing(chat: Chat, frame: Frame, side: str) -> None:
    """Send a typing frame to both sides; never stored. The visitor's own words go to the team only."""
    public = {k: v for k, v in frame.items() if k != "preview"}
    hub.publish(chat.workspace_id, [team_topic(chat.pk)], frame)
    if side == "team":
        hub.publish(chat.workspace_id, visitor_topics(chat), public)
    else:
        hub.publish(chat.workspace_id, [line_topic(chat.visitor_id)], public)


__all__ = ["audience", "broadcast", "broadcast_all", "inbox_topics", "typing"]
