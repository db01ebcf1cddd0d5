"""Idle sockets of the real server: memory of each, what they cost while nothing happens, and all of them at once again.

    [DATABASE_URL=... REDIS_URL=... BROKER_URL=...] .venv/bin/python bench/sockets.py [2000 5000] [--seconds 16]

One web process (``--web`` names another server) holds visitors' sockets, then agents' inboxes, and in the same run Daphne holds
as many of a bare echo. Then the network fails for all, and all are back at once: how long it takes, and what was refused.
A socket is in when it has been greeted, so that whoever it is has been let in by the database. Idle time is longer than
one round of heartbeats (15 s), so that each socket has had its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ground
from send import ECHO, Processes, _seconds, _wait_for

SERVE = "python manage.py serve --port {port}"
AGENTS, AT_ONCE = 20, 20
BAR_KB = 40


def main() -> None:
    """Measure, print, write ``bench/sockets.json``."""
    options = _options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ.update(PARLEY_DATA=folder, PARLEY_LOG_LEVEL="WARNING", SECRET_KEY="x" * 60)
        stack.enter_context(ground.own_database("sockets"))
        os.environ["PARLEY_DATA"] = os.environ.get("PARLEY_DATA", folder)
        doors = _doors(max(options.counts))
        results = {
            f"{kind}, {count:,}": _measured(kind, doors[kind], count, options, Path(folder))
            for count in options.counts
            for kind in ("echo", "visitor", "inbox")
        }
    _print(results)
    ground.write("sockets", results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", type=int, nargs="*", default=[2000, 5000])
    parser.add_argument("--seconds", type=float, default=16, help="how long they are idle")
    parser.add_argument("--web", default=SERVE)
    return parser.parse_args()


def _doors(count: int) -> dict[str, list[dict[str, Any]]]:
    """Make as many open chats, and return the addresses of the sockets with what lets one in, by kind."""
    import filling
    from django.conf import settings
    from django.test import Client

    from agents.ids import encode
    from agents.models import Agent
    from chat.models import Chat
    from widget import tokens

    filled = filling.fill(count, opened=count, messages=2)
    Agent.objects.update(max_chats=count)
    ground.analyze()
    chats = Chat.objects.of(filled.workspace).select_related("visitor__workspace").order_by("pk")
    visitors = [
        {"path": f"/v1/chat/{encode('session', chat.uid)}", "headers": {"Authorization": f"Bearer {tokens.issue(chat.visitor)[0]}"}}
        for chat in chats
    ]  # fmt: skip
    inboxes = []
    for agent in Agent.objects.filter(pk__in=filled.agents):
        browser = Client()
        browser.force_login(agent.user)
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        inboxes.append({"path": "/inbox/socket", "headers": {"Origin": "http://127.0.0.1:PORT", "Cookie": cookie}})
    return {"echo": [{"path": "/"}], "visitor": visitors, "inbox": inboxes}


def _measured(
    kind: str, doors: list[dict[str, Any]], count: int, options: argparse.Namespace, folder: Path
) -> dict[str, Any]:
    """Return the figures of so many sockets of one kind."""
    from tests.product import free_port

    processes, port = Processes(folder), free_port()
    os.environ["PORT"] = str(port)
    os.environ["PARLEY_URL"] = f"http://127.0.0.1:{port}"
    try:
        server = processes.start("web", (ECHO if kind == "echo" else options.web).format(port=port))
        if kind == "echo":
            _wait_for_port(port)
        else:
            _wait_for([port], processes)
        crowd = _Crowd(processes)
        doors = json.loads(json.dumps(doors).replace("127.0.0.1:PORT", f"127.0.0.1:{port}"))
        order = {"port": port, "greeted": kind != "echo"}
        # A few first, so that what comes with the first one is not counted.
        crowd.order("come", **order, doors=doors, count=100, at_once=AT_ONCE)
        time.sleep(2)
        before = _kilobytes(server.pid)
        crowd.order("drop")
        came = crowd.order("come", **order, doors=doors, count=count, at_once=AT_ONCE)
        time.sleep(3)
        after, used, began = _kilobytes(server.pid), _seconds(server.pid), time.monotonic()
        beats = crowd.order("count")["heartbeats"]
        time.sleep(options.seconds)
        idle = (_seconds(server.pid) - used) / (time.monotonic() - began)
        told = crowd.order("count")
        used = _seconds(server.pid)
        storm = crowd.order("again")
        stormed = _seconds(server.pid) - used
        time.sleep(3)
        figures = {
            "kb": (after - before) / max(came["in"] - 100, 1),
            "kb_after_storm": (_kilobytes(server.pid) - before) / max(storm["in"] - 100, 1),
            "idle_core": idle,
            "heartbeats": (told["heartbeats"] - beats) / options.seconds,
            "still_open": told["open"],
            "come_in_seconds": came["seconds"],
            "storm_seconds": storm["seconds"],
            "storm_p50": storm.get("p50", 0),
            "storm_processor_ms": 1000 * stormed / count,
            "storm_trouble": storm["trouble"],
            "came_trouble": came["trouble"],
        }
        print(f"{kind}, {count}: {json.dumps(figures)}", flush=True)
        return figures
    finally:
        processes.stop()
        gc.collect()


class _Crowd:
    """The clients, which take one order at a time (crowd.py)."""

    def __init__(self, processes: Processes) -> None:
        command = f"python {ground.ROOT / 'bench' / 'crowd.py'}"
        self.process = processes.start("crowd", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, do: str, **order: Any) -> dict[str, Any]:
        """Have something done and return what came of it."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps({"do": do, **order}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("the crowd is gone")
        return json.loads(answer)


def _wait_for_port(port: int) -> None:
    import socket

    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("the echo did not start")


def _kilobytes(pid: int) -> float:
    """Return what of the memory of a process is its own."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return float(line.split()[1])
    return 0.0


def _print(results: dict[str, dict[str, Any]]) -> None:
    print(
        f"{'':18}{'KB each':>9}{'idle core':>11}{'beats/s':>9}{'open':>7}{'in (s)':>8}{'storm (s)':>11}{'ms each':>9}  refused"
    )
    for name, r in results.items():
        print(
            f"{name:18}{r['kb']:9.1f}{r['idle_core']:11.3f}{r['heartbeats']:9.0f}{r['still_open']:7}{r['come_in_seconds']:8.1f}"
            f"{r['storm_seconds']:11.1f}{r['storm_processor_ms']:9.2f}  {r['storm_trouble'] or 'none'}"
        )


if __name__ == "__main__":
    main()
