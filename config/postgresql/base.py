"""See the package. Django finds a backend by the name of this module and class."""

from typing import Any

from django.db.backends.postgresql import base

from chat.realtime import hub


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that says when its COMMIT was not answered.

    It may stand, and what should have followed it has not: frames, above all. Whoever sent something will learn by
    sending it again that it is stored; the others would not hear of it before their next heartbeat.
    """

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        except Exception:
            hub.doubt("a COMMIT was not answered")
            raise
