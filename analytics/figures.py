"""What is answered: figures as typed values. Durations are seconds, shares 0 to 1; what cannot be said is None."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .definitions import CONTENT, PROMISES
from .spreads import Spread, spread


@dataclass(frozen=True)
class Rating:
    """What visitors said: ``stars[0]`` how many gave 1, ``stars[4]`` how many gave 5; ``commented``: with a comment."""

    stars: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    commented: int = 0

    @property
    def count(self) -> int:
        """How many rated."""
        return sum(self.stars)

    @property
    def mean(self) -> float | None:
        """From 1 to 5."""
        return sum(n * stars for n, stars in enumerate(self.stars, start=1)) / self.count if self.count else None

    @property
    def content(self) -> float | None:
        """The share that gave 4 or 5."""
        return sum(self.stars[CONTENT - 1 :]) / self.count if self.count else None


@dataclass(frozen=True)
class Bots:
    """Chats that a bot took part in, those it settled alone, and those that were given to a person."""

    chats: int = 0
    contained: int = 0
    handed_over: int = 0

    @property
    def containment(self) -> float | None:
        """The share that it settled alone."""
        return self.contained / self.chats if self.chats else None

    @property
    def hand_over(self) -> float | None:
        """The share that was given to a person."""
        return self.handed_over / self.chats if self.chats else None


@dataclass(frozen=True)
class Figures:
    """The figures of some chats. By agent: of that agent's share (``analytics.definitions``)."""

    total: int = 0
    completed: int = 0
    abandoned: int = 0
    solved_at_first: int = 0
    unanswered: int = 0
    wait: Spread = field(default_factory=Spread)
    response: Spread = field(default_factory=Spread)
    first_response: Spread = field(default_factory=Spread)
    resolution: Spread = field(default_factory=Spread)
    satisfaction: Rating = field(default_factory=Rating)
    bots: Bots = field(default_factory=Bots)
    # First responses by the promise they kept: {30: those over 20 and up to 30 s}.
    kept: Mapping[int, int] = field(default_factory=dict)

    @property
    def open(self) -> int:
        """How many have not ended. By agent: what is not their ending counts here too."""
        return self.total - self.completed - self.abandoned

    @property
    def first_contact(self) -> float | None:
        """The share of completed chats whose visitor did not come back within seven days."""
        return self.solved_at_first / self.completed if self.completed else None

    def service_level(self, seconds: int) -> float | None:
        """Return the share answered within so many seconds; one of ``definitions.PROMISES``, or ValueError."""
        if seconds not in PROMISES:
            raise ValueError(f"Choose one of {PROMISES}.")
        due = self.first_response.count + self.unanswered
        return self.answered_within(seconds) / due if due else None

    def answered_within(self, seconds: int) -> int:
        """Return how many chats had their first answer within so many seconds, one of ``definitions.PROMISES``."""
        return sum(number for promise, number in self.kept.items() if promise <= seconds)


def figures(counters: Mapping[str, int]) -> Figures:
    """Return the figures that these counters say."""
    get = counters.get
    return Figures(
        total=get("total", 0),
        completed=get("completed", 0),
        abandoned=get("abandoned", 0),
        solved_at_first=get("first_contact", 0),
        unanswered=get("unanswered", 0),
        wait=spread(get("wait_count", 0), get("wait_ms", 0), _numbered(counters, "w")),
        response=spread(get("response_count", 0), get("response_ms", 0), _numbered(counters, "r")),
        first_response=spread(get("first_count", 0), get("first_ms", 0), _numbered(counters, "f")),
        resolution=spread(get("completed", 0), get("resolution_ms", 0), _numbered(counters, "s")),
        satisfaction=Rating(
            (get("rating_1", 0), get("rating_2", 0), get("rating_3", 0), get("rating_4", 0), get("rating_5", 0)),
            get("commented", 0),
        ),
        bots=Bots(get("bot", 0), get("contained", 0), get("handed_over", 0)),
        kept=_numbered(counters, "q"),
    )


def _numbered(counters: Mapping[str, int], letter: str) -> dict[int, int]:
    """Return the counters named by this letter and a number."""
    return {int(name[1:]): n for name, n in counters.items() if name[0] == letter and name[1:].isdigit()}


@dataclass(frozen=True)
class Comparison:
    """A span beside the one before it."""

    now: Figures
    before: Figures

    def change(self, value: Callable[[Figures], float | None]) -> float | None:
        """Return by how much a value grew, as a share of the one before: 0.125 is 12.5% more; None without one before.

        Example: ``comparison.change(lambda figures: figures.response.mean)``.
        """
        return change(value(self.now), value(self.before))


def change(now: float | None, before: float | None) -> float | None:
    """Return by how much a value grew, as a share of the one before; None when it cannot be said."""
    return (now - before) / before if now is not None and before else None


@dataclass(frozen=True)
class Point:
    """The figures of one part of a span: an hour, a day, a week from Monday, a month, as far as it is in the span."""

    start: date
    figures: Figures
    # By the hour only: 0 to 23.
    hour: int | None = None


@dataclass(frozen=True)
class TriggerFigures:
    """How a proactive message did: how often it was shown, and answered, and the chats that began with it."""

    trigger_uid: uuid.UUID
    shown: int
    answered: int
    chats: Figures

    @property
    def conversion(self) -> float | None:
        """The share of the times shown that it was answered."""
        return self.answered / self.shown if self.shown else None


@dataclass(frozen=True)
class PageFigures:
    """How often the widget was on a page, opened there, and written in.

    ``page`` "" is all pages beyond the most told apart.
    """

    page: str
    views: int
    opens: int
    chats: int

    @property
    def conversion(self) -> float | None:
        """Chats for each view, None without views."""
        return self.chats / self.views if self.views else None


@dataclass(frozen=True)
class WidgetFigures:
    """What happened in a widget, and the figures of the chats that came from it."""

    views: int
    opens: int
    chats: Figures
    triggers: list[TriggerFigures]
    pages: list[PageFigures]

    @property
    def conversion(self) -> float | None:
        """Chats, of the times that the widget was on a page."""
        return self.chats.total / self.views if self.views else None


@dataclass(frozen=True)
class Backlog:
    """What is open at this moment, whenever it began. ``oldest_wait``: seconds; None when nobody waits.

    ``waiting`` is the queue; ``parked`` are those who wait until the team opens, and are not in it.
    """

    waiting: int
    parked: int
    active: int
    unanswered: int
    oldest_wait: float | None
