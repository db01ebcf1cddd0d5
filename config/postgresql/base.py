"""See the package. Django finds a backend by the name of this module and class."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from chat.realtime import hub

# A plan may be made while the tables are empty, and anew whenever they are analysed or emptied: it must still be the
# right one when they have grown.
_PLAN_ONCE_BY_INDEXES = """
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""


class _Prepared(psycopg.Cursor[Any]):
    """A cursor whose statements the server parses once a connection."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        # Nothing else is prepared, nor looked at: psycopg would forget all statements with a savepoint.
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params, **options)
        finally:
            self.connection.prepare_threshold = None


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that says when its COMMIT was not answered, and that can keep statements."""

    def _commit(self) -> Any:
        """Commit; of what may stand though nobody was told, every client is reminded.

        Whoever sent something will learn by sending it again that it is stored; the others would not hear of it
        before their next heartbeat.
        """
        try:
            return super()._commit()  # type: ignore[misc]
        except Exception:
            hub.doubt("a COMMIT was not answered")
            raise

    def plan_once(self) -> None:
        """Have what :meth:`prepared_cursor` executes planned once for all parameters, until this transaction ends."""
        assert self.connection is not None
        self.connection.execute(_PLAN_ONCE_BY_INDEXES)

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that are the same text again and again, and find their rows by indexes."""
        return self._prepare_cursor(_Prepared(self.connection))  # type: ignore[attr-defined]
