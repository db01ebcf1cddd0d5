"""Departments, channels and tags: where chats come from, and what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chat.models import Channel

from ... import queries
from ...queries import Figures
from ..asking import NONE, Asked
from ..figures import cell, column
from ..shapes import Cell, Column, Part, Row, Table, TablePart

FIGURES_SHOWN = ("total", "completed", "abandoned", "wait", "first_response", "resolution", "satisfaction")
MOST_TAGS = 100


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the three tables."""
    return [_departments(asked), _channels(asked), _tags(asked)]


def _departments(asked: Asked) -> Part:
    found = queries.by_department(asked.span, asked.where)
    rows = [
        _row(
            asked,
            each.name if each else pgettext("department", "None"),
            figures,
            department=each.uid.hex if each else NONE,
        )
        for each, figures in found
    ]
    empty = _("There are no departments. An admin can make some, so that chats find the right people.")
    return _part("departments", _("Departments"), _("Department"), rows, empty)


def _channels(asked: Asked) -> Part:
    found = queries.by_channel(asked.span, asked.where)
    rows = [_row(asked, str(Channel(name).label), figures, channel=name) for name, figures in found.items()]
    return _part("channels", _("Channels"), _("Channel"), rows, "")


def _tags(asked: Asked) -> Part:
    found = queries.by_tag(asked.span, asked.where)
    rows = [_row(asked, tag.name, figures, tag=tag.name) for tag, figures in found[:MOST_TAGS]]
    empty = _("No chat of this period has a tag. Agents add tags in the panel beside a chat.")
    return _part("tags", _("Tags"), _("Tag"), rows, empty)


def _row(asked: Asked, name: str, figures: Figures, **narrowed: str) -> Row:
    # There is no report of one tag: only its chats.
    url = "" if "tag" in narrowed else asked.link(reverse("analytics:report", args=["overview"]), **narrowed)
    return Row(Cell(name, "text", url), [cell(asked, each, figures, **narrowed) for each in FIGURES_SHOWN])


def _part(name: str, title: str, head: str, rows: Sequence[Row], empty: str) -> Part:
    columns = [Column("name", head, "text"), *(column(each) for each in FIGURES_SHOWN)]
    return TablePart(name=name, title=title, table=Table(name, title, columns, rows, empty), bar="total")
