"""What a timeline comes to: turns, the first question, who replied. Entries are added in their order, once.

A message never changes after its insert, so what a long timeline came to is kept, and the next count goes on from
there: a chat of fifty thousand messages costs what was written since, not what was ever written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from chat.models import AuthorKind, Chat, Kind, Message

from .counters import Counters, add_duration, milliseconds
from .models import KeptTimeline

# Beyond so many entries that are not in what is kept, it is kept anew; a short timeline never is.
LONG = 100
# Entries held in memory at once.
PAGE = 10_000
_WRITTEN = Q(public=True, author_kind__in=[AuthorKind.VISITOR, AuthorKind.AGENT, AuthorKind.BOT]) & ~Q(kind=Kind.EVENT)
_REOPENED = Q(kind=Kind.EVENT, payload__event="reopened")


@dataclass
class Timeline:
    """What a timeline comes to up to the entry ``upto``.

    ``answers`` holds, by agent, the counters of the turns that they answered; ``unanswered`` is when the turn began
    that nobody has answered yet.
    """

    upto: int = 0
    asked_at: datetime | None = None
    unanswered: datetime | None = None
    first_by: int | None = None
    repliers: set[int] = field(default_factory=set)
    reopened: list[datetime] = field(default_factory=list)
    bot_wrote: bool = False
    answers: dict[int, Counters] = field(default_factory=dict)

    def add(self, seq: int, author: str, agent_id: int | None, at: datetime) -> None:
        """Go on by one entry."""
        self.upto = seq
        if author == AuthorKind.VISITOR:
            self.unanswered = self.unanswered or at
            self.asked_at = self.asked_at or at
        elif author == AuthorKind.AGENT:
            assert agent_id is not None
            self._reply(agent_id, at)
        elif author == AuthorKind.BOT:
            self.bot_wrote = True
        else:
            self.reopened.append(at)

    def _reply(self, agent_id: int, at: datetime) -> None:
        self.repliers.add(agent_id)
        self.first_by = self.first_by or agent_id
        if self.unanswered is not None:
            answers = self.answers.setdefault(agent_id, Counters())
            add_duration(answers, "response", "r", milliseconds(self.unanswered, at))
            self.unanswered = None

    def dump(self) -> str:
        """Return it as JSON, without ``upto``."""
        return json.dumps(
            {
                "asked_at": _text(self.asked_at),
                "unanswered": _text(self.unanswered),
                "first_by": self.first_by,
                "repliers": sorted(self.repliers),
                "reopened": [_text(at) for at in self.reopened],
                "bot_wrote": self.bot_wrote,
                "answers": self.answers,
            },
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, upto: int, text: str) -> Timeline:
        """Return what was dumped."""
        told: dict[str, Any] = json.loads(text)
        return cls(
            upto=upto,
            asked_at=_moment(told["asked_at"]),
            unanswered=_moment(told["unanswered"]),
            first_by=told["first_by"],
            repliers=set(told["repliers"]),
            reopened=[datetime.fromisoformat(at) for at in told["reopened"]],
            bot_wrote=told["bot_wrote"],
            answers={int(agent_id): Counters(counters) for agent_id, counters in told["answers"].items()},
        )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def read(last: Mapping[int, int]) -> dict[int, Timeline]:
    """Return what these timelines come to, by chat, and keep what the long ones do.

    ``last`` is the newest ``seq`` of each, as it was committed before this is called: so whatever is numbered up to
    there is found here.
    """
    kept = {row.chat_id: Timeline.load(row.upto, row.text) for row in KeptTimeline.objects.filter(chat_id__in=last)}
    timelines = {chat_id: kept.get(chat_id) or Timeline() for chat_id in last}
    before = {chat_id: timeline.upto for chat_id, timeline in timelines.items()}
    for group in _groups({chat_id: last[chat_id] - upto for chat_id, upto in before.items()}, kept):
        for chat_id, *entry in _entries(group, timelines):
            timelines[chat_id].add(*entry)
    for chat_id, timeline in timelines.items():
        timeline.upto = max(timeline.upto, last[chat_id])
    _keep({chat_id: timeline for chat_id, timeline in timelines.items() if timeline.upto - before[chat_id] > LONG})
    return timelines


def _groups(unread: Mapping[int, int], kept: Mapping[int, Timeline]) -> Iterator[list[int]]:
    """Yield the chats that have something to read: alone those that go on, and as many others as fill a page."""
    group: list[int] = []
    entries = 0
    for chat_id, number in unread.items():
        if number <= 0:
            continue
        if chat_id in kept:
            yield [chat_id]
            continue
        if group and entries + number > PAGE:
            yield group
            group, entries = [], 0
        group.append(chat_id)
        entries += number
    if group:
        yield group


def _entries(group: Sequence[int], timelines: Mapping[int, Timeline]) -> Iterator[tuple[Any, ...]]:
    """Yield chat, seq, author, agent and time of the entries that count, in their order."""
    columns = ("chat_id", "seq", "author_kind", "agent_id", "created_at")
    found: QuerySet[Message, Any] = Message.objects.filter(_WRITTEN | _REOPENED).values_list(*columns)
    if len(group) > 1:
        yield from found.filter(chat_id__in=group).order_by("chat_id", "seq")
        return
    [chat_id] = group
    after, more = timelines[chat_id].upto, True
    while more:
        page = list(found.filter(chat_id=chat_id, seq__gt=after).order_by("seq")[:PAGE])
        yield from page
        more = len(page) == PAGE
        after = page[-1][1] if more else after


def _keep(timelines: Mapping[int, Timeline]) -> None:
    KeptTimeline.objects.bulk_create(
        [KeptTimeline(chat_id=chat_id, upto=found.upto, text=found.dump()) for chat_id, found in timelines.items()],
        update_conflicts=True,
        unique_fields=["chat"],
        update_fields=["upto", "text"],
    )


def forget(workspace_id: int, begin: datetime, end: datetime) -> None:
    """Have the chats that began in this time read from their first entry again."""
    chats = Chat.objects.of(workspace_id).filter(created_at__gte=begin, created_at__lt=end)
    KeptTimeline.objects.filter(chat_id__in=chats.values("pk")).delete()
