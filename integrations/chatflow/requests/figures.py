"""Statistics and analytics: which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from ...rest.fields import Fields

SORTS = ("total_chats", "csat_score", "response_time")
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)
_USUAL_DAYS = timedelta(days=29)


@dataclass(frozen=True)
class FiguresRequest:
    """Statistics and analytics: the days, both ends included; without them the last thirty."""

    first: date
    last: date
    workspace_id: str
    sort_by: str


def parse_figures(query: object, today: date) -> FiguresRequest:
    """Read for which days figures are asked; ``today`` is in the workspace's zone. Raises Malformed."""
    params = Fields(query)
    first, last = params.day("from"), params.day("to")
    last = last or max(today, first or today)
    first = first or max(last - _USUAL_DAYS, _EARLIEST)
    for name, day in (("from", first), ("to", last)):
        if not _EARLIEST <= day <= _LATEST:
            params.wrong(name, _("Write the date as YYYY-MM-DD."))
    if first > last:
        params.wrong("to", _("The end lies before the beginning."))
    sort_by, workspace_id = params.choice("sort_by", SORTS, SORTS[0]), params.line("workspace_id", 100)
    params.check()
    return FiguresRequest(first, last, workspace_id, sort_by)
