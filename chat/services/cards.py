"""Action cards: dealt with the message that names a command, and filled by whoever looks it up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .. import events
from ..access import Actor, demand
from ..commands import command_of
from ..errors import NotFound
from ..models import ActionCard, Chat, Command, Message

State = ActionCard.State
# Seconds until a lookup that may work later is tried again; after the last one it has failed.
PAUSES = (5, 30)


def deal(message: Message) -> None:
    """Give the message its card if it names a command of its workspace. Called in the transaction that stores it."""
    named = command_of(message.payload)
    if named is None:
        return
    command = Command.objects.filter(workspace=message.workspace_id, name=named[0], active=True).first()
    if command is None:
        return
    ActionCard.objects.create(
        workspace_id=message.workspace_id,
        message=message,
        command=command,
        title=command.title,
        state=State.OWED if command.url else State.PLAIN,
    )


def retry(chat: Chat, actor: Actor, seq: int) -> None:
    """Look up again what failed. Anything else stays as it is. Raises NotFound, NotAllowed."""
    demand(actor, "lookup", chat)
    with transaction.atomic():
        card = _locked(message__chat=chat, message__seq=seq)
        if card is None:
            raise NotFound
        if card.state == State.FAILED:
            card.next_at, card.attempts = timezone.now(), 0
            _change(card, state=State.OWED, problem="")


def claim(*, most: int, each: int, seconds: float) -> list[ActionCard]:
    """Take cards that are owed a lookup, at most ``each`` of one command: a slow address delays nobody else's.

    They are this worker's for so many seconds. Message, chat, visitor and command are joined.
    """
    now = timezone.now()
    owing = list(ActionCard.objects.due(now).order_by().values_list("command_id", flat=True).distinct()[:1000])
    random.shuffle(owing)
    claimed: list[int] = []
    for command_id in owing:
        if len(claimed) >= most:
            break
        claimed += _claim_of(command_id, now, each=min(each, most - len(claimed)), seconds=seconds)
    joined = ActionCard.objects.select_related("command", "message__chat__visitor", "workspace")
    return list(joined.filter(pk__in=claimed))


@transaction.atomic
def _claim_of(command_id: int | None, now: datetime, *, each: int, seconds: float) -> list[int]:
    cards = ActionCard.objects.filter(command=command_id)
    busy = cards.filter(state=State.OWED, claimed_until__gt=now).count()
    due = cards.due(now).select_for_update(skip_locked=True).order_by("next_at")
    taken = list(due.values_list("pk", flat=True)[: max(0, each - busy)])
    cards.filter(pk__in=taken).update(claimed_until=now + timedelta(seconds=seconds))
    return taken


def answer(card: ActionCard, found: list[list[Any]]) -> None:
    """Fill the card with what came back: ``[[label, value], …]``."""
    _settle(card, state=State.ANSWERED, answer=found, problem="")


def fail(card: ActionCard, problem: str, *, temporary: bool) -> None:
    """Note why a lookup brought nothing. One that may work later is tried again, and says so only at the end."""
    if not temporary or card.attempts >= len(PAUSES):
        _settle(card, state=State.FAILED, problem=problem)
        return
    pause = timedelta(seconds=PAUSES[card.attempts])
    owed = ActionCard.objects.filter(pk=card.pk, state=State.OWED, claimed_until=card.claimed_until)
    owed.update(attempts=card.attempts + 1, next_at=timezone.now() + pause, claimed_until=None)


@transaction.atomic
def _settle(card: ActionCard, **changed: Any) -> None:
    """Write down what came of a lookup, unless its lease ran out and another worker has it now."""
    locked = _locked(pk=card.pk, state=State.OWED, claimed_until=card.claimed_until)
    if locked is not None:
        _change(locked, **changed)


def _locked(**which: Any) -> ActionCard | None:
    cards = ActionCard.objects.select_related("message__chat").select_for_update(of=("self",))
    return cards.filter(**which).first()


def _change(card: ActionCard, **changed: Any) -> None:
    """Save the card, which the caller has locked, and tell the team."""
    for name, value in {**changed, "claimed_until": None}.items():
        setattr(card, name, value)
    card.save(update_fields=[*changed, "claimed_until", "next_at", "attempts"])
    events.record(events.CardChanged(workspace_id=card.workspace_id, card=card))
