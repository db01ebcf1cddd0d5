"""What the rate limits cost a request: the same requests with and without them, by turns.

    [DATABASE_URL=... REDIS_URL=... BROKER_URL=...] .venv/bin/python bench/limiter.py

Counts in the memory of the process without REDIS_URL, else in Redis. Requests go through the whole of Django without a
network, two hundred by turns with the limits and without, ten times; the ratio is of the medians. Then the counter
alone, for somebody who may go on and for somebody who has used up the minute.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import ground

TURNS, AT_ONCE = 10, 200
# Cheap and usual: who is online, and a page of chats.
ADDRESSES = ("/v1/chat/agents/online", "/v1/chats")
LIMITS = "integrations.keys.limits.RateLimitMiddleware"


def main() -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)
    with ground.own_database("limiter"):
        key = _key()
        for address in ADDRESSES:
            with_limits, without = _by_turns(address, {"Authorization": f"Bearer {key.secret}"})
            print(
                f"{address}: {with_limits:.2f} ms with the limits, {without:.2f} ms without: {with_limits / without:.3f} times"
            )
        _counter_alone()


def _key() -> Any:
    from config.demo.factories import ChatFactory, SecretKeyFactory, WorkspaceFactory

    workspace = WorkspaceFactory()
    ChatFactory.create_batch(20, workspace=workspace)
    return SecretKeyFactory(workspace=workspace, per_minute=1_000_000, per_second=100_000)


def _by_turns(address: str, headers: dict[str, str]) -> tuple[float, float]:
    """Return the median milliseconds of a request with the limits and of one without."""
    from django.conf import settings
    from django.test import Client, override_settings

    clients = []
    for middleware in (settings.MIDDLEWARE, [name for name in settings.MIDDLEWARE if name != LIMITS]):
        with override_settings(MIDDLEWARE=middleware):
            client = Client(headers=headers, SERVER_NAME="localhost")
            # The chain of middleware is put together at the first request.
            answer = client.get(address)
        assert answer.status_code == 200, answer.content
        assert ("X-RateLimit-Limit" in answer) == (LIMITS in middleware)
        clients.append(client)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for client, taken in zip(clients, times, strict=True):
            for _ in range(AT_ONCE):
                taken.append(_milliseconds(lambda client=client: client.get(address)))
    return statistics.median(times[0]), statistics.median(times[1])


def _counter_alone() -> None:
    from django.conf import settings

    from integrations.keys import limits
    from integrations.keys.counters import Rate

    counter, most = limits.counter(), Rate(*settings.RATES["secret"])
    unlimited = Rate(1_000_000, 1_000_000)
    passed = [_milliseconds(lambda: counter.take("bench:passed", unlimited)) for _ in range(2000)]
    refused = [_milliseconds(lambda: counter.take("bench:refused", most)) for _ in range(2000)]
    print(
        f"{type(counter).__name__} alone: {statistics.median(passed) * 1000:.0f} µs for who passes, {statistics.median(refused) * 1000:.0f} µs for who is refused"
    )


def _milliseconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
