"""How the listener and the bots' actions stand: what /metrics and ``doctor`` tell."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count

from ..bots.models import Bot
from .models import Action, SetAside

logger = logging.getLogger(__name__)
_KEY = "chatbots.listener"
_KEPT_SECONDS = 24 * 3600
DONE = "done"


@dataclass(frozen=True)
class Seen:
    """What a listener last told of itself: when (seconds since 1970), how many topics, how many messages wait there."""

    at: float
    topics: int
    waiting: int

    @property
    def age(self) -> float:
        """Seconds since then."""
        return max(0.0, time.time() - self.at)


def tell(topics: int, waiting: int) -> None:
    """Say that a listener is there. A cache that is away is no reason to stop listening."""
    try:
        cache.set(_KEY, asdict(Seen(time.time(), topics, waiting)), _KEPT_SECONDS)
    except Exception as error:
        logger.warning("The bots' listener could not say that it is there: %s", error)


def seen() -> Seen | None:
    """Return what the last listener told, None when there was none for a day. Raises what the cache raises."""
    told = cache.get(_KEY)
    return Seen(**told) if told else None


def wanted() -> int:
    """Return how many bots speak on the broker, and so need a listener."""
    return Bot.objects.filter(transport=Bot.Transport.BROKER, agent__is_active=True).count()


def answered(since: datetime) -> dict[str, int]:
    """Return how many actions were answered since then: ``done``, or the word of the refusal."""
    rows = Action.objects.filter(at__gte=since).order_by().values_list("error").annotate(Count("id"))
    return {error or DONE: count for error, count in rows}


def set_aside(since: datetime) -> int:
    """Return how many messages could not be read since then. Of each bot the newest thousand are known."""
    return SetAside.objects.filter(at__gte=since).count()
