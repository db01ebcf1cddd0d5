"""Bots: what they settle alone, and what they hand over to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ... import queries
from .. import courses
from ..asking import NONE, Asked
from ..courses import Course
from ..figures import FIGURES, cards, cell, column
from ..shapes import Cards, Cell, Chart, Column, Part, Row, Table, TablePart


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the parts of the report; one that says what to do where no bot works."""
    found = courses.course(asked)
    comparison = queries.compare(asked.span, asked.where)
    if not comparison.now.bots.chats and not comparison.before.bots.chats:
        return [_nothing()]
    shown = cards(asked, ("bot", "contained", "handed_over"), comparison, found.points)
    return [Cards(name="figures", title=_("Figures"), cards=shown), _course(asked, found), _departments(asked)]


def _nothing() -> TablePart:
    title = _("Bots")
    empty = _("No bot took part in a chat of this period. An admin can set one up, under Bots in the administration.")
    return TablePart(name="bots", title=title, table=Table("bots", title, [Column("day", _("Day"), "text")], [], empty))


def _course(asked: Asked, found: Course) -> Chart:
    title = _("What became of chats with a bot")
    names = ["contained_count", "handed_over_count"]
    rows = courses.rows(asked, found, names)
    table = courses.table("bots-course", title, [column(name, "bar") for name in names], rows, found.by)
    return Chart(name="bots-course", title=title, definition=FIGURES["contained"].definition, table=table, stacked=True)


def _departments(asked: Asked) -> TablePart:
    title = _("Bots by department")
    names = ("bot", "contained", "handed_over")
    rows = [
        Row(
            Cell(each.name if each else pgettext("department", "None"), "text"),
            [cell(asked, name, figures, department=each.uid.hex if each else NONE) for name in names],
        )
        for each, figures in queries.by_department(asked.span, asked.where)
        if figures.bots.chats
    ]
    columns = [Column("name", _("Department"), "text"), *(column(name) for name in names)]
    return TablePart(
        name="bots-departments", title=title, table=Table("bots-departments", title, columns, rows), bar="bot"
    )
