"""What a report's address asks: which days, beside which, of which chats. All of it is in the address, to be shared."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agents.models import Agent, Workspace
from chat.models import Channel

from ..queries import Filter, Span
from . import words

# How many days each period has, today included.
PERIODS = {"today": 1, "7": 7, "30": 30, "90": 90}
DEFAULT = "7"
MOST_DAYS = 731
FILTERS = ("department", "channel", "agent", "widget")
NONE = "none"


class Unclear(ValueError):
    """The address asks for something that is not there; ``query`` is what is left of it, the message says what was."""

    def __init__(self, message: str, query: Mapping[str, str]) -> None:
        super().__init__(message)
        self.query = dict(query)


@dataclass(frozen=True)
class Choice:
    """Something to filter by: its public uid (or word), its name, and the id that the queries know."""

    value: str
    name: str
    pk: int | str | uuid.UUID


@dataclass(frozen=True)
class Asked:
    """A parsed address, and who asks."""

    seat: Agent
    span: Span
    where: Filter
    period: str
    # What the filters are set to, by the names of FILTERS; as they came, so that links carry them on.
    filters: Mapping[str, str]
    choices: Mapping[str, list[Choice]]

    @property
    def own(self) -> bool:
        """Whether the figures are of the share of who asks: others' are none of their business."""
        return not self.seat.supervises

    @cached_property
    def before(self) -> Span:
        """The period that it is compared with."""
        return self.span.before()

    @cached_property
    def query(self) -> dict[str, str]:
        """What links carry on: period and filters."""
        if self.period == "custom":
            days = {"first": self.span.first.isoformat(), "last": self.span.last.isoformat()}
        else:
            days = {} if self.period == DEFAULT else {"period": self.period}
        return {**days, **self.filters}

    def link(self, address: str, **more: str | int) -> str:
        """Return an address that asks for the same days and chats; ``more`` adds to it, an empty text takes away."""
        query = {name: str(value) for name, value in {**self.query, **more}.items() if value != ""}
        return f"{address}?{urlencode(query)}" if query else address

    @property
    def days(self) -> str:
        """The period in words."""
        return words.days(self.span.first, self.span.last)

    @property
    def days_before(self) -> str:
        """The period before in words."""
        return words.days(self.before.first, self.before.last)

    @property
    def is_today(self) -> bool:
        """Whether the day is not over yet: counts of it cannot be held against those of a whole day."""
        return self.span.days == 1 and self.span.last >= timezone.localdate()


def read(query: Mapping[str, str], seat: Agent) -> Asked:
    """Return what an address asks for. Raises Unclear.

    Who does not supervise asks for their own share of their own chats, whatever the address says.
    """
    period, span = _days(query, seat.workspace)
    choices = _choices(seat)
    filters, where = _narrowed(query, choices)
    if not seat.supervises:
        where = Filter(channel=where.channel, agent_id=seat.pk)
    return Asked(seat, span, where, period, filters, choices)


# -- days --------------------------------------------------------------------------------------------------------------


def _days(query: Mapping[str, str], workspace: Workspace) -> tuple[str, Span]:
    asked = query.get("period", "")
    if query.get("first") or query.get("last"):
        return "custom", _custom(query, workspace)
    if asked and asked not in PERIODS:
        raise Unclear(_("There is no such period."), _without(query, "period"))
    period = asked or DEFAULT
    return period, Span.latest(workspace, PERIODS[period])


def _custom(query: Mapping[str, str], workspace: Workspace) -> Span:
    rest = _without(query, "first", "last", "period")
    first, last = _date(query.get("first", "")), _date(query.get("last", ""))
    if first is None or last is None:
        raise Unclear(_("Choose the first and the last day."), rest)
    today = timezone.localdate(timezone=workspace.zone)
    # Nothing can have happened after today.
    last = min(last, today)
    if first > last:
        raise Unclear(_("The first day must not be after the last one, nor after today."), rest)
    if (last - first).days >= MOST_DAYS:
        raise Unclear(_("At most %(n)s days at once.") % {"n": MOST_DAYS}, rest)
    return Span(workspace, first, last)


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # The days before cannot be told in a calendar that has not begun.
    return found if found and found.year >= 2000 else None


def _without(query: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in names}


# -- filters -----------------------------------------------------------------------------------------------------------


def _narrowed(query: Mapping[str, str], choices: Mapping[str, list[Choice]]) -> tuple[dict[str, str], Filter]:
    chosen: dict[str, Choice] = {}
    for name in FILTERS:
        value = query.get(name, "")
        if not value or name not in choices:
            continue
        found = next((choice for choice in choices[name] if choice.value == value), None)
        if found is None:
            raise Unclear(
                _("What the address filters by is not there any more. It was left out."), _without(query, name)
            )
        chosen[name] = found
    ids: dict[str, Any] = {name: choice.pk for name, choice in chosen.items()}
    where = Filter(
        department_id=ids.get("department"),
        channel=ids.get("channel", ""),
        agent_id=ids.get("agent"),
        widget_uid=ids.get("widget"),
    )
    return {name: choice.value for name, choice in chosen.items()}, where


def _choices(seat: Agent) -> dict[str, list[Choice]]:
    """Return what can be filtered by, by the names of FILTERS, and the names of triggers: one query for all of them."""
    channels = [Choice(value, str(label), value) for value, label in Channel.choices]
    if not seat.supervises:
        return {"channel": channels}
    found: dict[str, list[Choice]] = {"department": [], "channel": channels, "agent": [], "widget": [], "trigger": []}
    for kind, uid, name, pk in _rows(seat.workspace):
        found[kind].append(Choice(uid.hex, name, uid if kind in ("widget", "trigger") else pk))
    if found["department"]:
        found["department"].append(Choice(NONE, pgettext("department", "None"), 0))
    return found


def _rows(workspace: Workspace) -> list[tuple[str, uuid.UUID, str, int]]:
    """Return (kind, uid, name, id) of departments, people, widgets and triggers, by name."""
    columns = ("kind", "uid", "name", "pk")
    departments = workspace.departments.annotate(kind=Value("department"))
    people = workspace.agents.filter(is_bot=False, is_active=True).annotate(kind=Value("agent"))
    # These belong to a sibling of this package: known here by the workspace that has them, and by name only.
    widgets = workspace.widgets.annotate(kind=Value("widget"))
    triggers = workspace.triggers.annotate(kind=Value("trigger"))
    parts = [rows.order_by().values_list(*columns) for rows in (departments, people, widgets, triggers)]
    return sorted(parts[0].union(*parts[1:], all=True), key=lambda row: str(row[2]).casefold())
