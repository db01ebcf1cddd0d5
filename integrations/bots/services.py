"""The verbs of bots: their line in the outbox, their secret, and the watch over their deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from agents.models import Agent
from agents.services import audit
from chat.access import Actor
from chat.models import AuthorKind, Chat, Kind, Message, Status
from chat.services import assigning
from chat.services.locking import lock_chat, lock_routing

from ..webhooks.models import Subscription
from . import models
from .models import Bot

# What a bot may say in a row; then a person takes over.
MOST_IN_A_ROW = 20
CHANGEABLE = ("transport", "url", "greets", "deadline_seconds")
MISSED_DEADLINE, SWITCHED_OFF, TALKED_TOO_MUCH = "bot_deadline", "bot_off", "bot_budget"
_AT_ONCE = 200


class Member(Protocol):
    """A program that takes part in chats as ``agent``: a bot, or whatever else answers within a deadline."""

    workspace_id: int
    agent_id: int
    deadline_seconds: int

    @property
    def agent(self) -> Agent: ...


def line_of(bot: Bot) -> Subscription:
    """Return the bot's line in the outbox, made or brought up to date."""
    wanted = {
        "transport": f"bot_{bot.transport}",
        "url": bot.url if bot.transport == Bot.Transport.HTTP else bot.topic,
    }
    line = bot.line
    if line is None:
        line = bot.line = Subscription.every.create(workspace_id=bot.workspace_id, events=[], **wanted)
        bot.save(update_fields=["line"])
    elif (line.transport, line.url) != (wanted["transport"], wanted["url"]):
        Subscription.every.filter(pk=line.pk).update(**wanted)
        line.transport, line.url = wanted["transport"], wanted["url"]
    return line


@transaction.atomic
def change(bot: Bot, changed: Iterable[str]) -> None:
    """Store these fields of a bot as they are now, and bring its line up to date."""
    bot.save(update_fields=CHANGEABLE)
    line_of(bot)
    if names := sorted(changed):
        audit.note(bot.workspace_id, audit.BOT_CHANGED, f"{bot.name}: {', '.join(names)}")


def rotate(bot: Bot) -> str:
    """Give the bot a new client secret and return it; the old one is worth nothing from now on."""
    bot.client_secret = models.new_client_secret()
    with transaction.atomic():
        bot.save(update_fields=["client_secret"])
        audit.note(bot.workspace_id, audit.BOT_ROTATED, bot.name)
    return bot.client_secret


def watch(now: datetime | None = None) -> int:
    """Hand over the chats of bots that missed their deadline or were switched off. Returns how many."""
    return watch_over(Bot.objects.select_related("agent"), now or timezone.now())


def watch_over(members: Iterable[Member], now: datetime, *, grace: int = 0, greets: bool = True) -> int:
    """Hand over what these are late with: so many seconds after their deadline. Returns how many chats.

    ``greets``: whether they owe a word to a chat in which nobody has said anything.
    """
    at = now - timedelta(seconds=grace)
    return sum(_bypass(member, chat, at, greets) for member in members for chat in overdue(member, at, greets))


def overdue(bot: Member, now: datetime, greets: bool = True) -> list[Chat]:
    """Return the bot's chats that wait for it since before its deadline; all of them when it is switched off.

    It owes an answer to the first message of the visitor that has none, however much follows, and a greeting to a chat
    that it was given.
    """
    chats = Chat.objects.filter(workspace_id=bot.workspace_id, agent_id=bot.agent_id, status=Status.ACTIVE)
    if bot.agent.is_active:
        since = now - timedelta(seconds=bot.deadline_seconds)
        given = Q(assignments__ended_at__isnull=True, assignments__started_at__lte=since)
        answers = Message.objects.filter(
            chat=OuterRef("chat"),
            seq__gt=OuterRef("seq"),
            author_kind__in=[AuthorKind.BOT, AuthorKind.AGENT],
            kind__in=[Kind.TEXT, Kind.FILE, Kind.IMAGE, Kind.RICH],
        )
        questions = Message.objects.filter(chat=OuterRef("pk"), author_kind=AuthorKind.VISITOR, created_at__lte=since)
        late = Q(Exists(questions.exclude(Exists(answers))))
        if greets:
            late |= Q(last_message_at__lt=F("assignments__started_at"), last_message_at__lte=since)
        chats = chats.filter(given & late).distinct()
    return list(chats.order_by("id")[:_AT_ONCE])


def _bypass(bot: Member, found: Chat, now: datetime, greets: bool) -> bool:
    with transaction.atomic():
        lock_routing(found.workspace_id)
        chat = lock_chat(found)
        if all(chat.pk != late.pk for late in overdue(bot, now, greets)):
            return False
        reason = MISSED_DEADLINE if bot.agent.is_active else SWITCHED_OFF
        assigning.send_to_queue(chat, Actor.system(chat.workspace_id), reason=reason)
    return True
