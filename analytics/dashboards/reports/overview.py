"""The overview: what goes on now, the main figures, their course, and when visitors come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ... import queries
from .. import courses, words
from ..asking import Asked
from ..courses import Course
from ..figures import FIGURES, cards, column, link
from ..shapes import Cards, Cell, Chart, Column, Heat, Part, Row, Table
from . import now

FIGURES_SHOWN = (
    "total",
    "completed",
    "abandoned",
    "wait",
    "first_response",
    "resolution",
    "satisfaction",
    "first_contact",
)


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the parts of the overview."""
    found = courses.course(asked)
    figures = cards(asked, FIGURES_SHOWN, queries.compare(asked.span, asked.where), found.points)
    parts: list[Part] = [Cards(name="figures", title=_("Figures"), cards=figures), volume(asked, found), heat(asked)]
    return parts if asked.own else [now.build(asked), *parts]


def volume(asked: Asked, found: Course) -> Chart:
    """Return how many chats began, part by part, by how they ended; the period before as a line."""
    names = ["completed", "abandoned", "open"]
    columns = [column(name, "bar") for name in names]
    rows = courses.rows(asked, found, names)
    if found.before:
        columns.append(Column("before", words.heading("before"), draw="dash"))
        before = courses.values(found.before, "total")
        rows = [Row(row.head, [*row.cells, Cell(value)], row.short) for row, value in zip(rows, before, strict=True)]
    title = _("Chats over time")
    return Chart(
        name="volume",
        title=title,
        definition=FIGURES["total"].definition,
        table=courses.table("volume", title, columns, rows, found.by),
        stacked=True,
    )


def heat(asked: Asked) -> Heat:
    """Return how many chats began by weekday and hour."""
    counts = queries.heatmap(asked.span, asked.where)
    title = _("When visitors come")
    most = max(max(row) for row in counts)
    columns = [Column("day", _("Weekday"), "text"), *(Column(f"h{hour}", words.hour(hour)) for hour in range(24))]
    rows = [
        Row(
            Cell(words.weekday(day), "text"),
            [_beginning(asked, day, hour, count) for hour, count in enumerate(row)],
            words.weekday(day, short=True),
        )
        for day, row in enumerate(counts)
    ]
    return Heat(
        name="hours",
        title=title,
        definition=_("Chats by the weekday and the hour in which they began, in the workspace’s time."),
        table=Table("hours", title, columns, rows),
        shades=[[_shade(count, most) for count in row] for row in counts],
    )


def _beginning(asked: Asked, day: int, hour: int, count: int) -> Cell:
    return Cell(count, url=link(asked, "total", at=day * 24 + hour) if count else "")


def _shade(count: int, most: int) -> int:
    """Return 0 for none, else 1 to 8."""
    return -(-count * 8 // most) if most else 0
