"""The reports, in the order of their menu. Each is a function from what was asked to the parts that it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..asking import Asked
from ..shapes import Part
from . import bots, overview, people, satisfaction, speed, topics, widgets

Extra = Mapping[str, str]
Build = Callable[[Asked, Extra], Sequence[Part]]


@dataclass(frozen=True)
class Report:
    """One page. ``own``: also for who sees their own figures only. ``filters`` are those that make sense on it."""

    name: str
    title: Promise
    icon: str
    build: Build
    own: bool = False
    filters: Sequence[str] = ("department", "channel", "agent", "widget")


REPORTS = {
    report.name: report
    for report in (
        Report("overview", _("Overview"), "chart", overview.build, own=True),
        Report("speed", _("Waiting and speed"), "clock", speed.build, own=True),
        Report("satisfaction", _("Satisfaction"), "star", satisfaction.build, own=True),
        Report("people", _("People"), "team", people.build),
        Report("topics", _("Topics and channels"), "tag", topics.build),
        Report("widgets", _("Widgets and triggers"), "globe", widgets.build, filters=("widget",)),
        Report("bots", _("Bots"), "bot", bots.build),
    )
}
