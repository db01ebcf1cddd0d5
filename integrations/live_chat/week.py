"""``businessHours`` of a widget's settings (section 5.2): the week as section 5.1 shows it, or any part of it.

The hours are the workspace's: a change here holds for all of its widgets.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from agents import schedule
from agents.errors import Invalid
from agents.schedule import DAYS, Span

from ..rest.fields import Fields

# Each day's spans, as ``agents.services.hours.set_week`` takes them.
Week = dict[str, list[list[str]]]
_MOMENTARY = ("isOpen", "opensAt")
# Different days are the admin's; the time zone is the workspace's.
_FIXED = ("timezone", "exceptions")


def parse_week(hours: Fields, shown: dict[str, Any]) -> Week | None:
    """Return the week asked for, None when it is the present one; errors are left with the fields.

    ``shown`` is the present ``businessHours``. A day that is not named stays as it is.
    """
    hours.only("schedule", *_FIXED, *_MOMENTARY)
    for name in _FIXED:
        if hours.has(name) and hours.data[name] != shown[name]:
            hours.wrong(name, _("This cannot be changed here."))
    days = hours.object("schedule")
    days.only(*DAYS)
    present = {day: _spans(Fields(value)) for day, value in shown["schedule"].items()}
    wanted = present | {day: _day(days, day) for day in DAYS if days.has(day)}
    if not any(wanted.values()) and not hours.errors:
        hours.wrong("schedule", _("Open at least once a week."))
    return None if wanted == present else {day: [span.stored() for span in spans] for day, spans in wanted.items()}


def _day(days: Fields, name: str) -> tuple[Span, ...]:
    before = len(days.errors)
    day = days.object(name)
    day.only("start", "end", "spans", "closed")
    try:
        spans = _spans(day)
    except Invalid as error:
        days.wrong(name, str(error.message))
        return ()
    if len(days.errors) == before and day.has("spans") and spans:
        _demand_the_same(day, spans)
    return spans


def _spans(day: Fields) -> tuple[Span, ...]:
    """Return the spans of ``{"closed": true}``, ``{"start", "end"}`` or ``{"spans": [...]}``. Raises Invalid."""
    if day.flag("closed"):
        if day.has("start") or day.has("end") or day.has("spans"):
            day.wrong("closed", _("A closed day has no hours."))
        return ()
    parts = day.list("spans", schedule.MOST_SPANS) if day.has("spans") else [day]
    pairs = []
    for part in parts:
        if part is not day:
            part.only("start", "end")
        pairs.append((part.line("start", 5, required=True), part.line("end", 5, required=True)))
    return () if day.errors else schedule.parse_spans(pairs)


def _demand_the_same(day: Fields, spans: tuple[Span, ...]) -> None:
    """Beside ``spans``, ``start`` and ``end`` are the first opening and the last closing, or are left out."""
    for name, minute in (("start", spans[0].start), ("end", spans[-1].end)):
        if day.has(name) and schedule.parse_time(day.data[name]) != minute:
            day.wrong(name, _("This is not what the spans say."))
