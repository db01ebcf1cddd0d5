"""When a team is there: spans of the week, days that are different, and the questions asked of them. Pure.

A span is from a minute to a minute of one day by the clock on the wall; 24:00 is its end. Days and hours are those of
the workspace's time zone, so that "from 8" stays from 8 when summer time begins.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from .errors import Invalid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = 24 * 60
MOST_SPANS = 6
# How far ahead an opening is looked for: longer holidays than this are no opening hours.
_HORIZON = timedelta(days=400)
_TIME = re.compile(r"([01]?\d|2[0-4])(?:[:.h]([0-5]\d))?h?\Z")
_DASH = re.compile(r"\s*[-–—]\s*")


@dataclass(frozen=True, order=True)
class Span:
    """Minutes after midnight: from ``start`` until just before ``end``."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"

    def stored(self) -> list[str]:
        """Return ``["08:00", "17:00"]``."""
        return [clock(self.start), clock(self.end)]


@dataclass(frozen=True)
class Different:
    """Days that are not as the week says: closed when there are no spans. ``last`` belongs to them."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Schedule:
    """A workspace's hours. ``week`` has seven days, Monday first; None: always open, and no day is different."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...] | None = None
    different: tuple[Different, ...] = ()

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Return the spans of a day. Of several exceptions the shortest holds: it was meant more exactly."""
        if self.week is None:
            return (Span(0, MIDNIGHT),)
        fitting = [other for other in self.different if other.first <= day <= other.last]
        if fitting:
            return min(fitting, key=lambda other: (other.last - other.first, other.first)).spans
        return self.week[day.weekday()]

    def usual_week(self) -> tuple[tuple[Span, ...], ...]:
        """Return the seven days as they usually are, Monday first."""
        return self.week or ((Span(0, MIDNIGHT),),) * len(DAYS)

    def coming(self, at: datetime) -> list[Different]:
        """Return the different days that are not over, the next ones first."""
        today = at.astimezone(self.zone).date()
        return sorted((one for one in self.different if one.last >= today), key=lambda one: (one.first, one.last))

    def is_open(self, at: datetime) -> bool:
        """Whether somebody should be there at this time."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(span.start <= minute < span.end for span in self.spans_on(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return when it opens next, in UTC: ``at`` itself while it is open, None for a team that stays away."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return next((begin for begin in self._beginnings(at) if begin > at and self.is_open(begin)), None)

    def _beginnings(self, at: datetime) -> Iterator[datetime]:
        """Yield when it may open, from the day of ``at`` on."""
        today = at.astimezone(self.zone).date()
        for ahead in range(_HORIZON.days):
            yield from self._beginnings_on(today + timedelta(days=ahead))

    def _beginnings_on(self, day: date) -> Iterator[datetime]:
        midnight, following = (datetime.combine(d, time(), self.zone) for d in (day, day + timedelta(days=1)))
        if midnight.utcoffset() == following.utcoffset():
            for span in self.spans_on(day):
                yield midnight.astimezone(UTC) + timedelta(minutes=span.start)
            return
        # The clock on the wall jumps: it may skip the beginning of a span, or come upon it twice.
        minute, last = midnight.astimezone(UTC), following.astimezone(UTC)
        while minute < last:
            yield minute
            minute += timedelta(minutes=1)


def clock(minute: int) -> str:
    """Return ``08:00`` for 480, and ``24:00`` for the end of a day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_time(text: object) -> int:
    """Return the minute of ``8:00``, ``08.00``, ``8h30`` or ``24:00``. Raises Invalid."""
    found = _TIME.match(text.strip()) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2] or 0) if found else MIDNIGHT + 1
    if minute > MIDNIGHT:
        raise Invalid(_("%(text)s is no time of day. Write 08:00 or 17:30.") % {"text": text})
    return minute


def parse_spans(pairs: Iterable[Sequence[object]]) -> tuple[Span, ...]:
    """Return the spans of a day in their order. Raises Invalid for one that ends before it begins, or overlapping."""
    spans = sorted(Span(parse_time(start), parse_time(end)) for start, end in pairs)
    for span in spans:
        if span.start >= span.end:
            raise Invalid(
                _("%(span)s ends before it begins. What goes on after midnight belongs to the next day.")
                % {"span": span}
            )
    for earlier, later in itertools.pairwise(spans):
        if later.start < earlier.end:
            raise Invalid(_("%(first)s and %(second)s overlap.") % {"first": earlier, "second": later})
    if len(spans) > MOST_SPANS:
        raise Invalid(_("A day has at most %(number)s spans.") % {"number": MOST_SPANS})
    return tuple(spans)


def parse_text(text: str) -> tuple[Span, ...]:
    """Return the spans of ``8:00-12:00, 13:00-17:30``; of an empty text none. Raises Invalid."""
    parts = [part for part in re.split(r"\s*[,;]\s*", text.strip()) if part]
    pairs = [_DASH.split(part) for part in parts]
    for part, pair in zip(parts, pairs, strict=True):
        if len(pair) != 2:
            raise Invalid(_("%(text)s is no span of time. Write 08:00-17:00.") % {"text": part})
    return parse_spans(pairs)


def as_text(spans: Iterable[Span]) -> str:
    """Return ``08:00–12:00, 13:00–17:30``, as people read it and :func:`parse_text` does."""
    return ", ".join(map(str, spans))


def parse_week(week: Mapping[str, Iterable[Sequence[object]]]) -> tuple[tuple[Span, ...], ...]:
    """Return seven days from ``{"monday": [("08:00", "17:00")], ...}``; a day that is not named is closed.

    Raises Invalid, whose ``field`` is the day; and for a week that never opens.
    """
    unknown = next((name for name in week if name not in DAYS), None)
    if unknown is not None:
        raise Invalid(_("%(name)s is no day of the week.") % {"name": unknown}, unknown)
    days = []
    for name in DAYS:
        try:
            days.append(parse_spans(week.get(name, ())))
        except Invalid as error:
            raise Invalid(error.message, name) from error
    if not any(days):
        raise Invalid(_("Open at least once a week."), "week")
    return tuple(days)
