"""Many rows in one statement: a table of values that an UPDATE or a SELECT joins, or that is inserted; and the
transaction in which few such statements cost as little as they can.

On PostgreSQL the values are one parameter of JSON, so that a statement has the same text for one row and for many, and
nobody parses hundreds of placeholders.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import JSONField, Model

_brief = ContextVar("brief", default=False)


@contextmanager
def brief_transaction() -> Iterator[None]:
    """A transaction whose statements, those of :func:`execute`, PostgreSQL plans once a connection.

    For few, small and frequent ones: planning is most of what they cost. Within another transaction, and on SQLite,
    it is like any other.
    """
    with transaction.atomic():
        if connection.vendor != "postgresql" or connection.savepoint_ids:
            yield
            return
        wrapper: Any = connection
        wrapper.plan_once()
        token = _brief.set(True)
        try:
            yield
        finally:
            _brief.reset(token)


def execute(statement: str, parameters: Sequence[Any]) -> Any:
    """Execute a statement, one that finds its rows by indexes and is the same text each time; return its cursor."""
    wrapper: Any = connection
    cursor = wrapper.prepared_cursor() if _brief.get() else wrapper.cursor()
    cursor.execute(statement, parameters)
    return cursor


def as_values(columns: Mapping[str, Any], rows: Iterable[Iterable[Any]]) -> tuple[str, list[Any]]:
    """Return ``WITH v (names) AS (...)`` and its parameters; each column has the type of its model field."""
    fields = tuple(columns.values())
    prepared = [
        [field.get_db_prep_value(value, connection) for field, value in zip(fields, row, strict=True)] for row in rows
    ]
    if connection.vendor == "postgresql":
        records = [dict(zip(columns, row, strict=True)) for row in prepared]
        return f"WITH v AS (SELECT * FROM {_recordset(tuple(columns), fields)})", [_as_json(records)]  # noqa: S608  names of our own
    # SQLite gives a value the type of the column that it is stored in or compared with.
    row = f"({', '.join(['%s'] * len(fields))})"
    values = ", ".join([row] * len(prepared))
    return f"WITH v ({', '.join(columns)}) AS (VALUES {values})", [value for row in prepared for value in row]


def insert(objects: Sequence[Any], *, also: tuple[str, list[Any], str]) -> None:
    """Insert these new objects of one model, which has a ``uid``; they get their ids.

    ``also`` is an UPDATE that goes with it: the values of :func:`as_values`, their parameters, and the statement.
    """
    model: Any = type(objects[0])
    values, parameters, update = also
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(objects)
        execute(f"{values} {update}", parameters)
        return
    records = [{field.column: _plain(field, getattr(each, field.attname)) for field in _new(model)} for each in objects]
    inserted = execute(f"{values}, saved AS ({update}) {_insertion(model)}", [*parameters, _as_json(records)])
    ids: dict[uuid.UUID, int] = dict(inserted.fetchall())
    for each in objects:
        each.pk = ids[each.uid]
        each._state.adding = False
        each._state.db = connection.alias


@lru_cache
def _new(model: type[Model]) -> tuple[Any, ...]:
    """The fields that a new row has before the database has seen it."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


def _plain(field: Any, value: Any) -> Any:
    return value if isinstance(field, JSONField) else field.get_db_prep_value(value, connection)


@lru_cache
def _insertion(model: type[Model]) -> str:
    names = tuple(field.column for field in _new(model))
    columns, source = ", ".join(names), _recordset(names, _new(model))
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {columns} FROM {source} RETURNING uid, id"  # noqa: S608  the same


@lru_cache
def _recordset(names: tuple[str, ...], fields: tuple[Any, ...]) -> str:
    types = ", ".join(f"{name} {field.db_type(connection)}" for name, field in zip(names, fields, strict=True))
    return f"json_to_recordset(%s::json) AS r ({types})"


def _as_json(records: list[dict[str, Any]]) -> str:
    return json.dumps(records, default=_text, ensure_ascii=False)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
