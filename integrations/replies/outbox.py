"""What is owed: a visitor's message to a chat that an assistant has is a turn, in the transaction that stored it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat import events
from chat.models import AuthorKind, Chat, Kind
from chat.services import assigning

from ..bots.greeting import REASON
from ..webhooks import bell
from .models import Assistant, Mode, Turn


def record(happened: Sequence[events.Event]) -> None:
    """Give a new chat to the assistant that serves it, owe a turn. A sink of ``chat.events.record()``.

    No query for what people have: their suggestions are found by :func:`integrations.replies.turns.owe_suggestions`.
    """
    for event in happened:
        _record(event)


def _record(event: events.Event) -> None:
    if isinstance(event, events.ChatStarted):
        _greet(event.chat)
    elif isinstance(event, events.MessagePosted):
        message = event.message
        if message.author_kind == AuthorKind.VISITOR and message.kind != Kind.EVENT:
            owe(event.chat)
    elif (
        isinstance(event, events.ChatAssigned | events.ChatTransferred | events.ChatReopened)
        and event.chat.last_message_by == AuthorKind.VISITOR
    ):
        owe(event.chat)


def owe(chat: Chat, after_seq: int = 0) -> None:
    """Owe the chat a turn when an assistant has it, unless one is owed already. The chat is locked.

    ``after_seq``: it is about what came after this entry, though an answer to what came before stands behind it.

    One that is under way sees, before it ends, what came meanwhile: it takes the same lock.
    """
    if chat.agent is None or not chat.agent.is_bot:
        return
    assistant = Assistant.objects.filter(agent=chat.agent).first()
    if assistant is not None:
        Turn.objects.bulk_create([Turn(assistant=assistant, chat=chat, after_seq=after_seq)], ignore_conflicts=True)
        transaction.on_commit(bell.ring)


def _greet(chat: Chat) -> None:
    """Nobody else can see the chat yet: no lock is needed, and routing comes after COMMIT and finds it taken."""
    if chat.agent_id is None and (assistant := assistant_for(chat)):
        assigning.give(chat, assistant.agent, now=timezone.now(), by=None, reason=REASON)


def assistant_for(chat: Chat) -> Assistant | None:
    """Return the answering assistant that serves this chat: by its widget, then its department, then any."""
    now = timezone.now()
    ready = Assistant.objects.filter(
        Q(quiet_until__isnull=True) | Q(quiet_until__lte=now),
        workspace_id=chat.workspace_id, enabled=True, mode=Mode.ANSWER, agent__is_active=True,
    )  # fmt: skip
    ready = ready.select_related("agent").prefetch_related("widgets", "departments").order_by("id")
    ranked = [(rank, assistant) for assistant in ready if (rank := how_it_serves(assistant, chat)) is not None]
    return min(ranked, key=lambda pair: pair[0], default=(0, None))[1]


def how_it_serves(assistant: Assistant, chat: Chat) -> int | None:
    """Return how near the chat is: 0 its widget, 1 its department, 2 anything; None when it does not serve it."""
    widgets = [widget.uid for widget in assistant.widgets.all()]
    departments = [department.pk for department in assistant.departments.all()]
    if chat.widget_uid in widgets:
        return 0
    if chat.department_id in departments:
        return 1
    return None if widgets or departments else 2
