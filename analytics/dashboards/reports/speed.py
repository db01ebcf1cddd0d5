"""Waiting and speed: how long visitors wait, how fast they are answered, and how many in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ... import queries
from ...definitions import METRICS, PROMISES
from ...queries import Comparison, Point
from .. import courses, words
from ..asking import Asked
from ..courses import Course
from ..figures import FIGURES, PROMISE, card, cards, column, link, service_level
from ..shapes import Cards, Cell, Chart, Column, Part, Row, Table, TablePart


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the parts of the report."""
    found = courses.course(asked)
    comparison = queries.compare(asked.span, asked.where)
    promise = _promised(extra.get("within", ""))
    shown = cards(asked, ("wait", "first_response", "response", "resolution"), comparison, found.points)
    shown.append(card(asked, service_level(promise), comparison, found.points))
    return [
        Cards(name="figures", title=_("Figures"), cards=shown),
        _lines(asked, found, "first_response"),
        _lines(asked, found, "wait"),
        _lines(asked, found, "response"),
        _kept(asked, found, promise),
        _promises(asked, comparison),
    ]


def _promised(text: str) -> int:
    """Return the promise that the address names, else the usual one."""
    return next((promise for promise in PROMISES if str(promise) == text), PROMISE)


def _lines(asked: Asked, found: Course, name: str) -> Chart:
    """Return the course of a duration: its median and its 90th percentile."""
    figure = FIGURES[name]
    title = str(METRICS[name][0])
    columns = [Column(name, _("Median"), "seconds", draw="line"), column(f"{name}_p90", "dash")]
    rows = courses.rows(asked, found, [name, f"{name}_p90"])
    table = courses.table(f"{name}-course", title, columns, rows, found.by)
    return Chart(
        name=f"{name}-course",
        title=title,
        definition=figure.definition,
        table=table,
        unit="seconds",
        wide=False,
    )


def _kept(asked: Asked, found: Course, promise: int) -> Chart:
    """Return the course of the service level of one promise."""
    figure = service_level(promise)
    title = _("Answered within {time}").format(time=words.duration(promise))
    columns = [Column("share", figure.title, "share", draw="line"), Column("chats", _("Chats in time"))]
    rows = [courses.row(asked, found, point, _kept_at(asked, found, point, promise)) for point in found.points]
    table = courses.table("kept-course", title, columns, rows, found.by)
    return Chart(name="kept-course", title=title, definition=figure.definition, table=table, unit="share", wide=False)


def _kept_at(asked: Asked, found: Course, point: Point, promise: int) -> list[Cell]:
    kept = point.figures.answered_within(promise)
    url = courses.part_link(asked, found, point, f"within_{promise}") if kept else ""
    return [Cell(point.figures.service_level(promise), "share"), Cell(kept, url=url)]


def _promises(asked: Asked, comparison: Comparison) -> TablePart:
    """Return the service level for every promise that one could make."""
    figure = service_level()
    title = figure.title
    columns = [
        Column("within", _("First reply within"), "text"),
        Column("share", _("Share of chats"), "share", figure.definition),
        Column("chats", _("Chats"), "count"),
        Column("before", words.heading("before"), "share"),
    ]
    rows = [_promise(asked, comparison, seconds) for seconds in PROMISES]
    return TablePart(
        name="service-level",
        title=title,
        definition=figure.definition,
        table=Table("service-level", title, columns, rows),
        bar="share",
    )


def _promise(asked: Asked, comparison: Comparison, seconds: int) -> Row:
    now, before = comparison.now, comparison.before
    kept = now.answered_within(seconds)
    cells = [
        Cell(now.service_level(seconds), "share"),
        Cell(kept, url=link(asked, f"within_{seconds}") if kept else ""),
        Cell(before.service_level(seconds), "share"),
    ]
    url = asked.link(reverse("analytics:report", args=["speed"]), within=seconds)
    return Row(Cell(words.duration(seconds), "text", url), cells)
