"""The figures once more, the slow way: from the raw rows, chat by chat, by the words of DESIGN.md section 5.

Shares nothing with ``analytics`` but the names: what both say must be equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from agents.models import Workspace
from agents.services import hours
from analytics import queries
from analytics.queries import Figures, Filter, Span, Spread
from chat.models import Chat, Message

WEEK = timedelta(days=7)


@dataclass
class Told:
    """What one chat, or many, add up to."""

    total: int = 0
    completed: int = 0
    abandoned: int = 0
    solved_at_first: int = 0
    unanswered: int = 0
    waits: list[float] = field(default_factory=list)
    responses: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    resolutions: list[float] = field(default_factory=list)
    stars: list[int] = field(default_factory=list)
    commented: int = 0
    bot: int = 0
    contained: int = 0
    handed_over: int = 0

    def __iadd__(self, other: Told) -> Told:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass
class Line:
    """A chat with everything around it, loaded the plain way."""

    chat: Chat
    said: list[Message]

    @classmethod
    def of(cls, chat: Chat) -> Line:
        messages = chat.messages.order_by("seq").select_related("agent")
        return cls(chat, [m for m in messages if m.public and m.kind != "event"])

    @property
    def ended(self) -> bool:
        return self.chat.status == "closed"

    @property
    def assignments(self) -> list[Any]:
        return list(self.chat.assignments.order_by("started_at", "id").select_related("agent"))

    @property
    def replies(self) -> list[Message]:
        return [m for m in self.said if m.author_kind == "agent"]

    @property
    def asked(self) -> list[Message]:
        return [m for m in self.said if m.author_kind == "visitor"]

    @property
    def bot_was_there(self) -> bool:
        return any(m.author_kind == "bot" for m in self.said) or any(a.agent.is_bot for a in self.assignments)

    def met(self) -> Any:
        return next((a for a in self.assignments if not a.agent.is_bot), None)

    def wait(self) -> float | None:
        met = self.met()
        if met is None:
            return None
        began = self.chat.created_at
        for assignment in self.assignments:
            if assignment.agent.is_bot and assignment.ended_at and assignment.ended_at <= met.started_at:
                began = max(began, assignment.ended_at)
        for event in self.chat.messages.filter(kind="event"):
            if event.payload["event"] == "reopened" and event.created_at <= met.started_at:
                began = max(began, event.created_at)
        return seconds(max(began, *self.openings(met.started_at)), met.started_at)

    def openings(self, until: datetime) -> list[datetime]:
        """When the chat left the night behind, for every time that it came to the queue while the team was closed."""
        events = self.chat.messages.filter(kind="event", created_at__lte=until)
        came = [self.chat.created_at] + [
            event.created_at
            for event in events
            if event.payload["event"] in ("queued", "reopened")
            or (event.payload["event"] == "transferred" and not event.payload["to_agent"])
        ]
        given = [a.started_at for a in self.assignments]
        left = [self.chat.created_at]
        for at in came:
            opening = hours.next_opening(self.chat.workspace, at)
            if opening and at not in given:
                left.append(min([opening, until, *(other for other in given if other > at)]))
        return left

    def turns(self) -> list[tuple[int, float]]:
        found, question = [], None
        for message in self.said:
            if message.author_kind == "visitor" and question is None:
                question = message
            elif message.author_kind == "agent" and question is not None:
                found.append((message.agent_id, seconds(question.created_at, message.created_at)))
                question = None
        return found

    def came_back(self) -> bool:
        others = Chat.objects.filter(visitor_id=self.chat.visitor_id).exclude(pk=self.chat.pk)
        return any(
            (other.created_at, other.pk) > (self.chat.created_at, self.chat.pk)
            and other.created_at <= self.chat.closed_at + WEEK
            for other in others
        )

    def first(self) -> float | None:
        if not self.asked or not self.replies or self.replies[0].created_at < self.asked[0].created_at:
            return None
        return seconds(self.asked[0].created_at, self.replies[0].created_at)

    # -- what it adds ----------------------------------------------------------------------------------------------

    def whole(self) -> Told:
        told = Told(total=1, responses=[length for _agent, length in self.turns()])
        told += self._met()
        told += self._first()
        told += self._ending()
        if self.bot_was_there:
            told.bot = 1
            told.contained = int(self.settled_by_bot())
            told.handed_over = int(self.met() is not None)
        return told

    def share(self, agent_id: int) -> Told | None:
        """What of it is this person's, or None when they had no part in it."""
        owner = self.chat.agent_id if self.chat.agent_id and not self.chat.agent.is_bot else None
        part = {a.agent_id for a in self.assignments} | {m.agent_id for m in self.replies} | {owner}
        if agent_id not in part:
            return None
        told = Told(total=1, responses=[length for who, length in self.turns() if who == agent_id])
        met = self.met()
        if met and met.agent_id == agent_id:
            told += self._met()
        if (self.replies[0].agent_id if self.replies else owner) == agent_id:
            told += self._first()
        if owner == agent_id:
            told += self._ending()
        return told

    def settled_by_bot(self) -> bool:
        return self.bot_was_there and self.ended and self.met() is None and not self.replies

    def _met(self) -> Told:
        wait = self.wait()
        return Told(waits=[] if wait is None else [wait])

    def _first(self) -> Told:
        first = self.first()
        if first is not None:
            return Told(firsts=[first])
        nothing = self.asked and self.ended and not self.replies and not self.settled_by_bot()
        return Told(unanswered=int(bool(nothing)))

    def _ending(self) -> Told:
        told = Told()
        if self.chat.rating:
            told.stars, told.commented = [self.chat.rating], int(bool(self.chat.rating_comment))
        if self.ended and self.replies:
            told.completed = 1
            told.solved_at_first = int(not self.came_back())
            told.resolutions = [seconds(self.chat.created_at, self.chat.closed_at)]
        elif self.ended:
            told.abandoned = 1
        return told


def seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def lines(workspace: Workspace) -> list[Line]:
    """Every chat of a workspace."""
    return [Line.of(chat) for chat in Chat.objects.filter(workspace=workspace).select_related("agent", "workspace")]


def day_of(line: Line, workspace: Workspace) -> date:
    return line.chat.created_at.astimezone(workspace.zone).date()


def told(found: list[Line], span: Span, where: Filter = queries.EVERYTHING, tag: int | None = None) -> Told:
    """Add up the chats of a span that pass a filter."""
    result = Told()
    for line in found:
        chat = line.chat
        wanted = (
            span.first <= day_of(line, span.workspace) <= span.last
            and (where.department_id is None or (chat.department_id or 0) == where.department_id)
            and (not where.channel or chat.channel == where.channel)
            and (where.widget_uid is None or chat.widget_uid == where.widget_uid)
            and (tag is None or chat.chattag_set.filter(tag_id=tag).exists())
        )
        part = line.whole() if where.agent_id is None else line.share(where.agent_id)
        if wanted and part is not None:
            result += part
    return result


def assert_equal(figures: Figures, expected: Told) -> None:
    """Assert that figures say what was told: counts and means exactly, percentiles within their bound."""
    for name in ("total", "completed", "abandoned", "solved_at_first", "unanswered"):
        assert getattr(figures, name) == getattr(expected, name), name
    _assert_spread(figures.wait, expected.waits)
    _assert_spread(figures.response, expected.responses)
    _assert_spread(figures.first_response, expected.firsts)
    _assert_spread(figures.resolution, expected.resolutions)
    assert figures.satisfaction.stars == tuple(expected.stars.count(n) for n in range(1, 6))
    assert figures.satisfaction.commented == expected.commented
    if expected.stars:
        assert math.isclose(figures.satisfaction.mean, sum(expected.stars) / len(expected.stars))
    assert (figures.bots.chats, figures.bots.contained, figures.bots.handed_over) == (
        expected.bot,
        expected.contained,
        expected.handed_over,
    )
    for promise in (10, 60, 600):
        assert figures.answered_within(promise) == sum(int(s * 1000) <= promise * 1000 for s in expected.firsts)


def _assert_spread(spread: Spread, exact: list[float]) -> None:
    assert spread.count == len(exact)
    if not exact:
        assert (spread.mean, spread.median, spread.p90) == (None, None, None)
        return
    assert abs(spread.mean - sum(exact) / len(exact)) <= 0.001
    for value, share in ((spread.median, 0.5), (spread.p90, 0.9)):
        at_rank = sorted(exact)[math.ceil(share * len(exact)) - 1]
        assert abs(value - at_rank) <= max(0.5, 0.048 * at_rank)
