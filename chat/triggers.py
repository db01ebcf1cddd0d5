"""Chats that visitors began by answering a proactive message: which triggers had some, and the chats of one.

A chat keeps its trigger's uid and name as they were. The triggers themselves are known two floors above, may be deleted
since, and are not asked here.
"""

from __future__ import annotations

import uuid
from typing import Literal

from django.db import connection

from .models import Chat
from .models.chats import ChatQuerySet

# One trigger, or whichever.
Wanted = uuid.UUID | Literal["any"]
_MOST = 50

# Hops from one trigger to the next along the index `chat_of_trigger`: the time grows with their number, not with that
# of their chats.
_NAMES = """
WITH RECURSIVE hop (uid) AS (
    SELECT (
        SELECT trigger_uid FROM {chat} WHERE workspace_id = %s AND trigger_uid IS NOT NULL
        ORDER BY trigger_uid LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT trigger_uid FROM {chat} WHERE workspace_id = %s AND trigger_uid > hop.uid
        ORDER BY trigger_uid LIMIT 1
    )
    FROM hop WHERE hop.uid IS NOT NULL
)
SELECT hop.uid, (
    SELECT trigger_name FROM {chat} c WHERE c.workspace_id = %s AND c.trigger_uid = hop.uid
    ORDER BY last_message_at DESC, id DESC LIMIT 1
)
FROM hop WHERE hop.uid IS NOT NULL LIMIT {most}
"""


def begun_by(chats: ChatQuerySet, trigger: Wanted | None) -> ChatQuerySet:
    """Return those of the chats that began by this trigger, or by any; all of them when it is None."""
    if trigger is None:
        return chats
    # What is equal is not null: said to the partial indexes.
    chats = chats.filter(trigger_uid__isnull=False)
    return chats if trigger == "any" else chats.filter(trigger_uid=trigger)


def named(workspace_id: int) -> list[tuple[uuid.UUID, str]]:
    """Return the triggers that began chats of a workspace, with their latest names, by name; at most fifty."""
    sql = _NAMES.format(chat=Chat._meta.db_table, most=_MOST)
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace_id] * 3)
        # SQLite keeps a uid as text.
        found = [(uid if isinstance(uid, uuid.UUID) else uuid.UUID(uid), name) for uid, name in cursor.fetchall()]
    return sorted(found, key=lambda one: one[1].casefold())


def name_of(workspace_id: int, trigger: uuid.UUID) -> str:
    """Return the latest name of a trigger of the workspace's chats, empty when it began none."""
    chats = begun_by(Chat.objects.of(workspace_id), trigger).order_by("-last_message_at", "-id")
    return chats.values_list("trigger_name", flat=True).first() or ""
