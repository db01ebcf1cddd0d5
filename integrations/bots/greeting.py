"""Who greets: a new chat goes to the bot of its widget or its department before it goes to anybody else."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from chat.events import ChatStarted, Event
from chat.models import Chat
from chat.services import assigning

from .models import Bot

REASON = "greeting"


def record(happened: Sequence[Event]) -> None:
    """Give a chat that has just begun to its bot, if it has one. A sink of ``chat.events.record()``.

    Nobody else can see the chat yet, so no lock is needed; routing comes after COMMIT and finds it taken.
    """
    for event in happened:
        if isinstance(event, ChatStarted) and (bot := greeter_of(event.chat)):
            assigning.give(event.chat, bot.agent, now=timezone.now(), by=None, reason=REASON)


def greeter_of(chat: Chat) -> Bot | None:
    """Return the bot that greets this chat: its widget's, then its department's, then one that has neither."""
    bots = Bot.objects.filter(workspace_id=chat.workspace_id, greets=True, agent__is_active=True)
    here = Q(agent__memberships__department_id=chat.department_id)
    if chat.department_id is None:
        here = Q(widgets__isnull=True, agent__memberships__isnull=True)
    if chat.widget_uid is not None:
        here |= Q(widgets__uid=chat.widget_uid)
    found = bots.filter(here).select_related("agent").prefetch_related("widgets").order_by("id")
    return min(found, key=lambda bot: not bot.widgets.all(), default=None)
