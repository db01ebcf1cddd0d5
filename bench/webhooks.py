"""Webhooks measured: how fast a backlog drains, and whether a flood at one dead endpoint delays the others.

    python bench/webhooks.py [--seconds 300: the long mode] [--rate 20] [--flood 100] [--backlog 2000]

Uses the mode that the environment names: a data folder of its own, or DATABASE_URL. The relay is a process of its own,
the receivers are threads of this one. The flood is held first (the control), then sent to an endpoint that never answers,
then, for a minute at most, to one that says yes after nine seconds. Exits with 1 when it makes the others' median more
than twice as slow, or their p99 slower than a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
HEALTHY = 5
# Slow and not dead: within what an attempt may take.
SLOW_SECONDS = 9


def main() -> int:
    """Measure, print, and say whether the bars hold."""
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["PARLEY_ALLOW_PRIVATE_WEBHOOKS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        if "DATABASE_URL" not in os.environ:
            os.environ["PARLEY_DATA"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return _measure(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--seconds", type=float, default=10, help="how long the flood lasts; before it, a minute at most without"
    )
    parser.add_argument("--rate", type=float, default=20, help="events a second for everybody")
    parser.add_argument("--flood", type=float, default=100, help="more events a second for the dead endpoint alone")
    parser.add_argument("--backlog", type=int, default=2000, help="deliveries to drain")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from agents.models import Workspace
    from integrations.webhooks import services
    from integrations.webhooks.models import Subscription
    from tests.webhooks.receiver import BlackHole

    workspace = Workspace.objects.create(name="Bench", slug=f"bench-{time.time_ns()}")
    receivers, dead, slow = [Clock() for _ in range(HEALTHY)], BlackHole(), Clock(SLOW_SECONDS)
    try:
        events = ["agent.status_changed"]
        hooks = [services.create(workspace, url=r.url, events=events) for r in receivers]
        drained = _drain(hooks[0], receivers[0], options.backlog)
        print(
            f"drain: {options.backlog} deliveries to one endpoint in {drained:.1f} s, {options.backlog / drained:.0f}/s"
        )
        with Relay():
            _warm_up(hooks, receivers)
            # The same flood both times; at first its endpoint rests, so that it is written down and not sent.
            flooded = services.create(workspace, url=dead.url, events=events)
            Subscription.objects.filter(pk=flooded.pk).update(paused_at=timezone.now())
            quiet = _phase(hooks, receivers, min(options.seconds, 60), options, flooded)
            _print("beside a flood that is held", quiet)
            services.resume(flooded)
            beside = _phase(hooks, receivers, options.seconds, options, flooded)
            _print("beside a flood at a dead endpoint", beside)
            Subscription.objects.filter(pk=flooded.pk).update(paused_at=timezone.now())
            slowed = services.create(workspace, url=slow.url, events=events)
            beside_slow = _phase(hooks, receivers, min(options.seconds, 60), options, slowed)
            _print(f"beside a flood at an endpoint that answers after {SLOW_SECONDS} s", beside_slow)
            print(f"the slow endpoint had {len(slow.came)} meanwhile")
        return _verdict(quiet, beside) | _verdict(quiet, beside_slow)
    finally:
        for receiver in (*receivers, slow, dead):
            receiver.close()
        _remove(workspace)


class Clock:
    """A receiver that notes when each event came, and answers after so many seconds."""

    def __init__(self, seconds: float = 0) -> None:
        from tests.webhooks.receiver import Answer, Receiver

        self.came: list[tuple[float, float]] = []
        self._seconds = seconds
        self._receiver = Receiver(self._note)
        self._answer = Answer()
        self.url = self._receiver.url
        self.close = self._receiver.close

    def _note(self, request: Any, _before: int) -> Any:
        import json

        sent = json.loads(request.body)["data"].get("sent", 0)
        self.came.append((sent, time.time()))
        self._receiver.received.clear()
        time.sleep(self._seconds)
        return self._answer


class Relay:
    """`manage.py relay` while this lasts."""

    def __enter__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "manage.py", "relay"], cwd=ROOT, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def _drain(hook: Any, receiver: Clock, backlog: int) -> float:
    """Return the seconds from the relay's start of work to the last delivery."""
    from integrations.webhooks import relay

    _owe([hook] * backlog)
    began = time.monotonic()
    relay.run_once()
    assert len(receiver.came) == backlog, f"{len(receiver.came)} of {backlog} arrived"
    receiver.came.clear()
    return time.monotonic() - began


def _warm_up(hooks: list[Any], receivers: list[Clock]) -> None:
    """Wait until the relay is there and every endpoint has had something."""
    _owe(hooks)
    _wait(lambda: all(receiver.came for receiver in receivers))


def _phase(
    hooks: list[Any], receivers: list[Clock], seconds: float, options: argparse.Namespace, flooded: Any
) -> list[float]:
    """Return the delays, in seconds, of everything that the healthy endpoints were owed while it lasted."""
    for receiver in receivers:
        receiver.came.clear()
    stop = threading.Event()
    flood = threading.Thread(target=_flood, args=(flooded, options.flood, stop), daemon=True)
    flood.start()
    until, told = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        _owe(hooks)
        told += 1
        time.sleep(1 / options.rate)
    stop.set()
    _wait(lambda: all(len(r.came) >= told for r in receivers))
    return sorted(came - sent for receiver in receivers for sent, came in receiver.came)


def _flood(hook: Any, rate: float, stop: threading.Event) -> None:
    """Owe events to one endpoint, in tens."""
    from django.db import connection

    while not stop.wait(10 / rate):
        _owe([hook] * 10)
    connection.close()


def _owe(hooks: list[Any]) -> None:
    """Owe one event to each, as the outbox does; it carries the time."""
    from django.utils import timezone

    from integrations.webhooks import mapping
    from integrations.webhooks.models import Delivery

    payload = mapping.envelope("agent.status_changed", timezone.now(), {"sent": time.time()})
    Delivery.objects.bulk_create(
        Delivery(workspace_id=hook.workspace_id, subscription=hook, event="agent.status_changed", payload=payload)
        for hook in hooks
    )


def _wait(true: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "not everything arrived"
        time.sleep(0.05)


def _print(what: str, delays: list[float]) -> None:
    p50, p99 = statistics.median(delays), delays[int(len(delays) * 0.99)]
    print(f"{what}: {len(delays)} events, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, worst {delays[-1]:.2f} s")


def _verdict(quiet: list[float], beside: list[float]) -> int:
    slower = statistics.median(beside) / statistics.median(quiet)
    p99 = beside[int(len(beside) * 0.99)]
    holds = slower <= 2 and p99 <= 1
    print(f"the others' median is {slower:.2f} times what it was: {'good' if holds else 'TOO SLOW'}")
    return 0 if holds else 1


def _remove(workspace: Any) -> None:
    from integrations.webhooks.models import Attempt, Delivery

    Attempt.objects.filter(delivery__workspace=workspace)._raw_delete("default")  # type: ignore[attr-defined]
    Delivery.objects.filter(workspace=workspace)._raw_delete("default")  # type: ignore[attr-defined]
    workspace.delete()


if __name__ == "__main__":
    sys.exit(main())
