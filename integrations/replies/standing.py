"""How the turns and who does them stand: what /metrics and ``doctor`` tell."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Min
from django.utils import timezone

from .models import Assistant, Turn

logger = logging.getLogger(__name__)
_KEY = "replies.runner"
_KEPT_SECONDS = 24 * 3600
# No deadline is so long after the visitor's message that an owed turn could be older with somebody at it.
LATE_SECONDS = 180


def tell() -> None:
    """Say that a process does turns. A cache that is away is no reason to stop doing them."""
    try:
        cache.set(_KEY, time.time(), _KEPT_SECONDS)
    except Exception as error:
        logger.warning("Automated replies could not say that they are there: %s", error)


def seen() -> float | None:
    """Return when one last told so, in seconds since 1970; None without any for a day. Raises what the cache raises."""
    return cache.get(_KEY)


def wanted() -> int:
    """Return how many assistants are on, and so need somebody who does their turns."""
    return Assistant.objects.filter(enabled=True).count()


def owed(now: datetime | None = None) -> tuple[int, float]:
    """Return how many turns are owed, and the age of the oldest in seconds; 0 without any."""
    found = Turn.objects.filter(done_at__isnull=True).aggregate(count=Count("id"), since=Min("created_at"))
    age = ((now or timezone.now()) - found["since"]).total_seconds() if found["since"] else 0.0
    return found["count"], max(0.0, age)


def outcomes(since: datetime) -> dict[str, int]:
    """Return what came of the turns that ended since then, by ``models.Outcome``."""
    rows = Turn.objects.filter(done_at__gte=since).order_by().values_list("outcome").annotate(Count("id"))
    return dict(rows)
