"""What an export asks for: kept in its row, turned into a filter of the history, told in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.models import Workspace

from ..history import History
from ..models import Channel

MET, MISSED = "met", "missed"


@dataclass(frozen=True)
class Wanted:
    """Which chats: days of the workspace's zone, both included, as ISO dates; ids with the names they had then.

    What is empty does not narrow.
    """

    first: str = ""
    last: str = ""
    department: int = 0
    department_name: str = ""
    agent: int = 0
    agent_name: str = ""
    tag: int = 0
    tag_name: str = ""
    channel: str = ""
    outcome: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Wanted:
        """Return what a row keeps."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})

    def as_json(self) -> dict[str, Any]:
        """Return what a row keeps."""
        return {name: value for name, value in asdict(self).items() if value}

    def history(self, workspace: Workspace) -> History:
        """Return the filter of the history that this is."""
        return History(
            started_since=_midnight(self.first, workspace),
            started_until=_last_moment(self.last, workspace),
            agent_ids=(self.agent,) if self.agent else (),
            department_ids=(self.department,) if self.department else (),
            tag_ids=(self.tag,) if self.tag else (),
            channel=self.channel,
            met={MET: True, MISSED: False}.get(self.outcome),
        )

    def days(self) -> str:
        """Return the days in words."""
        first, last = (_shown(day) for day in (self.first, self.last))
        if first and last:
            return first if first == last else f"{first} – {last}"
        if first or last:
            return (_("Since {day}") if first else _("Until {day}")).format(day=first or last)
        return _("All days")

    def filters(self) -> list[tuple[str, str]]:
        """Return in words what narrows beside the days: names and values."""
        outcome = dict(outcomes()).get(self.outcome, "")
        channel = str(Channel(self.channel).label) if self.channel else ""
        told = [
            (_("Department"), self.department_name),
            (_("Agent"), self.agent_name),
            (_("Channel"), channel),
            (_("Outcome"), outcome),
            (_("Tag"), self.tag_name),
        ]
        return [(name, value) for name, value in told if value]


def outcomes() -> list[tuple[str, str]]:
    """Return what may become of a chat, and its name."""
    return [(MET, _("Answered by an agent")), (MISSED, _("Missed"))]


def _midnight(day: str, workspace: Workspace) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), workspace.zone) if day else None


def _last_moment(day: str, workspace: Workspace) -> datetime | None:
    if not day:
        return None
    after = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(after, time(), workspace.zone) - timedelta(microseconds=1)


def _shown(day: str) -> str:
    return date_format(date.fromisoformat(day), "j M Y") if day else ""
