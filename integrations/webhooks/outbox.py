"""The outbox: what happened becomes deliveries that are owed, in the transaction in which it happened.

One statement for each event, whoever listens: an INSERT that finds the interested subscriptions itself. Nothing is
cached, so a subscription hears of everything that begins after it was committed, from whichever process.
"""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from chat.events import Event

from . import bell, mapping
from .models import Delivery, Subscription

_INSERT = """
INSERT INTO {delivery} (workspace_id, subscription_id, uid, event, payload, created_at, owed_since, next_at, attempts)
SELECT workspace_id, id, {uid}, %s, {payload}, %s, %s, %s, 0
FROM {subscription}
WHERE workspace_id = %s AND active AND {wants}
"""
_DIALECTS = {
    "postgresql": {
        "uid": "gen_random_uuid()",
        "payload": "%s::jsonb",
        "wants": "events @> jsonb_build_array(%s::text)",
    },
    "sqlite": {
        "uid": "lower(hex(randomblob(16)))",
        "payload": "%s",
        "wants": "EXISTS (SELECT 1 FROM json_each(events) WHERE json_each.value = %s)",
    },
}


def record(event: Event) -> None:
    """Owe this event to every interested subscription of its workspace. A sink of ``chat.events.record()``."""
    said = mapping.public(event)
    if said is None:
        return
    name, data = said
    if _insert(event.workspace_id, name, data):
        transaction.on_commit(bell.ring)


def _insert(workspace_id: int, name: str, data: dict[str, Any]) -> int:
    """Insert the deliveries and return how many there are."""
    now = timezone.now()
    at = connection.ops.adapt_datetimefield_value(now)
    payload = json.dumps(mapping.envelope(name, now, data), cls=DjangoJSONEncoder, ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(_statement(connection.vendor), [name, payload, at, at, at, workspace_id, name])
        return int(cursor.rowcount)


def _statement(vendor: str) -> str:
    return _INSERT.format(
        delivery=Delivery._meta.db_table, subscription=Subscription._meta.db_table, **_DIALECTS[vendor]
    )
