"""What a request leaves in the tables: every cell before and after it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

# Not the work of a request: who is logged in, and what Django keeps about itself.
_APART = {"sessions.Session", "contenttypes.ContentType", "auth.Permission"}
# What any request of somebody may leave, refused ones too: that they were there.
SEEN = {"last_used_at", "last_active_at", "last_login", "changed_at"}
Cell = tuple[str, str, Any, str]
# The present, wherever it is written.
_MOMENT = re.compile(r"20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*")


@dataclass(frozen=True)
class Tables:
    """All rows of all tables, by table and primary key."""

    rows: dict[str, dict[Any, dict[str, Any]]]

    @classmethod
    def now(cls) -> Tables:
        """Read them."""
        return cls({model._meta.db_table: _rows(model) for model in watched()})

    def of_workspace(self, workspace_id: int) -> set[tuple[str, Any]]:
        """Return the rows that say that they are this workspace's."""
        return {
            (table, pk)
            for table, rows in self.rows.items()
            for pk, row in rows.items()
            if workspace_id == row.get("workspace_id", pk if table == "agents_workspace" else None)
        }


def watched() -> list[type[models.Model]]:
    """Return the models whose tables are compared."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and model._meta.label not in _APART]


def _rows(model: type[models.Model]) -> dict[Any, dict[str, Any]]:
    """Return the rows as the database has them: what a field does to its values does not matter."""
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY "{key}"')
        names = [column[0] for column in cursor.description]
        return {row[key]: row for row in (dict(zip(names, values, strict=True)) for values in cursor.fetchall())}


def changes(before: Tables, after: Tables) -> dict[Cell, str]:
    """Return what is different: cells of rows that were there, rows that went, cells of new rows in their order."""
    found: dict[Cell, str] = {}
    for table, rows in after.rows.items():
        old = before.rows[table]
        for pk, row in rows.items():
            if pk in old and row != old[pk]:
                found |= {("changed", table, pk, name): _text(v) for name, v in row.items() if v != old[pk][name]}
        found |= {("gone", table, pk, ""): "" for pk in old.keys() - rows.keys()}
        for place, pk in enumerate(sorted(rows.keys() - old.keys())):
            found |= {("new", table, place, name): _text(value) for name, value in rows[pk].items()}
    return found


def _text(value: Any) -> str:
    return _MOMENT.sub("TIME", json.dumps(value) if isinstance(value, dict | list) else str(value))
