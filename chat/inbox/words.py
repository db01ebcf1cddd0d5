"""Small words for pages: lengths of time, days, browsers."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

_BROWSERS = (
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Cốc Cốc", r"coc_coc_browser/"),
    ("Firefox", r"(?:Firefox|FxiOS)/"),
    ("Chrome", r"(?:Chrome|CriOS)/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS = (
    ("iOS", r"iPhone|iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


def browser(user_agent: str) -> str:
    """Return ``Chrome, Windows`` for a user agent header, or nothing when it is none that people know."""
    found = (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))
    return ", ".join(word for word in found if word)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text)), "")


def length(span: timedelta | None, *, brief: bool = False) -> str:
    """Return ``45 s``, ``3 min 20 s``, ``2 h 5 min`` or ``3 d 4 h``; nothing for no span.

    ``brief``: with the language's abbreviations, for tables.
    """
    if span is None:
        return ""
    seconds = max(0, int(span.total_seconds()))
    parts = {"d": seconds // 86400, "h": seconds // 3600 % 24, "min": seconds // 60 % 60, "s": seconds % 60}
    units = _brief_units() if brief else {"d": _("{n} d"), "h": _("{n} h"), "min": _("{n} min"), "s": _("{n} s")}
    told = [units[unit].format(n=n) for unit, n in parts.items() if n]
    return " ".join(told[:2]) or units["s"].format(n=0)


def _brief_units() -> dict[str, str]:
    return {
        "d": pgettext("brief", "{n} d"),
        "h": pgettext("brief", "{n} h"),
        "min": pgettext("brief", "{n} min"),
        "s": pgettext("brief", "{n} s"),
    }


def day_name(moment: datetime) -> str:
    """Return ``Today``, ``Yesterday`` or the date, in the active time zone."""
    day, today = timezone.localtime(moment).date(), timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return _date(day)


def _date(day: date) -> str:
    return date_format(day, "l, j F Y")
