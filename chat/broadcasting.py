"""From events to frames: what goes to which topic. Runs after COMMIT; loses nothing that the database does not have.

A frame is a neutral dictionary (see :mod:`chat.snapshots`); each socket renders it in its own dialect.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from agents.models import Agent

from . import events, snapshots
from .models import Chat, Message
from .realtime import hub

Frame = dict[str, Any]


def visitor_topic(chat_id: int) -> str:
    """The visitor's side of a chat: public entries only."""
    return f"chat:{chat_id}:visitor"


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


def _row(chat: Chat, tags: tuple[str, ...] | None = None) -> None:
    """Send the chat's row to every list that shows it."""
    frame: Frame = {"type": "chat", "chat": snapshots.of_chat(chat)}
    if tags is not None:
        frame["tags"] = list(tags)
    hub.publish(chat.workspace_id, [*audience(chat), team_topic(chat.pk)], frame)


def _entry(chat: Chat, message: Message, event: str, detail: Frame | None = None) -> None:
    """Send a timeline entry to those who have the chat open, on both sides if the visitor may see it."""
    frame: Frame = {
        "type": "message",
        "event": event,
        "chat": snapshots.of_chat(chat),
        "message": snapshots.of_message(message),
        **(detail or {}),
    }
    topics = [team_topic(chat.pk)] + ([visitor_topic(chat.pk)] if message.public else [])
    hub.publish(chat.workspace_id, topics, frame)


def _session(chat: Chat) -> None:
    """Tell the visitor's side that something about the chat itself is new."""
    hub.publish(chat.workspace_id, [visitor_topic(chat.pk)], {"type": "chat", "chat": snapshots.of_chat(chat)})


@singledispatch
def broadcast(event: events.Event) -> None:
    """Send the frames of one event."""
    raise TypeError(f"No frames for {event!r}")


@broadcast.register
def _(event: events.ChatEvent) -> None:
    """Most events of a chat: its line in the timeline, then its row."""
    if event.message:
        _entry(event.chat, event.message, event.name)
    _row(event.chat)
    if not isinstance(event, events.MessagePosted):
        _session(event.chat)


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
    topics = [team_topic(event.chat.pk), visitor_topic(event.chat.pk)]
    hub.publish(event.workspace_id, topics, frame)
    if isinstance(event, events.MessagesRead):
        _row(event.chat)


broadcast.register(events.MessagesRead, _marked)
broadcast.register(events.MessagesDelivered, _marked)


@broadcast.register
def _(event: events.AgentChanged) -> None:
    hub.publish(
        event.workspace_id,
        [colleagues_topic(event.workspace_id)],
        {"type": "agent", "agent": snapshots.of_agent(event.agent)},
    )


@broadcast.register
def _(event: events.VisitorChanged) -> None:
    if event.chat is None:
        return
    frame = {"type": "visitor", "chat_uid": event.chat.uid.hex, "visitor": snapshots.of_visitor(event.visitor)}
    hub.publish(event.workspace_id, [team_topic(event.chat.pk)], frame)
    _row(event.chat)


def typing(chat: Chat, frame: Frame, side: str) -> None:
    """Send a typing frame to both sides; never stored. The visitor's own words go to the team only."""
    public = {k: v for k, v in frame.items() if k != "preview"}
    hub.publish(chat.workspace_id, [team_topic(chat.pk)], frame)
    if side == "team":
        hub.publish(chat.workspace_id, [visitor_topic(chat.pk)], public)


__all__ = ["audience", "broadcast", "inbox_topics", "typing"]
