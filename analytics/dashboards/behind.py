"""The chats behind a figure: the same days, filters and definition, as a list that leads into the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat import snapshots
from chat.access import Actor, visible_chats
from chat.errors import Invalid
from chat.inbox import rendering
from chat.models import Chat, Tag
from chat.models.chats import ChatQuerySet

from .. import chats as counted
from ..definitions import METRICS
from . import words
from .asking import Asked, Choice, Unclear
from .shapes import Comment

HOURS_OF_WEEK = 7 * 24
# What an address calls the pages that are not told apart; a path begins with a slash.
OTHER_PAGES = "other"
# The backlog is no matter of days: what an address calls ``now``.
BACKLOG = ("open", "waiting", "parked", "active", "unanswered")


@dataclass(frozen=True)
class Narrowed:
    """What an address names beside period and filters: the figure, and the tag, trigger, page or hour of the week."""

    figure: str = "total"
    now: str = ""
    tag: Tag | None = None
    trigger: Choice | None = None
    # Of the widget that is filtered by; "" is all pages that are not told apart.
    page: str | None = None
    # Weekday (Monday is 0) * 24 + hour.
    at: int | None = None

    @property
    def _rows(self) -> dict[str, str]:
        return {
            "tag": self.tag.name if self.tag else "",
            "trigger": self.trigger.value if self.trigger else "",
        }

    @property
    def query(self) -> dict[str, str]:
        """What the next page's address carries on."""
        named = {"now": self.now} if self.now else {"figure": self.figure}
        at = "" if self.at is None else str(self.at)
        page = {} if self.page is None else {"page": self.page or OTHER_PAGES}
        return {name: value for name, value in {**named, **self._rows, "at": at, **page}.items() if value}


def narrowed(query: Mapping[str, str], asked: Asked) -> Narrowed:
    """Return what an address names. Raises Unclear for what counts no chats."""
    figure, now = query.get("figure", "total"), query.get("now", "")
    if figure not in counted.FIGURES or (now and now not in BACKLOG):
        raise Unclear(_("There is no such figure."), asked.query)
    return Narrowed(
        figure,
        now,
        _tag(query.get("tag", ""), asked),
        _trigger(query.get("trigger", ""), asked),
        _page(query.get("page", ""), asked),
        _hour_of_week(query.get("at", ""), asked),
    )


def _tag(name: str, asked: Asked) -> Tag | None:
    found = asked.seat.workspace.tags.filter(name=name).first() if name else None
    if name and found is None:
        raise Unclear(_("There is no such tag any more."), asked.query)
    return found


def _trigger(uid: str, asked: Asked) -> Choice | None:
    found = next((each for each in asked.choices.get("trigger", []) if each.value == uid), None)
    if uid and found is None:
        raise Unclear(_("There is no such proactive message any more."), asked.query)
    return found


def _page(path: str, asked: Asked) -> str | None:
    if path and asked.where.widget_uid is None:
        raise Unclear(_("Choose the widget whose page this is."), asked.query)
    return "" if path == OTHER_PAGES else path or None


def _hour_of_week(text: str, asked: Asked) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) < HOURS_OF_WEEK):
        raise Unclear(_("There is no such hour."), asked.query)
    return int(text)


def chats(asked: Asked, which: Narrowed) -> ChatQuerySet:
    """Return the chats that a figure counts; of those, what who asks may see."""
    if which.now:
        found = counted.open_now(asked.seat.workspace, asked.where, which.now)
    else:
        found = counted.chats(
            asked.span,
            asked.where,
            which.figure,
            tag_id=which.tag.pk if which.tag else None,
            hour_of_week=which.at,
            trigger_uid=UUID(which.trigger.value) if which.trigger else None,
            page=which.page,
        )
    # Somebody's own share may hold chats that have gone where they cannot follow.
    return found.filter(pk__in=visible_chats(Actor.of_agent(asked.seat)).values("pk")) if asked.own else found


def page(asked: Asked, which: Narrowed, cursor: str) -> tuple[list[Chat], str]:
    """Return one page of chats, the youngest first, and the cursor of the next, empty at the end. Raises Unclear."""
    try:
        return counted.page(chats(asked, which), cursor)
    except Invalid:
        raise Unclear(_("The list begins anew."), {**asked.query, **which.query}) from None


# -- what the list is called -------------------------------------------------------------------------------------------


def title(which: Narrowed) -> str:
    """Return what the list shows."""
    if which.now:
        return {
            "open": _("Open now"),
            "waiting": _("Waiting now"),
            "parked": _("Waiting until the team opens"),
            "active": _("Being answered now"),
            "unanswered": _("Awaiting a reply"),
        }[which.now]
    kind, _line, number = which.figure.rpartition("_")
    if kind == "rating":
        return ngettext("Rated with {n} star", "Rated with {n} stars", int(number)).format(n=number)
    if kind in ("within", "late"):
        time = words.duration(int(number))
        return (_("Answered within {time}") if kind == "within" else _("Not answered within {time}")).format(time=time)
    return _plain_title(which.figure)


def _plain_title(figure: str) -> str:
    named = {
        "satisfaction": _("Rated chats"),
        "commented": _("Rated with a comment"),
        "content": _("Content visitors"),
        "came_back": _("The visitor came back within a week"),
        "unanswered": _("Ended without an answer"),
        "bot": _("Chats with a bot"),
    }
    return named.get(figure) or str(METRICS[figure][0])


def definition(which: Narrowed) -> str:
    """Return the definition of the figure behind the list."""
    if which.now:
        return str(METRICS["backlog"][1])
    name = "service_level" if which.figure.startswith(("within_", "late_")) else which.figure
    return str(METRICS[name][1]) if name in METRICS else ""


def also(asked: Asked, which: Narrowed) -> list[str]:
    """Return in words which chats these are: the days, the filters, the tag, the hour."""
    told = [] if which.now else [asked.days]
    for name, value in asked.filters.items():
        told += [choice.name for choice in asked.choices[name] if choice.value == value]
    if which.tag:
        told.append(_("Tag: {name}").format(name=which.tag.name))
    if which.trigger:
        told.append(_("Proactive message: {name}").format(name=which.trigger.name))
    if which.page is not None:
        told.append(_("Page: {path}").format(path=which.page or _("All other pages")))
    if which.at is not None:
        day, hour = divmod(which.at, 24)
        told.append(f"{words.weekday(day)}, {words.hour(hour)}–{words.hour((hour + 1) % 24)}")
    return told


# -- comments ----------------------------------------------------------------------------------------------------------


def comments(asked: Asked, most: int) -> list[Comment]:
    """Return the latest comments of the period, the newest first."""
    found, _cursor = counted.page(chats(asked, Narrowed("commented")), limit=most)
    return [_comment(chat) for chat in found]


def _comment(chat: Chat) -> Comment:
    return Comment(
        stars=chat.rating or 0,
        text=chat.rating_comment,
        visitor=rendering.visitor_name(snapshots.of_visitor(chat.visitor)),
        visitor_uid=chat.visitor.uid.hex,
        agent=chat.agent.name if chat.agent else "",
        at=chat.rated_at or chat.created_at,
        url=reverse("inbox:chat", args=[chat.uid.hex]),
    )
