"""The outbox: what happened becomes deliveries that are owed, in the transaction in which it happened.

One statement, whoever listens: an INSERT that finds the interested subscriptions itself. Nothing is
cached, so a subscription hears of everything that begins after it was committed, from whichever process.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from chat.events import Event

from . import bell, mapping
from .models import Delivery, Subscription

_INSERT = """
INSERT INTO {delivery} (workspace_id, subscription_id, uid, event, payload, created_at, owed_since, next_at, attempts)
WITH said (n, workspace_id, event, payload, at) AS (VALUES {rows})
SELECT listener.workspace_id, listener.id, {uid}, said.event, said.payload, said.at, said.at, said.at, 0
FROM said JOIN {subscription} listener ON listener.workspace_id = said.workspace_id AND listener.active AND {wants}
ORDER BY said.n, listener.id
"""
_DIALECTS = {
    "postgresql": {
        "row": "(%s::int, %s::bigint, %s::text, %s::jsonb, %s::timestamptz)",
        "uid": "gen_random_uuid()",
        "wants": "listener.events @> jsonb_build_array(said.event)",
    },
    "sqlite": {
        "row": "(%s, %s, %s, %s, %s)",
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
    if told and _insert(told):
        transaction.on_commit(bell.ring)


def _heard(happened: Sequence[Event]) -> list[Event]:
    """Return what somebody wants to hear."""
    named = [(event, name) for event in happened if (name := mapping.name_of(event))]
    if not named:
        return []
    listening = Subscription.objects.filter(workspace__in={event.workspace_id for event, _ in named}, active=True)
    wanted = {
        (workspace, name) for workspace, names in listening.values_list("workspace_id", "events") for name in names
    }
    return [event for event, name in named if (event.workspace_id, name) in wanted]


def _insert(told: Sequence[tuple[int, str, dict[str, Any]]]) -> int:
    """Insert the deliveries, whoever listens, and return how many there are: one statement."""
    now = timezone.now()
    at = connection.ops.adapt_datetimefield_value(now)
    parameters: list[Any] = []
    for n, (workspace_id, name, data) in enumerate(told):
        payload = json.dumps(mapping.envelope(name, now, data), cls=DjangoJSONEncoder, ensure_ascii=False)
        parameters += [n, workspace_id, name, payload, at]
    with connection.cursor() as cursor:
        cursor.execute(_statement(connection.vendor, len(told)), parameters)
        return int(cursor.rowcount)


def _statement(vendor: str, count: int) -> str:
    dialect = _DIALECTS[vendor]
    return _INSERT.format(
        delivery=Delivery._meta.db_table,
        subscription=Subscription._meta.db_table,
        rows=", ".join([dialect["row"]] * count),
        **dialect,
    )
