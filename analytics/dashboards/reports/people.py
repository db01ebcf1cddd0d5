"""People: each agent's share of the work, sorted as one likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent

from ... import queries
from ...queries import Figures
from ..asking import Asked
from ..figures import cell, column
from ..shapes import Cell, Column, Part, Row, Table, TablePart
from ..sorting import sort_urls, sorted_rows

FIGURES_SHOWN = (
    "total",
    "completed",
    "wait",
    "first_response",
    "response",
    "resolution",
    "satisfaction",
    "ratings",
    "first_contact",
)


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the table of the team; ``extra["sort"]`` is a column, with ``-`` in front for the greatest first."""
    title = _("The team’s share")
    columns = [Column("agent", _("Agent"), "text"), *(column(name) for name in FIGURES_SHOWN)]
    rows = [_row(asked, who, figures) for who, figures in queries.by_agent(asked.span, asked.where)]
    rows, sort = sorted_rows(rows, columns, extra.get("sort", "-total"))
    return [
        TablePart(
            name="people",
            title=title,
            definition=_(
                "Each agent’s own share: the chats they had, the turns they answered, the endings that were theirs."
            ),
            table=Table("people", title, columns, rows, _("Nobody is in this team yet.")),
            sort=sort,
            sort_urls=sort_urls(asked.link(reverse("analytics:report", args=["people"])), columns, sort),
            bar="total",
        )
    ]


def _row(asked: Asked, who: Agent, figures: Figures) -> Row:
    uid = who.uid.hex
    known = any(choice.value == uid for choice in asked.choices.get("agent", []))
    narrowed = {"agent": uid} if known else {}
    url = asked.link(reverse("analytics:report", args=["overview"]), **narrowed) if known else ""
    cells = [cell(asked, name, figures, **narrowed) for name in FIGURES_SHOWN]
    return Row(Cell(who.name, "text", url, uid), cells if known else [Cell(each.value, each.unit) for each in cells])
