"""What widgets tell of themselves (docs/protocol.md): how often they were seen, opened, and answered to."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from agents.ids import decode
from agents.models import Workspace
from analytics import counting
from widget.matching import site_of_page
from widget.queries import find_trigger, widget_for

from .requests import WidgetEvent


def count(workspace: Workspace, events: list[WidgetEvent]) -> None:
    """Count them. A page of no site of the workspace, and a trigger that is not its own, count for nothing."""
    for happened in events:
        site = site_of_page(happened.page)
        widget = site and widget_for(workspace, site, happened.page)
        trigger = _trigger(workspace, happened.trigger_id)
        if not widget or (happened.event.startswith("trigger_") and trigger is None):
            continue
        counting.note(
            workspace_id=workspace.pk,
            widget_uid=widget.uid,
            event=happened.event,
            page=urlsplit(happened.page).path,
            trigger_uid=trigger,
        )


def page_of_chat(workspace: Workspace, widget_uid: uuid.UUID, page: str) -> str:
    """Return the page of a chat that is about to begin, as reports tell pages apart."""
    return counting.told_apart(workspace_id=workspace.pk, widget_uid=widget_uid, page=urlsplit(page).path)


def _trigger(workspace: Workspace, trigger_id: str) -> uuid.UUID | None:
    """The uid of the trigger, or of the widget whose own message it was."""
    if uid := decode("widget", trigger_id):
        return uid if workspace.widgets.filter(uid=uid).exists() else None
    uid = decode("trigger", trigger_id)
    return uid if uid and find_trigger(workspace, uid) else None
