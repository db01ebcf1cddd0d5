"""What a row of an export says: the fields of the history contract and what people ask about beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models import Workspace

from .. import history, queries
from ..history import Times
from ..models import Channel, Chat
from ..sheets import COUNT, LENGTH, TEXT, TIME, Value
from .asking import MET, MISSED, outcomes


@dataclass(frozen=True)
class Ended:
    """An ended chat with what a row needs beside it. Visitor, agent (with user) and department are joined."""

    chat: Chat
    times: Times
    tags: list[str]
    widget: str
    outcome: str
    zone: ZoneInfo

    def local(self, moment: datetime | None) -> datetime | None:
        """Return a time of the workspace's zone, to the second."""
        return moment and moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)


@dataclass(frozen=True)
class Column:
    """One column: its head, what its values are, how wide it is, and how one is read."""

    head: str | Promise
    unit: str
    width: int
    value: Callable[[Ended], Value]


COLUMNS: tuple[Column, ...] = (
    Column(_("Ticket"), COUNT, 10, lambda row: row.chat.ticket_no),
    Column(pgettext_lazy("of a chat", "Began"), TIME, 19, lambda row: row.local(row.chat.created_at)),
    Column(_("Agent joined"), TIME, 19, lambda row: row.local(row.times.met)),
    Column(_("Ended"), TIME, 19, lambda row: row.local(row.times.ended)),
    Column(_("Outcome"), TEXT, 20, lambda row: row.outcome),
    Column(_("Waited"), LENGTH, 10, lambda row: timedelta(seconds=row.times.waited)),
    Column(_("With an agent"), LENGTH, 14, lambda row: timedelta(seconds=row.times.answered)),
    Column(_("Duration"), LENGTH, 10, lambda row: timedelta(seconds=row.times.lasted)),
    Column(_("Channel"), TEXT, 10, lambda row: str(Channel(row.chat.channel).label)),
    Column(_("Department"), TEXT, 16, lambda row: row.chat.department.name if row.chat.department else None),
    Column(_("Agent"), TEXT, 20, lambda row: row.chat.agent.name if row.chat.agent else None),
    Column(_("Agent’s e-mail"), TEXT, 24, lambda row: _email(row.chat)),
    Column(_("Visitor"), TEXT, 20, lambda row: row.chat.visitor.name),
    Column(_("E-mail"), TEXT, 24, lambda row: row.chat.visitor.email),
    Column(_("Phone"), TEXT, 16, lambda row: row.chat.visitor.phone),
    Column(_("Visitor ID"), COUNT, 10, lambda row: row.chat.visitor_id),
    Column(_("Tags"), TEXT, 20, lambda row: ", ".join(row.tags)),
    Column(_("Rating"), COUNT, 8, lambda row: row.chat.rating),
    Column(_("Comment"), TEXT, 30, lambda row: row.chat.rating_comment),
    Column(_("Proactive message"), TEXT, 20, lambda row: row.chat.trigger_name),
    Column(_("Page"), TEXT, 30, lambda row: history.came_from(row.chat, "url")),
    Column(_("Came from"), TEXT, 30, lambda row: history.came_from(row.chat, "referrer")),
    Column(_("Widget"), TEXT, 16, lambda row: row.widget),
    Column(_("Facebook page"), TEXT, 16, lambda row: history.facebook_page(row.chat)),
    Column(_("Chat ID"), TEXT, 38, lambda row: str(row.chat.uid)),
    Column(_("Chat number"), COUNT, 12, lambda row: row.chat.pk),
)


def _email(chat: Chat) -> str | None:
    return chat.agent.user.email if chat.agent and chat.agent.user else None


def rows(workspace: Workspace, found: Iterable[list[Chat]]) -> Iterator[list[list[Value]]]:
    """Yield the rows of some chats at a time, in the active language."""
    # Widgets are of a floor above: known here by the workspace that has them, and by name only.
    widgets: dict[UUID, str] = dict(workspace.widgets.values_list("uid", "name"))
    shown = dict(outcomes())
    for chats in found:
        tags = queries.tags_of(chats)
        ended = [
            Ended(
                chat=chat,
                times=history.times_of(chat),
                tags=tags[chat.pk],
                widget=widgets.get(chat.widget_uid, "") if chat.widget_uid else "",
                outcome=shown[MET if chat.first_assigned_at else MISSED],
                zone=workspace.zone,
            )
            for chat in chats
        ]
        yield [[column.value(row) for column in COLUMNS] for row in ended]
