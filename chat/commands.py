"""Commands in the metadata of messages (partner guide, "Message Metadata"): what a message names, and its card.

Metadata is what a visitor's browser or an integrator sent: every shape is possible, and nothing here trusts it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .models import ActionCard, Message

NAME_LIMIT = 60


def command_of(payload: dict[str, Any]) -> tuple[str, Any] | None:
    """Return ``commandType`` and ``value`` of a message's metadata, or None when it names no command."""
    metadata = payload.get("metadata")
    if not isinstance(metadata, dict):
        return None
    name = metadata.get("commandType")
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_LIMIT:
        return None
    return name, metadata.get("value")


def attach(messages: Iterable[Message]) -> None:
    """Give the messages that name a command their cards: one query, and none where all is known already."""
    naming = {message.pk: message for message in messages if command_of(message.payload) and not _is_joined(message)}
    if naming:
        for card in ActionCard.objects.filter(message_id__in=naming):
            naming[card.message_id].action_card = card


def card_of(message: Message) -> ActionCard | None:
    """Return the message's card where it was joined, attached or has just been dealt. Never asks the database."""
    return getattr(message, "action_card", None) if _is_joined(message) else None


def _is_joined(message: Message) -> bool:
    return Message.action_card.is_cached(message)
