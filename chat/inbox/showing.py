"""What the templates add to the protocol's objects: which words stand in a row, where a group of bubbles begins."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents.models import Agent

from .. import commands, snapshots
from ..models import Chat, Message, Priority
from . import rendering, words

Object = dict[str, Any]
# Bubbles of one author within this time stand together.
GROUP = timedelta(minutes=5)


def row_of(chat: Chat) -> Object:
    """A chat as the protocol's row, with the words that ``row.html`` shows. Visitor, agent, department joined."""
    row = rendering.row(snapshots.of_chat(chat), tags=[])
    waiting = row["status"] == "waiting"
    return {
        **row,
        "parked": chat.is_parked(),
        "shown_at": row["queued_at"] if waiting else row["last_at"],
        "sort": row["last_at"],
        "preview": row["last_text"],
        "show_agent": bool(row["agent"]),
        "state": _state(row),
        "priority_label": str(Priority(chat.priority).label),
        "trigger_label": _("Answered the trigger “{name}”").format(name=chat.trigger_name) if chat.trigger_uid else "",
    }


def _state(row: Object) -> str:
    """What colours and dots say, in words for those who hear the list."""
    unread = _("{n} unread").format(n=row["unread"]) if row["unread"] else ""
    if row["parked_until"]:
        state = _("Waits until you open")
    elif row["status"] == "waiting":
        state = _("Waiting")
    elif row["status"] == "closed":
        state = _("Closed")
    else:
        state = _("With {name}").format(name=row["agent"]["name"])
    return ", ".join(word for word in (state, unread) if word)


def entries_of(messages: list[Message], chat: Chat) -> list[Object]:
    """Timeline entries with what ``entry.html`` shows: the author, day separators, where groups begin, receipts.

    ``rich`` is the JSON of a rich message, for ``static/inbox/rich.js`` to draw.
    """
    name = rendering.visitor_name(snapshots.of_visitor(chat.visitor))
    commands.attach(messages)
    shown: list[Object] = []
    for message in messages:
        entry = rendering.message(snapshots.of_message(message), chat.uid.hex)
        before = shown[-1] if shown else None
        shown.append({**entry, **_author(entry, name), **_marks(entry), **_place(entry, before)})
        if rich := entry["payload"].get("rich"):
            shown[-1]["rich"] = json.dumps(rich)
    return shown


def _author(entry: Object, visitor: str) -> Object:
    if entry["agent"]:
        return {"author": entry["agent"]["name"], "author_uid": entry["agent"]["uid"]}
    if trigger := entry["payload"].get("trigger"):
        return {"author": _("Automatic: {name}").format(name=trigger["name"]), "author_uid": entry["by"]}
    return {"author": visitor if entry["by"] == "visitor" else _("Integration"), "author_uid": entry["by"]}


def _marks(entry: Object) -> Object:
    """Receipts are of what the team said to the visitor."""
    if entry["by"] == "visitor" or entry["kind"] in ("note", "event"):
        return {"state": "", "state_label": ""}
    if entry["read_at"]:
        return {"state": "read", "state_label": _("Read")}
    if entry["delivered_at"]:
        return {"state": "delivered", "state_label": _("Delivered")}
    return {"state": "sent", "state_label": _("Sent")}


def _place(entry: Object, before: Object | None) -> Object:
    at = _at(entry)
    new_day = before is None or timezone.localtime(_at(before)).date() != timezone.localtime(at).date()
    return {"day": words.day_name(at) if new_day else "", "first": new_day or _begins_group(entry, before)}


def _begins_group(entry: Object, before: Object | None) -> bool:
    if before is None or before["kind"] == "event" or (before["kind"] == "note") != (entry["kind"] == "note"):
        return True
    same = (before["by"], before["agent"]) == (entry["by"], entry["agent"])
    return not same or _at(entry) - _at(before) > GROUP


def _at(entry: Object) -> datetime:
    at = parse_datetime(entry["at"])
    assert at is not None
    return at


def blanks(me: Agent) -> Object:
    """The empty shapes that scripts fill, drawn by the templates of the real ones."""
    row = {"uid": "", "visitor": {"uid": "0", "name": "", "online": False}, "agent": {"name": ""}, "priority": "medium"}
    entry = {"kind": "text", "author": "", "author_uid": "", "body": " ", "state": "sent", "attachments": []}
    card = {"title": " ", "name": "", "value": " ", "state": "owed", "answer": [], "problem": ""}
    return {
        "row": {**row, "unread": 0},
        "card": {"chat": me.uid.hex, "seq": 0, "card": card},
        "bubble": entry,
        "note": {**entry, "kind": "note"},
        "event": {"kind": "event", "payload": {}},
        "image": {"type": "image"},
        "file": {"type": "file", "size": 0},
    }
