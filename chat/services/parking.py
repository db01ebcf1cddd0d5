"""Chats that begin outside opening hours wait parked until the team opens; then they stand in the queue.

A chat is parked when it would enter the queue, nobody should be there, and no person has had it yet: a conversation
that has begun is not put off until tomorrow. Anybody may take a parked chat by hand; routing gives it to nobody. The
clock alone ends it (``Chat.objects.queued``); the sweeper tells everybody, and follows hours that change meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agents.services import hours

from .. import events
from ..models import Chat
from .locking import lock_chat

# What `place` sets.
FIELDS = ("queued_at", "parked_until", "unparked_at")


def place(chat: Chat, now: datetime, since: datetime | None = None) -> None:
    """Set where a chat that begins to wait stands: in the queue as if since then, or parked until the opening.

    Saves nothing: the caller saves ``FIELDS``.
    """
    chat.queued_at, chat.parked_until = since or now, None
    if chat.first_assigned_at is None and (opening := _opening_after(chat, now)):
        chat.queued_at = chat.parked_until = chat.unparked_at = opening


def take_out(chat: Chat, now: datetime) -> None:
    """Somebody took the chat, or it ended: it waits no longer. Saves nothing."""
    if chat.parked_until is not None:
        chat.queued_at, chat.parked_until = min(chat.queued_at, now), None
        chat.unparked_at = chat.queued_at


def follow_hours(now: datetime | None = None) -> int:
    """Bring every parked chat to what the hours say now. Returns how many of them are in the queue from now on."""
    now = now or timezone.now()
    parked = list(Chat.objects.filter(parked_until__isnull=False).select_related("workspace").order_by("id")[:500])
    schedules = hours.schedules_of({chat.workspace for chat in parked})
    openings = {pk: schedule.next_opening(now) or now for pk, schedule in schedules.items()}
    return sum(_follow(chat, openings[chat.workspace_id], now) for chat in parked)


def _opening_after(chat: Chat, now: datetime) -> datetime | None:
    """Return when the chat's team opens, None while it is open or if that cannot be said."""
    opening = hours.next_opening(chat.workspace, now)
    return opening if opening and opening > now else None


def _follow(found: Chat, opening: datetime, now: datetime) -> bool:
    if opening > now and found.parked_until == opening:
        return False
    with transaction.atomic():
        chat = lock_chat(found)
        if chat.parked_until is None:
            return False
        if opening > now:
            chat.queued_at = chat.parked_until = chat.unparked_at = opening
        else:
            take_out(chat, now)
        chat.updated_at = now
        chat.save(update_fields=[*FIELDS, "updated_at"])
        events.record(events.ChatUnparked(workspace_id=chat.workspace_id, chat=chat))
    return chat.parked_until is None
