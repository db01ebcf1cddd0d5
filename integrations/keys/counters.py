"""Counting requests: so many in any minute and so many in any second, exactly, whoever counts at the same time.

A sliding window: the times of the requests of the last minute that were let through are kept, the newest first. One
more passes when fewer than ``per_minute`` of them are younger than a minute and fewer than ``per_second`` younger than
a second. What is refused is not counted, so hammering prolongs nothing. No span of 60 s, wherever it begins, ever holds
more than the limit; a window that starts with the clock's minute would let twice as many through at its edge.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
_MINUTE, _SECOND = 60_000_000, 1_000_000  # microseconds


@dataclass(frozen=True)
class Rate:
    """How many requests may pass in any minute, and in any second."""

    per_minute: int
    per_second: int


@dataclass(frozen=True)
class Taken:
    """What came of asking for one request. Times are seconds from now.

    ``used`` counts this one if it passed, and then ``retry_after`` is 0; after ``reset_after`` nothing counts any more.
    """

    used: int
    retry_after: float
    reset_after: float

    @property
    def passed(self) -> bool:
        """Whether the request may go on."""
        return self.retry_after <= 0


class Counter(Protocol):
    """Where requests are counted."""

    def take(self, name: str, rate: Rate) -> Taken:
        """Count one request under this name if the rate lets it pass."""

    def clear(self) -> None:
        """Forget everything: for tests."""


class MemoryCounter:
    """Counts for the threads of one process."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.clock = clock
        self.times: dict[str, deque[int]] = {}
        self.lock = threading.Lock()
        self.swept_at = 0

    def take(self, name: str, rate: Rate) -> Taken:
        """Count one request under this name if the rate lets it pass."""
        with self.lock:
            now = self.clock() // 1000
            self._sweep(now)
            times = self.times.setdefault(name, deque())
            while times and now - times[-1] >= _MINUTE:
                times.pop()
            wait = max(_wait(times, rate.per_minute, _MINUTE, now), _wait(times, rate.per_second, _SECOND, now))
            if wait <= 0:
                times.appendleft(now)
            return Taken(len(times), max(wait, 0) / 1e6, (times[0] + _MINUTE - now) / 1e6)

    def clear(self) -> None:
        """Forget everything: for tests."""
        with self.lock:
            self.times.clear()

    def _sweep(self, now: int) -> None:
        """Forget, once a minute, whoever has not come for a minute."""
        if now - self.swept_at < _MINUTE:
            return
        self.swept_at = now
        self.times = {name: times for name, times in self.times.items() if times and now - times[0] < _MINUTE}


def _wait(times: deque[int], most: int, span: int, now: int) -> int:
    """Return for how long the oldest of the last ``most`` requests stands in the way."""
    return times[most - 1] + span - now if len(times) >= most else 0


# The same, as one round trip. Redis' own clock, so that processes on several machines agree.
_TAKE = """
local name, minute, second = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local function at(index)
  local value = redis.call('LINDEX', name, index)
  return value and tonumber(value)
end
local oldest = at(-1)
while oldest and now - oldest >= 60000000 do
  redis.call('RPOP', name)
  oldest = at(-1)
end
local used = redis.call('LLEN', name)
local wait = 0
if used >= minute then wait = math.max(wait, at(minute - 1) + 60000000 - now) end
if used >= second then wait = math.max(wait, at(second - 1) + 1000000 - now) end
if wait <= 0 then
  used = redis.call('LPUSH', name, string.format('%.0f', now))
  redis.call('PEXPIRE', name, 60000)
end
return {used, wait, at(0) + 60000000 - now}
"""


class SharedCounter:
    """Counts in Redis for all processes. While Redis is away, each process counts for itself.

    Neither open nor closed: an outage of Redis must not become one of the API, and must not lift the limits either.
    With N processes a caller may then get up to N times as much, until Redis is back.
    """

    _AWAY_SECONDS = 2.0

    def __init__(self, url: str, prefix: str) -> None:
        # A request waits for Redis only so long, and only once in _AWAY_SECONDS.
        self.redis = redis.Redis.from_url(
            url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 1)
        )
        self.script = self.redis.register_script(_TAKE)
        self.prefix = prefix
        self.here = MemoryCounter()
        self.away_until = 0.0

    def take(self, name: str, rate: Rate) -> Taken:
        """Count one request under this name if the rate lets it pass."""
        if time.monotonic() < self.away_until:
            return self.here.take(name, rate)
        try:
            found = self.script([f"{self.prefix}:{name}"], [rate.per_minute, rate.per_second])
        except redis.RedisError as error:
            self.away_until = time.monotonic() + self._AWAY_SECONDS
            logger.warning("rate limits: Redis is away, this process counts for itself: %s", error)
            return self.here.take(name, rate)
        used, wait, reset = cast(list[int], found)
        return Taken(used, wait / 1e6, reset / 1e6)

    def clear(self) -> None:
        """Forget everything: for tests."""
        self.here.clear()
        for name in self.redis.scan_iter(f"{self.prefix}:*"):
            self.redis.delete(name)
