"""What users read of their webhook: its deliveries, the newest first, and what came of each."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from .models import OWED, Attempt, Delivery, Subscription

_STATES = {
    "pending": OWED,
    "delivered": Q(delivered_at__isnull=False),
    "failed": Q(failed_at__isnull=False, delivered_at__isnull=True),
}


def state(delivery: Delivery) -> str:
    """Return ``pending``, ``delivered`` or ``failed``: given up."""
    if delivery.delivered_at:
        return "delivered"
    return "failed" if delivery.failed_at else "pending"


def deliveries(
    subscription: Subscription, *, state: str = "", event: str = "", after: Delivery | None = None, limit: int = 20
) -> tuple[list[Delivery], bool]:
    """Return a page of the log, from the delivery that is next older than ``after``; and whether there are more."""
    chosen = Delivery.objects.filter(_STATES[state] if state else Q(), subscription=subscription)
    if event:
        chosen = chosen.filter(event=event)
    if after is not None:
        chosen = chosen.filter(pk__lt=after.pk)
    rows = list(chosen.order_by("-id")[: limit + 1])
    return rows[:limit], len(rows) > limit


def last_attempts(deliveries: Iterable[Delivery]) -> dict[int, Attempt]:
    """Return the last attempt of each by the delivery's id, in one query."""
    attempts = Attempt.objects.filter(delivery__in=[d.pk for d in deliveries]).order_by("delivery_id", "id")
    return {attempt.delivery_id: attempt for attempt in attempts}


def attempts(delivery: Delivery) -> list[Attempt]:
    """Return every attempt of a delivery, oldest first."""
    return list(delivery.tries.order_by("id"))
