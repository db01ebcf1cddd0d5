"""What the reports' templates need around the parts: the menu, the periods, the filters, the files to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.inbox import contexts, showing
from chat.inbox.seats import SeatedRequest
from chat.models import Chat

from . import behind
from .asking import PERIODS, Asked, Choice
from .behind import Narrowed
from .reports import REPORTS, Report
from .shapes import Part

Context = dict[str, Any]


class AskedRequest(SeatedRequest):
    """A request whose address was understood."""

    asked: Asked


def report(request: AskedRequest, which: Report, parts: Sequence[Part]) -> Context:
    """Return the context of a report's page."""
    asked = request.asked
    address = reverse("analytics:report", args=[which.name])
    return {
        **_around(request, which.name, str(which.title)),
        "parts": parts,
        "periods": _periods(asked, address),
        "custom": _custom(asked),
        "filters": _filters(asked, which.filters),
        "kept": _kept(asked),
        "clear_url": asked.link(address, **dict.fromkeys(asked.filters, "")) if asked.filters else "",
        "xlsx_url": asked.link(reverse("analytics:xlsx", args=[which.name])),
        "tables": [
            {"title": table.title, "url": asked.link(reverse("analytics:csv", args=[which.name, table.name]))}
            for part in parts
            for table in part.tables()
        ],
        "live_url": asked.link(address, part="now"),
    }


def _around(request: AskedRequest, current: str, title: str) -> Context:
    """Return what all pages of the reports share: the frame, and the menu, which carries on what was asked for."""
    asked = request.asked
    own = request.seat
    return {
        **contexts.frame(request, "analytics"),
        "page_title": title,
        "asked": asked,
        "title": title,
        "heading": _("{report}: {name}").format(report=title, name=own.name) if asked.own else title,
        "menu": [
            {
                "name": each.name,
                "title": each.title,
                "icon": each.icon,
                "url": asked.link(reverse("analytics:report", args=[each.name])),
                "current": each.name == current,
            }
            for each in REPORTS.values()
            if each.own or own.supervises
        ],
    }


def _periods(asked: Asked, address: str) -> list[Context]:
    """Return the choices of the period, each as an address that keeps the filters."""
    titles = {"today": _("Today"), "7": _("7 days"), "30": _("30 days"), "90": _("90 days")}
    return [
        {
            "title": titles[name],
            "url": asked.link(address, first="", last="", period=name),
            "current": asked.period == name,
        }
        for name in PERIODS
    ]


def _custom(asked: Asked) -> Context:
    return {
        "current": asked.period == "custom",
        "first": asked.span.first.isoformat(),
        "last": asked.span.last.isoformat(),
        "today": timezone.localdate().isoformat(),
        "filters": asked.filters,
    }


def _filters(asked: Asked, names: Sequence[str]) -> list[Context]:
    """Return the selects; one with a single choice filters nothing and is left out."""
    titles: Mapping[str, tuple[str, str]] = {
        "department": (_("Department"), _("All departments")),
        "channel": (_("Channel"), _("All channels")),
        "agent": (_("Agent"), _("Everybody")),
        "widget": (_("Widget"), _("All widgets")),
    }
    return [
        {
            "name": name,
            "title": titles[name][0],
            "all": titles[name][1],
            "choices": asked.choices[name],
            "value": asked.filters.get(name, ""),
        }
        for name in names
        if _useful(asked.choices.get(name, [])) or asked.filters.get(name)
    ]


def _useful(choices: Sequence[Choice]) -> bool:
    return len(choices) > 1


def _kept(asked: Asked) -> dict[str, str]:
    """Return what the filters' form carries on without showing it: the period."""
    return {name: value for name, value in asked.query.items() if name not in asked.filters}


# -- the chats behind a figure -----------------------------------------------------------------------------------------


def chats(request: AskedRequest, which: Narrowed, found: Sequence[Chat], cursor: str) -> Context:
    """Return the context of the list behind a figure."""
    asked = request.asked
    address = reverse("analytics:chats")
    whole = not cursor and not request.GET.get("cursor")
    return {
        **_around(request, "", behind.title(which)),
        "definition": behind.definition(which),
        "also": behind.also(asked, which),
        "rows": [_row(chat) for chat in found],
        "count": len(found) if whole else behind.chats(asked, which).count(),
        "more_url": asked.link(address, **which.query, cursor=cursor) if cursor else "",
        "back_url": asked.link(reverse("analytics:overview")),
    }


def _row(chat: Chat) -> Context:
    """Return a chat as the list draws it: the inbox's row, with when it began and what became of it."""
    return {
        **showing.row_of(chat),
        "channel_label": chat.get_channel_display(),
        "status_label": chat.get_status_display(),
        "stars": range(chat.rating or 0),
    }


def refused(request: AskedRequest) -> Context:
    """Return the context of the page for who may not see a report."""
    return _around(request, "", _("For supervisors only"))
