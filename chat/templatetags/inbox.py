"""How the inbox's templates draw people, times and icons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

_HUES = 8


@register.simple_tag
def icon(name: str) -> SafeString:
    """One picture of the sprite; decoration, so the words beside it must say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("inbox/icons.svg"), name
    )


@register.filter
def initials(name: str) -> str:
    """Up to two letters for an avatar."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])]
    return "".join(letters).upper() or "?"


@register.filter
def hue(uid: str) -> str:
    """A class that gives the same person the same colour everywhere. ``static/inbox/people.js`` does the same."""
    return f"hue-{int(str(uid)[-6:] or '0', 16) % 31 % _HUES}"


@register.filter
def capped(count: int, most: int = 99) -> str:
    """A count that never takes more room than ``99+``."""
    return f"{most}+" if count > most else str(count)


def as_time(value: Any) -> datetime | None:
    """A time given as such or as an ISO string."""
    return value if isinstance(value, datetime) else parse_datetime(value) if value else None


def age(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, as short as can be. ``static/inbox/times.js`` does the same."""
    seconds = int(((now or timezone.now()) - moment).total_seconds())
    if seconds < 60:
        return _("now")
    if seconds < 3600:
        return _("{n}m").format(n=seconds // 60)
    if seconds < 86400:
        return _("{n}h").format(n=seconds // 3600)
    if seconds < 7 * 86400:
        return _("{n}d").format(n=seconds // 86400)
    return date_format(timezone.localtime(moment), "j M")


@register.simple_tag
def ago(value: Any) -> SafeString | str:
    """A time as its age, the exact one on hover; the page keeps it ticking."""
    moment = as_time(value)
    return _time(moment, age(moment), "ago") if moment else ""


@register.simple_tag
def clock(value: Any) -> SafeString | str:
    """A time of the day, the exact one on hover."""
    moment = as_time(value)
    return _time(moment, timezone.localtime(moment).strftime("%H:%M"), "clock") if moment else ""


def opening(moment: datetime, now: datetime | None = None) -> str:
    """When it opens: the hour, with the day if that is another one. ``static/inbox/times.js`` does the same."""
    local = timezone.localtime(moment)
    hour = local.strftime("%H:%M")
    same_day = local.date() == timezone.localtime(now or timezone.now()).date()
    return hour if same_day else f"{date_format(local, 'j M')}, {hour}"


@register.simple_tag
def until(value: Any) -> SafeString | str:
    """A time that is to come."""
    at = as_time(value)
    return _time(at, opening(at), "until") if at else ""


@register.simple_tag
def moment(value: Any) -> SafeString | str:
    """A date and a time."""
    at = as_time(value)
    return _time(at, date_format(timezone.localtime(at), "j M Y, H:i"), "moment") if at else ""


def _time(at: datetime, text: str, shape: str) -> SafeString:
    iso = timezone.localtime(at, timezone.get_fixed_timezone(0)).isoformat().replace("+00:00", "Z")
    exact = date_format(timezone.localtime(at), "j F Y, H:i")
    return format_html('<time datetime="{}" data-time="{}" title="{}">{}</time>', iso, shape, exact, text)


@register.filter
def file_size(size: int) -> str:
    """Bytes for people: 340 KB, 1.2 MB. ``static/inbox/message.js`` does the same."""
    kilobytes = size / 1024
    return f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{max(1, round(kilobytes))} KB"
