"""The figures that reports show: how each is read from ``queries.Figures``, its unit, whether more of it is good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..definitions import METRICS
from ..queries import Comparison, Figures, Point
from . import words
from .asking import Asked
from .shapes import Card, Cell, Column, Unit

Read = Callable[[Figures], float | None]


@dataclass(frozen=True)
class Figure:
    """One figure. ``good`` is "up", "down" or neither; ``aside`` says what stands small beside it."""

    name: str
    unit: Unit
    read: Read
    good: str = ""
    aside: Callable[[Figures], str] = lambda figures: ""
    # Title and definition, where analytics.definitions has none of this name.
    label: Promise | None = None
    says: Promise | None = None
    # The figure of analytics.chats that counts the chats behind it, if that has another name.
    counts: str = ""

    @property
    def title(self) -> str:
        """Its name for people."""
        return str(self.label or METRICS[self.name][0])

    @property
    def definition(self) -> str:
        """What it means, in a sentence."""
        return str(self.says or METRICS[self.name if self.name in METRICS else self.counts][1])

    @property
    def behind(self) -> str:
        """The figure of ``analytics.chats`` whose chats it counts."""
        return self.counts or self.name


def _slowest(read: Callable[[Figures], float | None]) -> Callable[[Figures], str]:
    """Say the 90th percentile."""

    def aside(figures: Figures) -> str:
        value = read(figures)
        return "" if value is None else _("9 of 10 within {time}").format(time=words.duration(value))

    return aside


def _ratings(figures: Figures) -> str:
    count = figures.satisfaction.count
    return ngettext("{n} rating", "{n} ratings", count).format(n=words.number(count)) if count else ""


def _of_ended(read: Read) -> Callable[[Figures], str]:
    """Say the share of the chats that have ended."""

    def aside(figures: Figures) -> str:
        ended = figures.completed + figures.abandoned
        return (
            _("{share} of those that ended").format(share=words.percent((read(figures) or 0) / ended)) if ended else ""
        )

    return aside


def _of_bots(read: Read) -> Callable[[Figures], str]:
    """Say how many chats a share is."""

    def aside(figures: Figures) -> str:
        count = int(read(figures) or 0)
        return ngettext("{n} chat", "{n} chats", count).format(n=words.number(count)) if figures.bots.chats else ""

    return aside


def _still_open(figures: Figures) -> str:
    return _("{n} still open").format(n=words.number(figures.open)) if figures.open else ""


FIGURES = {
    figure.name: figure
    for figure in (
        Figure("total", "count", lambda f: f.total, aside=_still_open),
        Figure("open", "count", lambda f: f.open),
        Figure("completed", "count", lambda f: f.completed, "", _of_ended(lambda f: f.completed)),
        Figure("abandoned", "count", lambda f: f.abandoned, "down", _of_ended(lambda f: f.abandoned)),
        Figure(
            "wait",
            "seconds",
            lambda f: f.wait.median,
            "down",
            _slowest(lambda f: f.wait.p90),
            gettext_lazy("Wait, median"),
        ),
        Figure(
            "first_response",
            "seconds",
            lambda f: f.first_response.median,
            "down",
            _slowest(lambda f: f.first_response.p90),
            gettext_lazy("First response, median"),
        ),
        Figure(
            "response",
            "seconds",
            lambda f: f.response.median,
            "down",
            _slowest(lambda f: f.response.p90),
            gettext_lazy("Response time, median"),
        ),
        Figure(
            "resolution",
            "seconds",
            lambda f: f.resolution.median,
            "down",
            _slowest(lambda f: f.resolution.p90),
            gettext_lazy("Resolution time, median"),
        ),
        Figure(
            "wait_p90", "seconds", lambda f: f.wait.p90, "down", label=gettext_lazy("9 of 10 within"), counts="wait"
        ),
        Figure(
            "first_response_p90",
            "seconds",
            lambda f: f.first_response.p90,
            "down",
            label=gettext_lazy("9 of 10 within"),
            counts="first_response",
        ),
        Figure(
            "response_p90",
            "seconds",
            lambda f: f.response.p90,
            "down",
            label=gettext_lazy("9 of 10 within"),
            counts="response",
        ),
        Figure("satisfaction", "stars", lambda f: f.satisfaction.mean, "up", _ratings),
        Figure(
            "ratings", "count", lambda f: f.satisfaction.count, label=gettext_lazy("Ratings"), counts="satisfaction"
        ),
        Figure(
            "content",
            "share",
            lambda f: f.satisfaction.content,
            "up",
            label=gettext_lazy("Content visitors"),
            says=gettext_lazy("The share of ratings with four or five stars."),
        ),
        Figure("first_contact", "share", lambda f: f.first_contact, "up"),
        Figure(
            "bot",
            "count",
            lambda f: f.bots.chats,
            label=gettext_lazy("Chats with a bot"),
            says=gettext_lazy("Chats of the period that a bot had, or wrote in."),
        ),
        Figure("contained", "share", lambda f: f.bots.containment, "up", _of_bots(lambda f: f.bots.contained)),
        Figure("handed_over", "share", lambda f: f.bots.hand_over, "", _of_bots(lambda f: f.bots.handed_over)),
        Figure(
            "contained_count",
            "count",
            lambda f: f.bots.contained,
            label=gettext_lazy("Settled by bots"),
            counts="contained",
        ),
        Figure(
            "handed_over_count",
            "count",
            lambda f: f.bots.handed_over,
            label=gettext_lazy("Handed over"),
            counts="handed_over",
        ),
    )
}
# Within how many seconds a first reply keeps the promise, unless somebody asks for another.
PROMISE = 60


def _in_time(seconds: int) -> Callable[[Figures], str]:
    return lambda figures: _("first reply within {time}").format(time=words.duration(seconds))


def service_level(seconds: int = PROMISE) -> Figure:
    """Return the figure of one promise."""
    within = f"within_{seconds}"
    return Figure("service_level", "share", lambda f: f.service_level(seconds), "up", _in_time(seconds), counts=within)


def link(asked: Asked, name: str, **more: str | int) -> str:
    """Return the address of the chats that a figure counts."""
    return asked.link(reverse("analytics:chats"), figure=name, **more)


def cards(asked: Asked, names: Iterable[str], found: Comparison, points: Sequence[Point] = ()) -> list[Card]:
    """Return cards of these figures, each with its course over the points."""
    return [card(asked, FIGURES[name], found, points) for name in names]


def card(asked: Asked, figure: Figure, found: Comparison, points: Sequence[Point] = ()) -> Card:
    """Return a figure beside the one before. What was counted today is not held against a whole day."""
    now, before = figure.read(found.now), figure.read(found.before)
    unfinished = asked.is_today and figure.unit == "count"
    return Card(
        name=figure.name,
        title=figure.title,
        definition=figure.definition,
        cell=Cell(now, figure.unit, link(asked, figure.behind) if now is not None else ""),
        before=Cell(before, figure.unit),
        change=words.Change()
        if unfinished
        else words.change(now, before, figure.unit, figure.good, of=found.before.total),
        aside=figure.aside(found.now),
        course=[figure.read(point.figures) for point in points],
    )


def column(name: str, draw: str = "") -> Column:
    """Return a table's column for a figure."""
    figure = FIGURES[name]
    return Column(name, figure.title, figure.unit, figure.definition, draw)


def cell(asked: Asked, name: str, figures: Figures, **more: str | int) -> Cell:
    """Return a figure as a table's cell. ``more`` narrows the chats behind it as the row does."""
    figure = FIGURES[name]
    value = figure.read(figures)
    return Cell(value, figure.unit, link(asked, figure.behind, **more) if value else "")
