"""Figures over time: the points of a period, beside those of the period before, as rows of a chart's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _

from .. import queries
from ..queries import By, Point, Span
from . import words
from .asking import Asked
from .figures import FIGURES, link
from .shapes import Cell, Column, Row, Table

# Up to so many days stand day by day; then weeks, then months.
DAILY, WEEKLY = 92, 400


@dataclass(frozen=True)
class Course:
    """A period, part by part; ``before`` are the parts of the period before, where they stand one to one."""

    by: By
    points: Sequence[Point]
    before: Sequence[Point]


def course(asked: Asked) -> Course:
    """Return the course of a period, in one query with the period before when that has the same parts."""
    by = grain(asked.span)
    if by not in ("hour", "day"):
        return Course(by, queries.trend(asked.span, asked.where, by), ())
    both = Span(asked.span.workspace, asked.before.first, asked.span.last)
    points = queries.trend(both, asked.where, by)
    half = len(points) // 2
    return Course(by, points[half:], points[:half])


def grain(span: Span) -> By:
    """Return the parts that a period of this length is shown in."""
    if span.days == 1:
        return "hour"
    return "day" if span.days <= DAILY else "week" if span.days <= WEEKLY else "month"


def table(name: str, title: str, columns: Sequence[Column], rows: Sequence[Row], by: By) -> Table:
    """Return a chart's table; its first column is named by what the parts are."""
    heads = {"hour": _("Hour"), "day": _("Day"), "week": _("Week from"), "month": _("Month")}
    return Table(name, title, [Column("at", heads[by], "text"), *columns], rows)


def rows(asked: Asked, found: Course, names: Sequence[str]) -> list[Row]:
    """Return a row a part, with a cell for each figure that opens the chats of that part."""
    return [row(asked, found, point, [_cell(asked, found, point, name) for name in names]) for point in found.points]


def row(asked: Asked, found: Course, point: Point, cells: Sequence[Cell]) -> Row:
    """Return the row of a part."""
    full, short = _labels(point, found.by)
    return Row(Cell(full, "text"), cells, short)


def _cell(asked: Asked, found: Course, point: Point, name: str) -> Cell:
    figure = FIGURES[name]
    value = figure.read(point.figures)
    return Cell(value, figure.unit, part_link(asked, found, point, figure.behind) if value else "")


def part_link(asked: Asked, found: Course, point: Point, name: str) -> str:
    """Return the address of the chats that a figure of one part counts."""
    if found.by == "hour":
        return link(asked, name, at=point.start.weekday() * 24 + (point.hour or 0))
    first, last = point.start, min(_last_of(point.start, found.by), asked.span.last)
    return link(asked, name, period="", first=first.isoformat(), last=last.isoformat())


def _last_of(start: date, by: By) -> date:
    if by == "week":
        return start + timedelta(days=6 - start.weekday())
    if by == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start


def _labels(point: Point, by: By) -> tuple[str, str]:
    """Return what a part is called in full, and on an axis."""
    if by == "hour":
        return words.hour(point.hour or 0), words.hour(point.hour or 0)
    if by == "month":
        return f"{MONTHS[point.start.month]} {point.start.year}", str(MONTHS_3[point.start.month])
    return words.day(point.start), words.short_day(point.start)


def values(points: Sequence[Point], name: str) -> list[float | None]:
    """Return one figure of each point."""
    return [FIGURES[name].read(point.figures) for point in points]
