"""See the package. Django finds a backend by the name of this module and class."""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import InterfaceError, OperationalError
from django.db.backends.postgresql import base

from chat.realtime import hub

# A plan may be made while the tables are empty, and must be the right one still when they are not.
_BY_INDEXES = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
# By connection: what it keeps that was planned like this.
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class _Prepared(psycopg.Cursor[Any]):
    """A cursor whose statements the server parses and plans once a connection, to find rows by indexes."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        planned = _planned.setdefault(self.connection, set())
        if query not in planned:
            self.connection.execute(_BY_INDEXES)
            self.connection.prepare_threshold = sys.maxsize  # only what asks for it
            planned.add(query)
        return super().execute(query, params, **{**options, "prepare": True})


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that says when its COMMIT was not answered, and that can keep statements."""

    def _commit(self) -> Any:
        """Commit; of what may stand though nobody was told, every client is reminded.

        Whoever sent something will learn by sending it again that it is stored; the others would not hear of it
        before their next heartbeat.
        """
        try:
            return super()._commit()  # type: ignore[misc]
        except (OperationalError, InterfaceError):
            hub.doubt("a COMMIT was not answered")
            raise

    def _rollback(self) -> Any:
        """Roll back; psycopg forgets its statements with it."""
        _planned.pop(self.connection, None)
        return super()._rollback()  # type: ignore[misc]

    def _configure_connection(self, connection: Any) -> bool:
        """Have what is prepared, by :meth:`prepared_cursor` alone, planned once for all parameters."""
        connection.execute("SET plan_cache_mode = force_generic_plan")
        super()._configure_connection(connection)  # type: ignore[misc]
        return True  # to be committed

    def prepared_cursor(self) -> Any:
        """Return a cursor for a transaction's statements that are the same text again and again, planned once."""
        return self._prepare_cursor(_Prepared(self.connection))  # type: ignore[attr-defined]
