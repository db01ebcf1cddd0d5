"""Every figure that anybody shows: one function a metric, all read from the rollups.

A card, a table, an export and an API that show the same thing call the same function here; what a figure means is said
in ``analytics.definitions``; which chats it counts is told by ``analytics.chats``. Everything takes a :class:`Span`
(days of the workspace's zone) and most a :class:`Filter`. Durations are seconds, shares 0 to 1, and what cannot be
said is None.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Literal

from django.db.models import Count, Min, Q, QuerySet, Sum

from agents.models import Agent, Department, Workspace
from chat.models import Channel, Chat, Tag
from chat.models.chats import open_states

from . import hours, keys
from .counters import Counters, merge
from .days import VALUES, counters_of
from .definitions import PAGE
from .figures import (
    Backlog,
    Bots,
    Comparison,
    Figures,
    PageFigures,
    Point,
    Rating,
    TriggerFigures,
    WidgetFigures,
    change,
    figures,
)
from .models import NO_UID, Grain, Rollup, WidgetEvent, WidgetHour, WidgetPage
from .spans import DAY, EVERYTHING, Filter, Span
from .spreads import Spread

__all__ = ["EVERYTHING", "Backlog", "Bots", "By", "Comparison", "Figures", "Filter", "PageFigures", "Point", "Rating",
           "Span", "Spread", "TriggerFigures", "WidgetFigures", "agent", "backlog", "bots", "by_agent", "by_channel",
           "by_department", "by_tag", "change", "chats_ever", "compare", "heatmap", "overview", "satisfaction",
           "service_level", "trend", "widget"]  # fmt: skip

By = Literal["hour", "day", "week", "month"]
# Spans longer than this are read from whole months and the days at both ends.
_LONG_DAYS = 62
# By the hour, as it comes: no more than this many days.
HOURLY_DAYS = 7


# -- figures -----------------------------------------------------------------------------------------------------------


def overview(span: Span, where: Filter = EVERYTHING) -> Figures:
    """Return the figures of a span."""
    return figures(_sum(_rows(span, where)))


def compare(span: Span, where: Filter = EVERYTHING) -> Comparison:
    """Return the figures of a span and of the one of the same length before it."""
    return Comparison(overview(span, where), overview(span.before(), where))


def trend(span: Span, where: Filter = EVERYTHING, by: By = "day") -> list[Point]:
    """Return the figures part by part, oldest first, parts without chats included.

    By the hour: at most a week, or ValueError.
    """
    if by == "hour":
        return _hourly(span, where)
    parts = {start: Counters() for start in _starts(span, by)}
    rows = _months_and_days(span, where) if by == "month" else _rows_of(span, where, Q(grain=Grain.DAY, **_range(span)))
    for start, *values in rows.values_list("start", *VALUES):
        merge(parts[max(_start_of(start, by), span.first)], counters_of(values))
    return [Point(start, figures(counters)) for start, counters in parts.items()]


def _starts(span: Span, by: By) -> list[date]:
    every = [span.first + n * DAY for n in range(span.days)]
    return list(dict.fromkeys(max(_start_of(day, by), span.first) for day in every))


def _start_of(day: date, by: By) -> date:
    if by == "week":
        return day - day.weekday() * DAY
    return day.replace(day=1) if by == "month" else day


def _hourly(span: Span, where: Filter) -> list[Point]:
    if span.days > HOURLY_DAYS:
        raise ValueError(f"By the hour: at most {HOURLY_DAYS} days.")
    zone = span.workspace.zone
    parts = {(span.first + day * DAY, hour): Counters() for day in range(span.days) for hour in range(24)}
    begin, end = span.bounds()
    for moment, key, counters in hours.read(span.workspace.pk, begin, end):
        day, hour_of_week = moment.local(zone)
        part = parts.get((day, hour_of_week % 24))
        if part is not None and _matches(key, where):
            merge(part, counters)
    return [Point(day, figures(counters), hour) for (day, hour), counters in parts.items()]


def _matches(key: keys.Key, where: Filter) -> bool:
    asked = where.asked()
    same = all(getattr(key, name) == value for name, value in asked.items())
    return same and bool(key.agent_id) == ("agent_id" in asked) and not key.tag_id


def by_channel(span: Span, where: Filter = EVERYTHING) -> dict[str, Figures]:
    """Return the figures of each channel, those without chats included."""
    found = _by(span, where, "channel")
    return {channel: figures(found.get(channel, {})) for channel in Channel.values}


def by_department(span: Span, where: Filter = EVERYTHING) -> list[tuple[Department | None, Figures]]:
    """Return the figures of each department, by name; then None, if there are chats in no department."""
    found = _by(span, where, "department_id")
    departments = Department.objects.filter(workspace=span.workspace).order_by("name", "id")
    rows: list[tuple[Department | None, Figures]] = [(each, figures(found.get(each.pk, {}))) for each in departments]
    return rows + ([(None, figures(found[0]))] if 0 in found else [])


def by_agent(span: Span, where: Filter = EVERYTHING) -> list[tuple[Agent, Figures]]:
    """Return each person's share, by name: everybody on the team, and who has left if they had a part in it."""
    found = _by(span, where, "agent_id")
    team = Agent.objects.filter(workspace=span.workspace, is_bot=False).order_by("name", "id")
    return [(each, figures(found.get(each.pk, {}))) for each in team if each.is_active or each.pk in found]


def agent(span: Span, who: Agent, where: Filter = EVERYTHING) -> Figures:
    """Return one person's share."""
    return overview(span, Filter(where.department_id, where.channel, who.pk, where.widget_uid))


def chats_ever(workspace: Workspace) -> dict[int, int]:
    """Return how many chats each person has ever had, by the agent's id; who had none is absent."""
    rows = Rollup.objects.filter(workspace=workspace, grain=Grain.MONTH, group="a")
    return dict(rows.values_list("agent_id").annotate(n=Sum("total")).order_by())


def by_tag(span: Span, where: Filter = EVERYTHING) -> list[tuple[Tag, Figures]]:
    """Return the figures of each tag that is on a chat of the span, the commonest first."""
    found = _by(span, where, "tag_id")
    tags = Tag.objects.filter(workspace=span.workspace, id__in=found)
    rows = [(tag, figures(found[tag.pk])) for tag in tags]
    return sorted(rows, key=lambda row: (-row[1].total, row[0].name))


def satisfaction(span: Span, where: Filter = EVERYTHING) -> Rating:
    """Return how visitors rated."""
    return overview(span, where).satisfaction


def service_level(span: Span, where: Filter = EVERYTHING, seconds: int = 60) -> float | None:
    """Return the share of chats that were answered within so many seconds (one of ``definitions.PROMISES``)."""
    return overview(span, where).service_level(seconds)


def bots(span: Span, where: Filter = EVERYTHING) -> Bots:
    """Return what bots took part in."""
    return overview(span, where).bots


def heatmap(span: Span, where: Filter = EVERYTHING) -> list[list[int]]:
    """Return how many chats began, by weekday (Monday first) and hour of the workspace's zone: seven lists of 24."""
    counters = _sum(_rows(span, where))
    return [[counters.get(f"h{day * 24 + hour}", 0) for hour in range(24)] for day in range(7)]


# -- widgets -----------------------------------------------------------------------------------------------------------


def widget(span: Span, widget_uid: uuid.UUID, pages: int = 10) -> WidgetFigures:
    """Return what happened in a widget, its triggers by how often they were shown, and the pages seen most."""
    events = _widget_events(span, widget_uid)
    counters = _sum(_rows(span, Filter(widget_uid=widget_uid)))
    return WidgetFigures(
        views=events.get((WidgetEvent.VIEW, NO_UID), 0),
        opens=events.get((WidgetEvent.OPEN, NO_UID), 0),
        chats=figures(counters),
        triggers=_triggers(span, events),
        pages=_pages(span, widget_uid, pages, counters),
    )


def _widget_events(span: Span, widget_uid: uuid.UUID) -> dict[tuple[str, uuid.UUID], int]:
    begin, end = span.bounds()
    rows = WidgetHour.objects.filter(workspace=span.workspace, widget_uid=widget_uid, at__gte=begin, at__lt=end)
    sums = rows.values_list("event", "trigger_uid").annotate(n=Sum("count")).order_by()
    return {(event, trigger): number for event, trigger, number in sums}


def _triggers(span: Span, events: Mapping[tuple[str, uuid.UUID], int]) -> list[TriggerFigures]:
    began = _by(span, EVERYTHING, "trigger_uid")
    found = [
        TriggerFigures(
            trigger,
            shown=events.get((WidgetEvent.TRIGGER_SHOWN, trigger), 0),
            answered=events.get((WidgetEvent.TRIGGER_ANSWERED, trigger), 0),
            chats=figures(began.get(trigger, {})),
        )
        for trigger in {trigger for _event, trigger in events if trigger != NO_UID}
    ]
    return sorted(found, key=lambda row: (-row.shown, row.trigger_uid))


def _pages(span: Span, widget_uid: uuid.UUID, limit: int, chats: Counters) -> list[PageFigures]:
    rows = WidgetPage.objects.filter(
        workspace=span.workspace, widget_uid=widget_uid, day__range=(span.first, span.last)
    )
    sums = rows.values("page").annotate(
        views=Sum("count", filter=Q(event=WidgetEvent.VIEW), default=0),
        opens=Sum("count", filter=Q(event=WidgetEvent.OPEN), default=0),
    )
    return [
        PageFigures(**row, chats=chats.get(f"{PAGE}{row['page']}", 0))
        for row in sums.order_by("-views", "-opens", "page")[:limit]
    ]


# -- now ---------------------------------------------------------------------------------------------------------------


def backlog(workspace: Workspace, where: Filter = EVERYTHING, now: datetime | None = None) -> Backlog:
    """Return what waits, what is being answered, and how many visitors have no answer to their last message.

    The only figure that is read from the chats themselves, by the partial index of the open ones.
    """
    chats = where.narrow(Chat.objects.of(workspace).open())
    chats = chats if where.agent_id is None else chats.filter(agent_id=where.agent_id)
    now = now or datetime.now(UTC)
    states = open_states(now)
    found = chats.aggregate(
        **{name: Count("id", filter=condition) for name, condition in states.items()},
        unanswered=Count("id", filter=Q(unanswered_since__isnull=False)),
        since=Min("queued_at", filter=states["waiting"]),
    )
    since = found.pop("since")
    age = max(0.0, (now - since).total_seconds()) if since else None
    return Backlog(**found, oldest_wait=age)


# -- reading the rollups -----------------------------------------------------------------------------------------------


def _rows(span: Span, where: Filter, *also: str) -> QuerySet[Rollup]:
    """Return the fewest rows that add up to the span, told apart by the dimensions in ``also``."""
    return _rows_of(span, where, _days_and_months(span), *also)


def _months_and_days(span: Span, where: Filter) -> QuerySet[Rollup]:
    return _rows_of(span, where, _days_and_months(span, 1))


def _rows_of(span: Span, where: Filter, when: Q, *also: str) -> QuerySet[Rollup]:
    asked = where.asked()
    group = keys.smallest({*asked, *also})
    return Rollup.objects.filter(when, workspace=span.workspace, group=group, **asked)


def _days_and_months(span: Span, long: int = _LONG_DAYS) -> Q:
    """Match whole months and the days at both ends of a long span, or just its days."""
    months = _whole_months(span) if span.days > long else []
    if not months:
        return Q(grain=Grain.DAY, **_range(span))
    before = Q(grain=Grain.DAY, start__gte=span.first, start__lt=months[0])
    after = Q(grain=Grain.DAY, start__gte=_next_month(months[-1]), start__lte=span.last)
    return before | Q(grain=Grain.MONTH, start__gte=months[0], start__lte=months[-1]) | after


def _whole_months(span: Span) -> list[date]:
    month = span.first if span.first.day == 1 else _next_month(span.first)
    months = []
    while _next_month(month) - DAY <= span.last:
        months.append(month)
        month = _next_month(month)
    return months


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


def _range(span: Span) -> dict[str, date]:
    return {"start__gte": span.first, "start__lte": span.last}


def _sum(rows: QuerySet[Rollup]) -> Counters:
    counters = Counters()
    for values in rows.values_list(*VALUES):
        merge(counters, counters_of(values))
    return counters


def _by(span: Span, where: Filter, dimension: str) -> dict:
    """Return the sums of a span, by the value of one dimension."""
    found: dict = {}
    for value, *values in _rows(span, where, dimension).values_list(dimension, *VALUES):
        merge(found.setdefault(value, Counters()), counters_of(values))
    return found
