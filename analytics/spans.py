"""What figures are asked for: which days, and which chats."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

from agents.models import Workspace
from chat.models.chats import ChatQuerySet

from . import hours

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Whole days of the workspace's zone, both ends included. Raises ValueError when it ends before it begins."""

    workspace: Workspace
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("The span ends before it begins.")

    @classmethod
    def latest(cls, workspace: Workspace, days: int, now: datetime | None = None) -> Span:
        """The last so many days, today included."""
        today = (now or datetime.now(UTC)).astimezone(workspace.zone).date()
        return cls(workspace, today - (days - 1) * DAY, today)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Span:
        """The span of the same length that ends where this one begins: what it is compared with."""
        return Span(self.workspace, self.first - self.days * DAY, self.first - DAY)

    def bounds(self) -> tuple[datetime, datetime]:
        """The instants between which its chats began, the second one excluded."""
        zone = self.workspace.zone
        return hours.midnight(self.first, zone), hours.midnight(self.last + DAY, zone)


@dataclass(frozen=True)
class Filter:
    """Which chats: all, unless narrowed. With an agent: that agent's own share. ``department_id=0``: in none."""

    department_id: int | None = None
    channel: str = ""
    agent_id: int | None = None
    widget_uid: uuid.UUID | None = None

    def asked(self) -> dict[str, int | str | uuid.UUID]:
        """Return what is narrowed, by the names of the dimensions."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value is not None and value != ""}

    def narrow(self, chats: ChatQuerySet) -> ChatQuerySet:
        """Keep the chats of this department, channel and widget; an agent's share is not told by a column."""
        for name, value in self.asked().items():
            if name != "agent_id":
                chats = chats.filter(**{name: value}) if value != 0 else chats.filter(department__isnull=True)
        return chats


EVERYTHING = Filter()
