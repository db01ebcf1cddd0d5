"""Counts what happens in widgets: page views, opened windows, proactive messages. Nothing of who it was."""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import unquote

from django.db import connection, transaction
from django.utils import timezone

from agents.models import Workspace

from .models import NO_UID, WidgetEvent, WidgetHour, WidgetPage

# Pages told apart, of one widget in one day: paths are made up by whoever calls. The rest counts as page "".
PAGES_A_DAY = 200
PAGE_LIMIT = 200
# Which events are counted by page, too.
_OF_PAGES = (WidgetEvent.VIEW, WidgetEvent.OPEN)
# What the rollups count from the chats themselves, and nobody else.
_OF_CHATS = (WidgetEvent.CHAT,)


def note(
    *,
    workspace_id: int,
    widget_uid: uuid.UUID,
    event: str,
    page: str = "",
    trigger_uid: uuid.UUID | None = None,
    now: datetime | None = None,
) -> None:
    """Count one event of a widget: "view", "open", "trigger_shown" or "trigger_answered".

    ``page`` is a path without query; it is cut to what is told apart. Raises ValueError for an unknown event, and
    Workspace.DoesNotExist.
    """
    if event not in WidgetEvent.values or event in _OF_CHATS:
        raise ValueError(f"No such event: {event}")
    there = _there(workspace_id, now)
    hour = there.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        _add(
            WidgetHour,
            workspace_id=workspace_id,
            widget_uid=widget_uid,
            at=hour,
            event=event,
            trigger_uid=trigger_uid or NO_UID,
        )
        if event in _OF_PAGES:
            keys = {"workspace_id": workspace_id, "widget_uid": widget_uid, "day": there.date(), "event": event}
            _add(WidgetPage, **keys, page=_known(keys, _path(page)))


def told_apart(*, workspace_id: int, widget_uid: uuid.UUID, page: str, now: datetime | None = None) -> str:
    """Return the page of a chat that begins now, as it is told apart from others: for :attr:`chat.models.Chat.page`.

    It is written down, with no count, so that the table of pages knows it; how many chats there were, the chats say.
    """
    day = _there(workspace_id, now).date()
    keys = {"workspace_id": workspace_id, "widget_uid": widget_uid, "day": day, "event": WidgetEvent.CHAT.value}
    known = _known(keys, _path(page))
    WidgetPage.objects.bulk_create([WidgetPage(**keys, page=known)], ignore_conflicts=True)
    return known


def _there(workspace_id: int, now: datetime | None) -> datetime:
    """The time in the workspace's zone."""
    zone = Workspace.objects.only("timezone").get(pk=workspace_id).zone
    return (now or timezone.now()).astimezone(zone)


def _path(page: str) -> str:
    """Return a path as people read it: without query and fragment, decoded, no longer than is kept."""
    path = unquote(page.split("?")[0].split("#")[0])
    return "".join(character for character in path if character.isprintable())[:PAGE_LIMIT]


def _known(keys: dict, page: str) -> str:
    """Return the page, or "" when it is new and there are enough for today."""
    today = WidgetPage.objects.filter(**keys)
    return page if today.filter(page=page).exists() or today.count() < PAGES_A_DAY else ""


def _add(model: type[WidgetHour] | type[WidgetPage], **keys: object) -> None:
    """Add one to the row with these keys, in one statement whether or not there is one."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = ", ".join(keys)
    values = [fields[name].get_db_prep_save(value, connection) for name, value in keys.items()]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}, count) VALUES ({', '.join(['%s'] * len(values))}, 1) "  # noqa: S608
            f"ON CONFLICT ({columns}) DO UPDATE SET count = {table}.count + 1",
            values,
        )
