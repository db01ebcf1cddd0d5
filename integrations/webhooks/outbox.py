"""The outbox: what happened becomes deliveries that are owed, in the transaction in which it happened.

One statement, whoever listens: an INSERT that finds the interested subscriptions itself. Nothing is
cached, so a subscription hears of everything that begins after it was committed, from whichever process.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from chat.events import Event
from chat.services import rows

from . import bell, mapping
from .models import Delivery, Subscription

_WANTED = """
WITH said AS ({said})
SELECT said.workspace_id, said.event FROM said
WHERE EXISTS (SELECT 1 FROM {subscription} listener WHERE listener.workspace_id = said.workspace_id AND listener.active
              AND {wants})
"""
_INSERT = """
INSERT INTO {delivery} (workspace_id, subscription_id, uid, event, payload, created_at, owed_since, next_at, attempts)
WITH said AS ({said})
SELECT listener.workspace_id, listener.id, {uid}, said.event, said.payload, said.at, said.at, said.at, 0
FROM said JOIN {subscription} listener ON listener.workspace_id = said.workspace_id AND listener.active AND {wants}
ORDER BY said.n, listener.id
"""
# What was said is one parameter: the statement has the same text for one event and for many.
_DIALECTS = {
    "postgresql": {
        "said": "SELECT * FROM json_to_recordset(%s::json)"
        " AS r (n int, workspace_id bigint, event text, payload jsonb, at timestamptz)",
        "uid": "gen_random_uuid()",
        "wants": "listener.events @> jsonb_build_array(said.event)",
    },
    "sqlite": {
        "said": "SELECT json_extract(value, '$.n') AS n, json_extract(value, '$.workspace_id') AS workspace_id,"
        " json_extract(value, '$.event') AS event, json_extract(value, '$.payload') AS payload,"
        " json_extract(value, '$.at') AS at FROM json_each(%s)",
        "uid": "lower(hex(randomblob(16)))",
        "wants": "EXISTS (SELECT 1 FROM json_each(listener.events) WHERE json_each.value = said.event)",
    },
}


def record(happened: Sequence[Event]) -> None:
    """Owe what happened to every interested subscription of its workspace. A sink of ``chat.events.record()``.

    Of several, those that nobody wants to hear are not even put into words; for a single one that is not asked.
    """
    heard = happened if len(happened) == 1 else _heard(happened)
    told = [(event.workspace_id, *said) for event in heard if (said := mapping.public(event))]
    if told:
        _insert(told)


def _heard(happened: Sequence[Event]) -> list[Event]:
    """Return what somebody wants to hear: one statement, of which most of the time nothing comes back."""
    named = [(event, name) for event in happened if (name := mapping.name_of(event))]
    if not named:
        return []
    pairs = {(event.workspace_id, name) for event, name in named}
    said = [{"workspace_id": workspace, "event": name} for workspace, name in pairs]
    wanted = set(rows.execute(_statement(_WANTED, connection.vendor), [json.dumps(said)]).fetchall())
    return [event for event, name in named if (event.workspace_id, name) in wanted]


def _insert(told: Sequence[tuple[int, str, dict[str, Any]]]) -> None:
    """Insert the deliveries, whoever listens: one statement. If there are any, the bell rings after COMMIT."""
    now = timezone.now()
    at = str(connection.ops.adapt_datetimefield_value(now))
    said = [
        {"n": n, "workspace_id": workspace_id, "event": name, "payload": mapping.envelope(name, now, data), "at": at}
        for n, (workspace_id, name, data) in enumerate(told)
    ]
    inserted = rows.execute(
        _statement(_INSERT, connection.vendor), [json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)]
    )
    if inserted.rowcount:
        transaction.on_commit(bell.ring)


@lru_cache
def _statement(text: str, vendor: str) -> str:
    return text.format(delivery=Delivery._meta.db_table, subscription=Subscription._meta.db_table, **_DIALECTS[vendor])
