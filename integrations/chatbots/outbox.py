"""What bots hear: events of the chats that they are in, owed to their line in the transaction that caused them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Agent
from chat import events
from chat.models import Kind

from ..bots import services
from ..bots.models import Bot
from ..webhooks import bell
from ..webhooks.models import Delivery
from . import mapping

Told = Iterable[tuple[str, mapping.Json]]


def record(happened: Sequence[events.Event]) -> None:
    """Owe each event to the bot that it concerns. A sink of ``chat.events.record()``: no query where no bot is."""
    for event in happened:
        _record(event)


def _record(event: events.Event) -> None:
    for who, tell in _EVENTS.get(type(event), ()):
        agent = who(event)
        if agent is not None and agent.is_bot and (bot := _bot_of(agent)):
            for action, payload in tell(event):
                owe(bot, action, payload)


def owe(bot: Bot, action: str, payload: mapping.Json) -> None:
    """Owe the bot one action. Called inside the transaction that causes it."""
    Delivery.objects.create(
        workspace_id=bot.workspace_id,
        subscription=services.line_of(bot),
        event=action,
        payload=mapping.envelope(bot, action, payload),
    )
    transaction.on_commit(bell.ring)


def _bot_of(agent: Agent) -> Bot | None:
    return Bot.objects.select_related("workspace", "agent", "line").filter(agent=agent).first()


def _agent_of_chat(event: events.ChatEvent) -> Agent | None:
    return event.chat.agent


def _given(event: events.ChatEvent) -> Told:
    yield mapping.INCOMING_CHAT, mapping.incoming_chat(event.chat)


def _posted(event: events.MessagePosted) -> Told:
    """What is public and not the bot's own."""
    message = event.message
    if message.kind == Kind.NOTE or not message.public or message.agent_id == event.chat.agent_id:
        return
    for said in mapping.events_of(event.chat, message):
        yield mapping.INCOMING_EVENT, mapping.incoming_event(event.chat, said)


def _left(event: events.ChatTransferred) -> Agent | None:
    return event.from_agent


def _transferred(event: events.ChatTransferred) -> Told:
    yield mapping.CHAT_TRANSFERRED, mapping.transferred(event.chat, event.reason)


def _closed(event: events.ChatClosed) -> Told:
    yield mapping.CHAT_DEACTIVATED, mapping.deactivated(event.chat, _who_closed(event))


def _who_closed(event: events.ChatClosed) -> UUID | None:
    if event.by is not None:
        return event.by.uid
    payload = event.message.payload if event.message else {}
    return event.chat.visitor.uid if payload.get("by", {}).get("kind") == "visitor" else None


_EVENTS: dict[type[events.Event], list[tuple[Callable[[Any], Agent | None], Callable[[Any], Told]]]] = {
    events.ChatAssigned: [(_agent_of_chat, _given)],
    events.MessagePosted: [(_agent_of_chat, _posted)],
    # A transfer takes the chat from one, and may give it to another.
    events.ChatTransferred: [(_left, _transferred), (_agent_of_chat, _given)],
    events.ChatClosed: [(_agent_of_chat, _closed)],
}
