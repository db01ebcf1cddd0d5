"""Plays steps into rows in memory, as the services would have written them; the rows are then inserted in bulk.

The services themselves would take a query or more a step and the clock's own time. That both agree is proved by
``tests/demo/test_playing.py``, which plays the same steps on the services and compares every column.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from agents.models import Agent
from chat.models import Assignment, AuthorKind, Chat, Kind, Message, Status
from chat.services.timeline import person

from . import steps
from .summary import SIDES, read_up_to, summary

_PRIVATE = frozenset({"queued", "tagged", "untagged", "priority"})


@dataclass
class Play:
    """A chat and everything that belongs to it, not stored yet."""

    chat: Chat
    previous: Play | None = None
    messages: list[Message] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def play(self, doings: Iterable[steps.Step]) -> Play:
        """Play the steps in their order, then set the chat's summary."""
        for step in doings:
            self.do(step)
        for name, value in summary(self.chat, self.messages).items():
            setattr(self.chat, name, value)
        return self

    @singledispatchmethod
    def do(self, step: steps.Step) -> None:
        """Play one step."""
        raise TypeError(step)

    @do.register
    def _(self, step: steps.Prompted) -> None:
        self.chat.trigger_uid, self.chat.trigger_name = step.uid, step.name
        payload = {"trigger": {"uid": step.uid.hex, "name": step.name}}
        self._append(step.at, Kind.TEXT, AuthorKind.SYSTEM, body=step.body, payload=payload)

    @do.register
    def _(self, step: steps.VisitorSays) -> None:
        self._answering_is_reading("visitor", step.at)
        self._append(step.at, Kind.TEXT, AuthorKind.VISITOR, body=step.body, payload=step.payload)

    @do.register
    def _(self, step: steps.AgentSays) -> None:
        if not step.agent.is_bot:
            self._answering_is_reading("team", step.at)
        self._append(step.at, Kind.TEXT, _author(step.agent), agent=step.agent, body=step.body)

    @do.register
    def _(self, step: steps.Noted) -> None:
        self._append(step.at, Kind.NOTE, _author(step.agent), agent=step.agent, body=step.body)

    @do.register
    def _(self, step: steps.Taken) -> None:
        chat = self.chat
        self.assignments.append(
            Assignment(workspace=chat.workspace, chat=chat, agent=step.agent, reason="routing", started_at=step.at)
        )
        chat.agent, chat.status = step.agent, Status.ACTIVE
        if not step.agent.is_bot:
            chat.first_assigned_at = chat.first_assigned_at or step.at
        self._event(step.at, "assigned", None, agent=person(step.agent), reason="routing")

    @do.register
    def _(self, step: steps.Tagged) -> None:
        self.tags.append(step.name)
        self._event(step.at, "tagged", step.agent, tag=step.name)

    @do.register
    def _(self, step: steps.Prioritised) -> None:
        before, self.chat.priority = self.chat.priority, step.priority
        self._event(step.at, "priority", step.agent, **{"from": before, "to": step.priority})

    @do.register
    def _(self, step: steps.HandedOver) -> None:
        chat, before = self.chat, self.chat.agent
        self.do(steps.Noted(step.at, step.agent, step.note))
        self._end_assignment(step.at)
        chat.agent, chat.status, chat.queued_at = None, Status.WAITING, step.at
        chat.preferred_agent, chat.department = None, step.department
        detail = {
            "from": person(before),
            "to_agent": None,
            "to_department": person(step.department),
            "reason": step.reason,
        }
        self._event(step.at, "transferred", step.agent, **detail)

    @do.register
    def _(self, step: steps.ReadByTeam) -> None:
        self._read("team", self.chat.last_seq, step.at)

    @do.register
    def _(self, step: steps.ReadByVisitor) -> None:
        self._read("visitor", self.chat.last_public_seq, step.at)

    @do.register
    def _(self, step: steps.Closed) -> None:
        chat = self.chat
        self._end_assignment(step.at)
        chat.status, chat.closed_at, chat.close_reason = Status.CLOSED, step.at, step.reason
        self._event(step.at, "closed", step.agent, reason=step.reason)

    @do.register
    def _(self, step: steps.Rated) -> None:
        chat = self.chat
        chat.rating, chat.rating_comment, chat.rated_at = step.rating, step.comment, step.at
        by_visitor = {"by": {"kind": "visitor"}}
        self._event(step.at, "rated", None, **by_visitor, rating=step.rating, comment=step.comment)

    def _append(self, at: datetime, kind: str, author_kind: str, *, public: bool = True, **columns: Any) -> None:
        chat = self.chat
        message = Message(
            workspace=chat.workspace,
            chat=chat,
            seq=chat.last_seq + 1,
            public_prev=chat.last_public_seq,
            public=public and kind != Kind.NOTE,
            kind=kind,
            author_kind=author_kind,
            created_at=at,
            **columns,
        )
        self.messages.append(message)
        chat.last_seq = message.seq
        if message.public:
            chat.last_public_seq = message.seq
        chat.updated_at = at

    def _event(self, at: datetime, name: str, by: Agent | None, /, **detail: Any) -> None:
        payload = {"event": name, "by": person(by) or {"kind": "system"}, **detail}
        self._append(at, Kind.EVENT, AuthorKind.SYSTEM, public=name not in _PRIVATE, payload=payload)

    def _answering_is_reading(self, side: str, at: datetime) -> None:
        """Whoever answers has read what came before, if anything was unread."""
        unread = [m for m in self.messages if SIDES[side](m) and m.read_at is None]
        if unread:
            self._read(side, self.chat.last_seq if side == "team" else self.chat.last_public_seq, at)

    def _read(self, side: str, seq: int, at: datetime) -> None:
        if read_up_to(self.chat, self.messages, side, seq, at):
            self.chat.updated_at = at

    def _end_assignment(self, at: datetime) -> None:
        if self.assignments and self.assignments[-1].ended_at is None:
            self.assignments[-1].ended_at = at


def _author(agent: Agent) -> str:
    return AuthorKind.BOT if agent.is_bot else AuthorKind.AGENT
