"""The relay's side of the tables: what is owed, who is at it, and what came of it.

A claim is a lease, not a lock: no transaction is open while a delivery is on its way. Who locks both, locks the
subscription before its deliveries.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from . import policy
from .models import Attempt, Delivery, Subscription
from .sending import Outcome

logger = logging.getLogger(__name__)


@dataclass
class Batch:
    """Deliveries of one subscription that this relay may send until its lease runs out."""

    subscription: Subscription
    deliveries: list[Delivery]
    # Whether its failures have been counted: they are one round, however they trickle in.
    counted: bool = False


# Hops from one subscription with owed rows to the next along the index `delivery_owed`: the time grows with their
# number, and not with the millions of rows that one dead endpoint may be owed. The full order of the index, where
# a min() would do, keeps the planner from walking through what was delivered.
_OWING = """
WITH RECURSIVE owing (id) AS (
    SELECT (
        SELECT subscription_id FROM {delivery} WHERE delivered_at IS NULL AND failed_at IS NULL
        ORDER BY subscription_id, next_at, id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT subscription_id FROM {delivery}
        WHERE delivered_at IS NULL AND failed_at IS NULL AND subscription_id > owing.id
        ORDER BY subscription_id, next_at, id LIMIT 1
    )
    FROM owing WHERE owing.id IS NOT NULL
)
SELECT s.id, s.failures FROM owing JOIN {subscription} s ON s.id = owing.id
WHERE s.active AND s.paused_at IS NULL AND (s.quiet_until IS NULL OR s.quiet_until <= %s) AND (
    SELECT 1 FROM {delivery} d
    WHERE d.subscription_id = s.id AND d.delivered_at IS NULL AND d.failed_at IS NULL AND d.next_at <= %s
    AND (d.claimed_until IS NULL OR d.claimed_until <= %s)
    LIMIT 1
) IS NOT NULL
ORDER BY s.id
"""


def owing() -> list[tuple[int, bool]]:
    """Return the subscriptions that can be sent something now: their ids, and whether they are failing."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = _OWING.format(delivery=Delivery._meta.db_table, subscription=Subscription._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, now, now])
        return [(pk, failures > 0) for pk, failures in cursor.fetchall()]


@transaction.atomic
def claim(subscription_id: int, *, most: int, lease: float) -> Batch | None:
    """Take what is due to this subscription, the longest due first, or return None when nothing is.

    An endpoint that is failing gets one at a time. Several relays may claim at once: none waits, none takes the same.
    """
    now = timezone.now()
    subscription = Subscription.every.sendable(now).filter(pk=subscription_id).first()
    if subscription is None:
        return None
    if subscription.in_order:
        return _claim_in_order(subscription, now, lease)
    due = Delivery.objects.due(now).filter(subscription=subscription).order_by("next_at", "id")
    rows = list(due.select_for_update(skip_locked=True)[: 1 if subscription.failures else most])
    if not rows:
        return None
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=now + timedelta(seconds=lease))
    return Batch(subscription, rows)


def _claim_in_order(subscription: Subscription, now: datetime, lease: float) -> Batch | None:
    """Take the oldest of what is owed; nothing while another relay is at any of it.

    Ids of one chat are in its order: its events are recorded under its lock.
    """
    free = Subscription.every.select_for_update(skip_locked=True, no_key=True).filter(pk=subscription.pk)
    owed = Delivery.objects.owed().filter(subscription=subscription)
    if not free or owed.filter(claimed_until__gt=now).exists():
        return None
    rows = list(owed.order_by("id")[: 1 if subscription.failures else policy.IN_ORDER_AT_ONCE])
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=now + timedelta(seconds=lease))
    return Batch(subscription, rows) if rows else None


def release(delivery_ids: Iterable[int]) -> None:
    """Give claimed deliveries back unsent, so that another relay need not wait for the lease to run out."""
    Delivery.objects.owed().filter(pk__in=list(delivery_ids)).update(claimed_until=None)


@transaction.atomic
def settle(batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """Mark deliveries and their subscription by what came of these attempts, and log them.

    Keeps ``batch.subscription`` as the table has it. What was deleted meanwhile is left out; what another relay has
    delivered meanwhile (our lease had run out) stays delivered.
    """
    now = timezone.now()
    _judge(batch, outcomes, now)
    ids = [outcome.delivery_id for outcome in outcomes]
    kept = {row.pk: row for row in Delivery.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    outcomes = [outcome for outcome in outcomes if outcome.delivery_id in kept]
    Attempt.objects.bulk_create(_logged(outcome) for outcome in outcomes)
    taken = [outcome.delivery_id for outcome in outcomes if outcome.ok]
    if taken:
        Delivery.objects.filter(pk__in=taken, delivered_at=None).update(
            delivered_at=now, failed_at=None, claimed_until=None, attempts=F("attempts") + 1
        )
    for outcome in outcomes:
        if not outcome.ok:
            _put_off(kept[outcome.delivery_id], outcome, now, in_order=batch.subscription.in_order)


def _logged(outcome: Outcome) -> Attempt:
    return Attempt(
        delivery_id=outcome.delivery_id,
        at=outcome.at,
        url=outcome.url,
        status=outcome.status,
        error=outcome.error,
        response=outcome.response,
        milliseconds=outcome.milliseconds,
    )


def _put_off(delivery: Delivery, outcome: Outcome, now: datetime, *, in_order: bool) -> None:
    """Note a failed attempt: the next one later, or none any more. In order, the line itself is what waits."""
    if delivery.delivered_at:
        return
    delivery.attempts += 1
    delivery.claimed_until = None
    delivery.next_at = now if in_order else now + policy.next_try(delivery.attempts)
    if policy.gives_up(delivery.owed_since, now) or (in_order and outcome.refused):
        delivery.failed_at = now
    delivery.save(update_fields=["attempts", "claimed_until", "next_at", "failed_at"])


def _judge(batch: Batch, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Note on the subscription how its endpoint fares. An endpoint that was well and is well costs no statement."""
    well = any(outcome.ok for outcome in outcomes)
    if well and not batch.subscription.failures:
        return
    # No key: an insert of a delivery holds its subscription's key, and must not wait for us.
    row = Subscription.every.select_for_update(no_key=True).filter(pk=batch.subscription.pk).first()
    if row is None:
        return
    if well:
        _recovered(row, now)
    else:
        row.failures += not batch.counted
        batch.counted = True
        _failed(row, outcomes, now)
    row.save(update_fields=["failures", "failing_since", "quiet_until", "paused_at", "pause_reason"])
    batch.subscription = row


def _recovered(row: Subscription, now: datetime) -> None:
    """The endpoint is back: what waited because of it, and not of itself, is due at once."""
    if row.failures >= policy.QUIET_AFTER:
        Delivery.objects.owed().filter(subscription=row, next_at__gt=now).update(next_at=now)
    row.failures, row.failing_since, row.quiet_until = 0, None, None


def _failed(row: Subscription, outcomes: Sequence[Outcome], now: datetime) -> None:
    row.failing_since = row.failing_since or now
    if row.in_order:
        row.quiet_until = now + policy.quiet_in_order(row.failures)
        return
    asked = max((outcome.retry_after or 0 for outcome in outcomes), default=0)
    quiet = policy.quiet_for(row.failures, asked)
    row.quiet_until = now + quiet if quiet else None
    if any(outcome.gone for outcome in outcomes):
        _pause(row, "The endpoint answered 410: it is gone.", now)
    elif policy.pauses(row.failing_since, row.failures, now):
        _pause(row, f"Nothing but failures since {row.failing_since:%Y-%m-%d %H:%M} UTC.", now)


def _pause(row: Subscription, reason: str, now: datetime) -> None:
    row.paused_at, row.pause_reason = now, reason
    logger.warning(
        "A webhook was paused",
        extra={"subscription": row.uid.hex, "workspace_id": row.workspace_id, "reason": reason},
    )


def prune(*, at_most: int = 1000) -> int:
    """Delete the oldest deliveries that are kept no longer, and return how many they were. Call it until it is 0.

    A subscription that nobody resumed for as long is switched off, so that nothing more is recorded for it.
    """
    end = timezone.now() - policy.KEEP
    Subscription.objects.filter(paused_at__lt=end, active=True).update(active=False)
    # By id, which follows age closely and needs no index of its own.
    oldest = Delivery.objects.order_by("id").values_list("pk", "created_at")[:at_most]
    old = [pk for pk, created_at in oldest if created_at < end]
    Delivery.objects.filter(pk__in=old).delete()
    return len(old)
