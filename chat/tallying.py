"""Keeps the tallies of ended chats: the database's triggers add to them, and many rows become few now and then.

A total over a million chats is then a sum over some thousand rows, exact in the moment at which it is read, and asking
for the nine-hundredth page walks one month of an index, not all of it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db import connections, transaction
from django.db.models import Count

from .models import Chat, Tally

# A month with more rows than this that are not settled is summed up.
_MANY = 100
_KEY = ("workspace_id", "channel", "month", "agent_id", "department_id", "met", "proactive")
_COLUMNS = (
    "workspace_id", "status", "channel", "created_at", "agent_id", "department_id", "first_assigned_at", "trigger_uid",
)  # fmt: skip


def settle(many: int = _MANY) -> int:
    """Sum up the months that have many rows of one; return how many rows went. Safe with any number of workers."""
    found = Tally.objects.filter(settled=False).values_list("workspace_id", "channel", "month")
    crowded = found.annotate(n=Count("id")).filter(n__gt=many).order_by("n")
    return sum(_settle(*month) for *month, _n in crowded)


@transaction.atomic
def _settle(workspace_id: int, channel: str, month: date) -> int:
    """Put the sums in the place of the rows. Whatever is added meanwhile stays as it is."""
    rows = Tally.objects.filter(workspace_id=workspace_id, channel=channel, month=month)
    # Those that another worker sums up at this moment are its own.
    seen = rows.order_by("id").select_for_update(skip_locked=True)
    sums: Counter[tuple[Any, ...]] = Counter()
    ids = []
    for pk, chats, *key in seen.values_list("id", "chats", *_KEY):
        sums[tuple(key)] += chats
        ids.append(pk)
    Tally.objects.filter(pk__in=ids).delete()
    Tally.objects.bulk_create(
        Tally(**dict(zip(_KEY, key, strict=True)), chats=chats, settled=True) for key, chats in sums.items() if chats
    )
    return len(ids)


# -- triggers ----------------------------------------------------------------------------------------------------------


def before_migrations(using: str = "default", **_: Any) -> None:
    """Take the triggers away in SQLite, which cannot rename a table that a trigger names."""
    if connections[using].vendor == "sqlite":
        _run(using, [f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE])


def after_migrations(using: str = "default", **_: Any) -> None:
    """Put the triggers in place where they are not, and count anew in the same transaction: nothing ends between."""
    connection = connections[using]
    if not {Chat._meta.db_table, Tally._meta.db_table} <= set(connection.introspection.table_names()):
        return
    with transaction.atomic(using=using):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_trigger WHERE tgname = 'chat_tally' AND tgrelid = %s::regclass", [_CHAT])
                if cursor.rowcount:
                    return
            _run(using, [*_POSTGRESQL, _EMPTY, _FILL.format(month=_PG_MONTH.format(row="chat"))])
        else:
            # Emptying the tables of a test database tells of this, too, with the triggers in place.
            before_migrations(using)
            _run(using, [f"CREATE TRIGGER {name} {text}" for name, text in _SQLITE.items()])
            _run(using, [_EMPTY, _FILL.format(month=_LITE_MONTH.format(row="chat"))])


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


_CHAT, _TALLY = Chat._meta.db_table, Tally._meta.db_table
_PG_MONTH = "date_trunc('month', {row}.created_at AT TIME ZONE 'UTC')::date"
_LITE_MONTH = "substr({row}.created_at, 1, 7) || '-01'"
_INTO = f"INSERT INTO {_TALLY} (workspace_id, channel, month, agent_id, department_id, met, proactive, chats, settled)"
_VALUES = (
    "{row}.workspace_id, {row}.channel, {month}, COALESCE({row}.agent_id, 0), COALESCE({row}.department_id, 0),"
    " {row}.first_assigned_at IS NOT NULL, {row}.trigger_uid IS NOT NULL"
)
_EMPTY = f"DELETE FROM {_TALLY}"  # noqa: S608  names of our own
_FILL = (
    f"{_INTO} SELECT {_VALUES.format(row='chat', month='{month}')}, count(*), TRUE FROM {_CHAT} AS chat"  # noqa: S608
    " WHERE chat.status = 'closed' GROUP BY 1, 2, 3, 4, 5, 6, 7"
)


def _add(row: str, month: str, chats: int) -> str:
    values = _VALUES.format(row=row, month=month.format(row=row))
    return f"{_INTO} SELECT {values}, {chats}, FALSE WHERE {row}.status = 'closed';"


_WATCHED = ", ".join(_COLUMNS)
_PG_CHANGED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _COLUMNS)
_LITE_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _COLUMNS)
_POSTGRESQL = [
    f"""
CREATE OR REPLACE FUNCTION chat_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN {_add("OLD", _PG_MONTH, -1)} END IF;
    IF TG_OP <> 'DELETE' THEN {_add("NEW", _PG_MONTH, 1)} END IF;
    RETURN NULL;
END $$
""",
    f"CREATE TRIGGER chat_tally AFTER INSERT OR DELETE ON {_CHAT} FOR EACH ROW EXECUTE FUNCTION chat_tally()",
    f"CREATE TRIGGER chat_tally_changed AFTER UPDATE OF {_WATCHED} ON {_CHAT} FOR EACH ROW"
    f" WHEN ((OLD.status = 'closed' OR NEW.status = 'closed') AND ({_PG_CHANGED})) EXECUTE FUNCTION chat_tally()",
]
_SQLITE = {
    "chat_tally_made": f"AFTER INSERT ON {_CHAT} WHEN NEW.status = 'closed' BEGIN {_add('NEW', _LITE_MONTH, 1)} END",
    "chat_tally_gone": f"AFTER DELETE ON {_CHAT} WHEN OLD.status = 'closed' BEGIN {_add('OLD', _LITE_MONTH, -1)} END",
    "chat_tally_changed": f"AFTER UPDATE OF {_WATCHED} ON {_CHAT}"
    f" WHEN (OLD.status = 'closed' OR NEW.status = 'closed') AND ({_LITE_CHANGED})"
    f" BEGIN {_add('OLD', _LITE_MONTH, -1)} {_add('NEW', _LITE_MONTH, 1)} END",
}
