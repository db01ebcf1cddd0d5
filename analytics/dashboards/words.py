"""Figures in words: counts, durations, shares, ratings, and how they changed, in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from chat.inbox.words import length

NOTHING = "–"
Direction = Literal["up", "down", "same", ""]
Judgement = Literal["better", "worse", ""]


def shown(value: int | float | str | None, unit: str) -> str:
    """Return a value as people read it: ``1,204``, ``3 min 20 s``, ``87%``, ``4.6``; a dash for what cannot be said."""
    if value is None:
        return NOTHING
    if isinstance(value, str) or unit == "text":
        return str(value)
    if unit == "seconds":
        return duration(float(value))
    if unit == "share":
        return percent(float(value))
    if unit == "stars":
        return number(value, 1)
    return number(value)


def number(value: float, decimals: int = 0) -> str:
    """Return a number with the language's separators."""
    return number_format(round(value, decimals), decimal_pos=decimals, use_l10n=True, force_grouping=True)


def percent(share: float) -> str:
    """Return ``87%``; with one decimal where whole ones would say too little (3.6%), or too much (99.6%)."""
    fine = 0 < share < 0.0995 or 0.99 < share < 1
    return _("{n}%").format(n=number(share * 100, 1 if fine else 0))


def duration(seconds: float, *, brief: bool = False) -> str:
    """Return a duration in two units at most; under ten seconds with a decimal."""
    if 0 < seconds < 10:
        return (pgettext("brief", "{n} s") if brief else _("{n} s")).format(n=number(seconds, 1))
    return length(timedelta(seconds=round(seconds)), brief=brief)


def unit(name: str) -> str:
    """Return what an export's numbers are in."""
    return {
        "count": _("number"),
        "seconds": _("seconds"),
        "share": _("share, 0 to 1"),
        "stars": _("1 to 5"),
        "text": "",
    }[name]


def heading(name: str) -> str:
    """Return the headings that exports and tables share."""
    return {
        "figure": _("Figure"),
        "unit": _("Unit"),
        "now": _("This period"),
        "before": _("Period before"),
    }[name]


# -- changes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """How a figure changed: by how much, which way, and whether that is good; empty where it cannot be said."""

    text: str = ""
    direction: Direction = ""
    judgement: Judgement = ""

    @property
    def sentence(self) -> str:
        """Say it for those who hear the page."""
        way = {"up": _("more than before"), "down": _("less than before"), "same": _("as before"), "": ""}[
            self.direction
        ]
        verdict = {"better": _("better"), "worse": _("worse"), "": ""}[self.judgement]
        told = way if self.direction == "same" else f"{self.text} {way}".strip()
        return ", ".join(word for word in (told, verdict) if word)


# What fewer chats (or views) add up to is chance: the next one would change it by more than a tenth.
ENOUGH = 10
# What grew by more than twice itself is told as a multiple: 3.6× says more than 261%.
_TIMES = 2


def change(now: float | None, before: float | None, unit_name: str, good: str, *, of: int) -> Change:
    """Return the change of a figure of which ``good`` is "up", "down" or neither.

    Counts and durations change by per cents (or become a multiple), shares by points, ratings by what they are.
    ``of``: from how many the earlier figure was made. After a period with fewer than ``ENOUGH`` nothing is called a
    change, and nothing better or worse: what it was then is told beside the figure.
    """
    if of < ENOUGH:
        return Change()
    if now is None or before is None or (not before and unit_name in ("count", "seconds")):
        return Change()
    difference = now - before
    told = _difference(difference, before, unit_name)
    if not any(digit in told for digit in "123456789"):
        return Change(told, "same")
    direction: Direction = "up" if difference > 0 else "down"
    judgement: Judgement = "" if good not in ("up", "down") else "better" if good == direction else "worse"
    return Change(told, direction, judgement)


def _difference(difference: float, before: float, unit_name: str) -> str:
    if unit_name == "share":
        points = round(abs(difference) * 100, 1 if abs(difference) < 0.0995 else 0)
        return ngettext("{n} point", "{n} points", int(points) if points == int(points) else 2).format(n=_plain(points))
    if unit_name == "stars":
        return number(abs(difference), 1)
    grown = difference / before
    if grown >= _TIMES:
        return _("{n}×").format(n=_plain(round(grown + 1, 1 if grown < 9 else 0)))
    return _("{n}%").format(n=number(abs(grown) * 100))


def _plain(value: float) -> str:
    return number(value, 0 if value == int(value) else 1)


# -- days --------------------------------------------------------------------------------------------------------------


# Day and month, and the year with them. Vietnamese writes months as numbers: spelled out, they are long.
_DATES = {"vi": ("j/n", "j/n/Y")}
_OTHERS = ("j M", "j M Y")


def _date_formats() -> tuple[str, str]:
    return _DATES.get(get_language() or "", _OTHERS)


def day(when: date) -> str:
    """Return a day in full, its weekday with it."""
    return date_format(when, f"D, {_date_formats()[1]}")


def moment(when: datetime) -> str:
    """Return a day and a time of it."""
    return date_format(when, f"{_date_formats()[1]}, H:i")


def short_day(when: date) -> str:
    """Return a day as an axis has room for it."""
    return date_format(when, _date_formats()[0])


def days(first: date, last: date) -> str:
    """Return a range of days, the year once: ``3 Nov – 9 Nov 2026``."""
    short, full = _date_formats()
    if first == last:
        return date_format(first, full)
    begin = date_format(first, short if first.year == last.year else full)
    return f"{begin} – {date_format(last, full)}"


def hour(of_day: int) -> str:
    """Return the beginning of an hour."""
    return f"{of_day:02d}:00"


def weekday(number_of: int, short: bool = False) -> str:
    """Return the name of a weekday; Monday is 0."""
    return str((WEEKDAYS_ABBR if short else WEEKDAYS)[number_of])
