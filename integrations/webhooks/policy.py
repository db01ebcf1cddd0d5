"""How long to wait, how often to try and when to give up: the numbers behind docs/webhooks.md."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

# A delivery is tried at least this long. Only an attempt that fails after that is the last one.
TRY_FOR = timedelta(hours=72)
_FIRST_DELAY = 5
_DELAY_FACTOR = 3
_LONGEST_DELAY = 6 * 3600

# An endpoint that failed so many rounds in a row is left alone between single probes.
QUIET_AFTER = 3
_LONGEST_QUIET = 300
# An endpoint that did nothing but fail, so long and so often, is paused until somebody resumes it. Longer than
# TRY_FOR, so that what was owed when it broke has had its time.
PAUSE_AFTER = timedelta(days=5)
PAUSE_FAILURES = 10
# A bot's line is in order: what fails holds up the rest, so it is tried again soon.
IN_ORDER_AT_ONCE = 50
_LONGEST_QUIET_IN_ORDER = 10
# What `Retry-After` of an overloaded endpoint can ask for.
_LONGEST_RETRY_AFTER = 3600

# What is kept for the log and for replay.
KEEP = timedelta(days=30)


@dataclass(frozen=True)
class Pace:
    """The relay's own clock and bounds, in seconds where they are times."""

    poll: float = 0.25
    connect: float = 5
    # The whole of one attempt, from the name's resolution to the answer.
    attempt: float = 15
    # More than an attempt and its marking; a killed relay's deliveries are taken over after it.
    lease: float = 30
    # How long a relay that was asked to stop waits for answers.
    drain: float = 10
    per_endpoint: int = 8
    endpoints: int = 100
    # Endpoints that fail have places of their own: they can be slow without taking anybody's turn.
    failing_endpoints: int = 25


def usual_pace() -> Pace:
    """Return the pace by this installation's settings."""
    attempt = settings.WEBHOOK_TIMEOUT_SECONDS
    return Pace(connect=min(Pace.connect, attempt), attempt=attempt, lease=2 * attempt)


def _jittered(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311


def next_try(attempts: int) -> timedelta:
    """Return how long a delivery waits after its so many-th failed attempt: 5 s, three times more each, up to 6 h."""
    return _jittered(min(_FIRST_DELAY * _DELAY_FACTOR ** min(attempts - 1, 20), _LONGEST_DELAY))


def gives_up(owed_since: datetime, now: datetime) -> bool:
    """Whether a delivery that just failed is not tried again."""
    return now - owed_since >= TRY_FOR


def quiet_for(failures: int, retry_after: float | None) -> timedelta | None:
    """Return how long an endpoint is left alone after so many failed rounds in a row, None when not at all."""
    asked = min(retry_after or 0, _LONGEST_RETRY_AFTER)
    if failures < QUIET_AFTER:
        return timedelta(seconds=asked) if asked else None
    return max(
        _jittered(min(_FIRST_DELAY * 2 ** min(failures - QUIET_AFTER, 20), _LONGEST_QUIET)), timedelta(seconds=asked)
    )


def quiet_in_order(failures: int) -> timedelta:
    """Return how long a line that keeps its order is left alone after so many failed rounds: 1 s, doubled, to 10 s."""
    return _jittered(min(2 ** min(failures - 1, 20), _LONGEST_QUIET_IN_ORDER))


def pauses(failing_since: datetime, failures: int, now: datetime) -> bool:
    """Whether an endpoint has failed so persistently that it is paused."""
    return failures >= PAUSE_FAILURES and now - failing_since >= PAUSE_AFTER
