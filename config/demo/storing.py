"""Inserts what was played: a handful of bulk statements, in the order of time, so that ids grow with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from agents.models import Agent, Workspace
from chat.commands import command_of
from chat.models import ActionCard, Assignment, Chat, ChatTag, Command, Message, Tag, TicketCounter, Visitor

from . import kit, steps
from .playing import Play


def store_visitors(visitors: Sequence[Visitor]) -> list[Visitor]:
    """Insert visitors and keep their own times, which an insert would set to now."""
    born = [(visitor.created_at, visitor.updated_at) for visitor in visitors]
    stored = Visitor.objects.bulk_create(visitors)
    for visitor, (created, updated) in zip(stored, born, strict=True):
        visitor.created_at, visitor.updated_at = created, updated
    Visitor.objects.bulk_update(stored, ["created_at", "updated_at"])
    return stored


def store_plays(workspace: Workspace, plays: Iterable[Play]) -> list[Play]:
    """Insert chats with their messages, assignments and tags, numbered in the order in which they began."""
    ordered = sorted(plays, key=lambda play: play.chat.created_at)
    for number, play in enumerate(ordered, start=1):
        play.chat.ticket_no = number
    Chat.objects.bulk_create([play.chat for play in ordered])
    _chain(ordered)
    for play in ordered:
        rows: list[Message | Assignment] = [*play.messages, *play.assignments]
        for row in rows:
            row.chat = play.chat  # anew, because it has its id only now
    Message.objects.bulk_create(
        sorted((m for play in ordered for m in play.messages), key=lambda m: (m.created_at, m.seq)), batch_size=500
    )
    Assignment.objects.bulk_create(
        sorted((a for play in ordered for a in play.assignments), key=lambda a: a.started_at)
    )
    _store_tags(workspace, ordered)
    _store_cards(workspace, ordered)
    TicketCounter.objects.update_or_create(workspace=workspace, defaults={"last": len(ordered)})
    _note_assigned(ordered)
    return ordered


def store_greeting(workspace: Workspace, visitor: Visitor, body: str) -> None:
    """Insert one chat in which a visitor waits with one message."""
    now = timezone.now() - timedelta(minutes=3)
    chat = Chat(workspace=workspace, visitor=visitor, created_at=now, updated_at=now, queued_at=now)
    store_plays(workspace, [Play(chat).play([steps.VisitorSays(now, body)])])


def note_last_seen(visitors: Sequence[Visitor], plays: Sequence[Play], now: datetime) -> None:
    """Set when and where each visitor was last; whoever writes at this moment is online."""
    for play in plays:
        visitor = play.chat.visitor
        last = play.chat.closed_at or now
        visitor.last_seen_at = max(visitor.last_seen_at or last, last)
        visitor.page = play.chat.source
        if play.chat.is_open:
            visitor.lease_until = now + timedelta(minutes=30)
    Visitor.objects.bulk_update(visitors, ["last_seen_at", "page", "lease_until"])


def _chain(plays: Sequence[Play]) -> None:
    chained = [play for play in plays if play.previous]
    for play in chained:
        assert play.previous is not None
        play.chat.previous = play.previous.chat
    Chat.objects.bulk_update([play.chat for play in chained], ["previous"])


def _store_tags(workspace: Workspace, plays: Sequence[Play]) -> None:
    names = sorted({name for play in plays for name in play.tags})
    tags = {tag.name: tag for tag in Tag.objects.bulk_create(Tag(workspace=workspace, name=name) for name in names)}
    ChatTag.objects.bulk_create(ChatTag(chat=play.chat, tag=tags[name]) for play in plays for name in play.tags)


def _store_cards(workspace: Workspace, plays: Sequence[Play]) -> None:
    """Insert the card of every message that names a command of the workspace, looked up long since."""
    commands = {command.name: command for command in Command.objects.filter(workspace=workspace)}
    cards = []
    for message in (message for play in plays for message in play.messages):
        named = command_of(message.payload)
        if named is None or (command := commands.get(named[0])) is None:
            continue
        card = ActionCard(workspace=workspace, message=message, command=command, title=command.title)
        if command.url:
            card.state, card.answer, card.attempts = ActionCard.State.ANSWERED, kit.answer_of(named[1]), 1
        cards.append(card)
    ActionCard.objects.bulk_create(cards)


def _note_assigned(plays: Sequence[Play]) -> None:
    last: dict[Agent, datetime] = {}
    for assignment in (assignment for play in plays for assignment in play.assignments):
        last[assignment.agent] = max(assignment.started_at, last.get(assignment.agent, assignment.started_at))
    for agent, at in last.items():
        agent.last_assigned_at = at
    Agent.objects.bulk_update(last, ["last_assigned_at"])
