"""Database triggers that notice what no service tells: chats that are deleted, or changed by a cascade or by hand.

The services themselves unset ``Chat.counted`` in the UPDATE that they make anyway, at no cost. But a department that
is deleted empties its chats' column by a bulk UPDATE, an erased visitor's chats are simply gone, and an operator may
repair rows in SQL: none of them passes a service. These triggers do not fire for a message.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from chat.models import Chat, ChatTag

from .definitions import RETURN_DAYS
from .models import ChangedHour

# What figures are made of and a service does not change together with a line of the timeline.
_COLUMNS = (
    "workspace_id", "visitor_id", "created_at", "department_id", "channel", "widget_uid", "page", "trigger_uid",
    "agent_id", "status", "closed_at", "unparked_at", "first_assigned_at", "rating", "rating_comment",
)  # fmt: skip


def before_migrations(using: str = "default", **_: Any) -> None:
    """Take them away in SQLite, which cannot rename a table that a trigger names."""
    if connections[using].vendor == "sqlite":
        _run(using, [f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE])


def after_migrations(using: str = "default", **_: Any) -> None:
    """Put them in place, if their tables are there (a migration may have gone backwards)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if not {Chat._meta.db_table, ChangedHour._meta.db_table} <= tables:
        return
    if connection.vendor == "postgresql":
        _run(using, _POSTGRESQL)
    else:
        _run(using, [f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE])
        _run(using, [f"CREATE TRIGGER {name} {text}" for name, text in _SQLITE.items()])


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


_NAMES = {
    "chat": Chat._meta.db_table,
    "tagged": ChatTag._meta.db_table,
    "changed": ChangedHour._meta.db_table,
    "columns": ", ".join(_COLUMNS),
    "days": RETURN_DAYS,
}
_POSTGRESQL_CHANGED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _COLUMNS)
_SQLITE_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _COLUMNS)

# The hour of a chat that is gone (or is another visitor's now), and those of its visitor's chats that it came back
# from.
_POSTGRESQL_GONE = """
    INSERT INTO {changed} (workspace_id, hour) VALUES (OLD.workspace_id, date_trunc('hour', OLD.created_at, 'UTC'));
    INSERT INTO {changed} (workspace_id, hour)
    SELECT DISTINCT workspace_id, date_trunc('hour', created_at, 'UTC') FROM {chat}
    WHERE visitor_id = OLD.visitor_id AND created_at <= OLD.created_at
      AND closed_at >= OLD.created_at - interval '{days} days';
"""
_POSTGRESQL = [
    text.format(**_NAMES, gone=_POSTGRESQL_GONE.format(**_NAMES), is_changed=_POSTGRESQL_CHANGED).replace("%", "%%")
    for text in (
        """
CREATE OR REPLACE FUNCTION analytics_chat_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {gone} RETURN NULL; END $$
""",
        """
CREATE OR REPLACE FUNCTION analytics_chat_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.counted := false; RETURN NEW; END $$
""",
        """
CREATE OR REPLACE FUNCTION analytics_chat_tagged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {chat} SET counted = false
    WHERE counted AND id = CASE TG_OP WHEN 'DELETE' THEN OLD.chat_id ELSE NEW.chat_id END;
    RETURN NULL;
END $$
""",
        "DROP TRIGGER IF EXISTS analytics_chat_gone ON {chat}",
        "CREATE TRIGGER analytics_chat_gone AFTER DELETE ON {chat} FOR EACH ROW EXECUTE FUNCTION analytics_chat_gone()",
        "DROP TRIGGER IF EXISTS analytics_chat_moved ON {chat}",
        """
CREATE TRIGGER analytics_chat_moved AFTER UPDATE OF visitor_id, workspace_id, created_at ON {chat} FOR EACH ROW
WHEN (OLD.visitor_id <> NEW.visitor_id OR OLD.workspace_id <> NEW.workspace_id OR OLD.created_at <> NEW.created_at)
EXECUTE FUNCTION analytics_chat_gone()
""",
        "DROP TRIGGER IF EXISTS analytics_chat_changed ON {chat}",
        """
CREATE TRIGGER analytics_chat_changed BEFORE UPDATE OF {columns} ON {chat} FOR EACH ROW
WHEN (NEW.counted AND ({is_changed})) EXECUTE FUNCTION analytics_chat_changed()
""",
        "DROP TRIGGER IF EXISTS analytics_chat_tagged ON {tagged}",
        """
CREATE TRIGGER analytics_chat_tagged AFTER INSERT OR DELETE ON {tagged} FOR EACH ROW
EXECUTE FUNCTION analytics_chat_tagged()
""",
    )
]

_SQLITE_GONE = """
    INSERT INTO {changed} (workspace_id, hour) VALUES (OLD.workspace_id, substr(OLD.created_at, 1, 13) || ':00:00');
    INSERT INTO {changed} (workspace_id, hour)
    SELECT DISTINCT workspace_id, substr(created_at, 1, 13) || ':00:00' FROM {chat}
    WHERE visitor_id = OLD.visitor_id AND created_at <= OLD.created_at
      AND julianday(closed_at) >= julianday(OLD.created_at) - {days} - 0.001;
"""
_SQLITE = {
    name: text.format(**_NAMES, gone=_SQLITE_GONE.format(**_NAMES), is_changed=_SQLITE_CHANGED)
    for name, text in {
        "analytics_chat_gone": "AFTER DELETE ON {chat} BEGIN {gone} END",
        "analytics_chat_moved": "AFTER UPDATE OF visitor_id, workspace_id, created_at ON {chat} "
        "WHEN OLD.visitor_id <> NEW.visitor_id OR OLD.workspace_id <> NEW.workspace_id "
        "OR OLD.created_at <> NEW.created_at BEGIN {gone} END",
        "analytics_chat_changed": "AFTER UPDATE OF {columns} ON {chat} WHEN NEW.counted AND ({is_changed}) "
        "BEGIN UPDATE {chat} SET counted = 0 WHERE id = NEW.id; END",
        "analytics_chat_tagged": "AFTER INSERT ON {tagged} "
        "BEGIN UPDATE {chat} SET counted = 0 WHERE counted AND id = NEW.chat_id; END",
        "analytics_chat_untagged": "AFTER DELETE ON {tagged} "
        "BEGIN UPDATE {chat} SET counted = 0 WHERE counted AND id = OLD.chat_id; END",
    }.items()
}
