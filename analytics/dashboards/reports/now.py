"""Right now: what waits and is open at this moment, whatever the period."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent

from ... import queries
from ...definitions import METRICS
from ..asking import Asked
from ..shapes import Cell, Now


def build(asked: Asked) -> Now:
    """Return the strip of live figures; each opens the list where those chats stand."""
    workspace = asked.span.workspace
    backlog = queries.backlog(workspace, asked.where)
    there = Agent.objects.available().humans().filter(workspace=workspace).count()
    return Now(
        name="now",
        title=_("Right now"),
        definition=str(METRICS["backlog"][1]),
        cells=(
            ("clock", _("Waiting"), _cell(asked, backlog.waiting, "waiting")),
            ("moon", _("Until opening"), _cell(asked, backlog.parked, "parked")),
            ("history", _("Longest wait"), Cell(backlog.oldest_wait, "seconds")),
            ("chats", _("Being answered"), _cell(asked, backlog.active, "active")),
            ("reply", _("Awaiting a reply"), _cell(asked, backlog.unanswered, "unanswered")),
            ("team", _("People available"), Cell(there)),
        ),
    )


def _cell(asked: Asked, count: int, which: str) -> Cell:
    return Cell(count, url=asked.link(reverse("analytics:chats"), now=which) if count else "")
