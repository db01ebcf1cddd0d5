"""A long stretch at half capacity: memory, connections and open files of every process, every ten seconds.

    DATABASE_URL=... REDIS_URL=... BROKER_URL=... .venv/bin/python bench/soak.py [--minutes 60] [--rate 150] [--pairs 50]

The processes of the Procfile, visitors and agents on sockets, and so many messages a second by the clock (``--rate``: half
of what ``send.py`` reaches on this machine). Every message must be stored, acknowledged and on its agent's socket. Prints
what each process has at the beginning (after a tenth of the time) and at the end, and the slope of a straight line.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import linear_regression
from typing import Any

import ground
from send import SERVE, Traffic, _backends, _house, _people

EVERY_SECONDS = 10
# What a process may gain in an hour, in megabytes, before this says that something leaks.
LEAK_MB = 20
_PART_SECONDS = 60


def main() -> int:
    """Soak, print, write ``bench/soak.json``; 1 when a process gains what it should not."""
    options = _options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ.update(
            PARLEY_DATA=folder, PARLEY_LOG_LEVEL="WARNING", PARLEY_SOCKET_FRAMES="1000000", SECRET_KEY="x" * 60,
            PARLEY_POOL_SIZE=os.environ.get("PARLEY_POOL_SIZE", "10"),
        )  # fmt: skip
        stack.enter_context(ground.own_database("soak"))
        return _soak(options, Path(folder), stack)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--webs", type=int, default=1)
    parser.add_argument("--departments", type=int, default=50)
    parser.add_argument("--receipts", action="store_true")
    parser.add_argument("--subscriptions", type=int, default=0)
    parser.add_argument("--web", default=SERVE)
    parser.add_argument("--echo", default="python -c 'import time; time.sleep(1e9)'")
    return parser.parse_args()


class Watch(threading.Thread):
    """Notes every ten seconds what each process has."""

    def __init__(self, processes: Any, database: str) -> None:
        super().__init__(daemon=True)
        self.processes, self.database = processes, database
        self.samples: list[tuple[float, dict[str, dict[str, float]]]] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Look until told that it is over."""
        began = time.monotonic()
        while not self.over.wait(EVERY_SECONDS):
            self.samples.append((time.monotonic() - began, self.look()))

    def look(self) -> dict[str, dict[str, float]]:
        """Return megabytes, sockets and files of each process, and PostgreSQL's connections."""
        seen = {}
        for name, group in self.processes.running.items():
            if name not in ("echo", "pair", "generator"):
                for number, process in enumerate(group):
                    seen[f"{name} {number + 1}" if len(group) > 1 else name] = _of_process(process.pid)
        seen["postgresql"] = {"connections": float(sum(1 for _pid in _backends(self.database)))}
        return seen

    def series(self) -> dict[tuple[str, str], list[tuple[float, float]]]:
        """Return what was seen, without the first tenth, by process and measure."""
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for at, seen in self.samples[len(self.samples) // 10 :]:
            for name, measures in seen.items():
                for measure, value in measures.items():
                    found.setdefault((name, measure), []).append((at, value))
        return found


def _of_process(pid: int) -> dict[str, float]:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        files = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return {}
    own = sum(float(line.split()[1]) for line in rollup if line.startswith(("Private_Dirty:", "Private_Clean:")))
    sockets = sum(name.startswith("socket:") for name in files)
    return {
        "MB": own / 1024,
        "sockets": float(sockets),
        "files": float(len(files) - sockets),
        "threads": float(threads),
    }


def _soak(options: argparse.Namespace, folder: Path, stack: ExitStack) -> int:
    from django.conf import settings

    from tests.product import free_port

    database = settings.DATABASES["default"]["NAME"]
    ports = [free_port() for _ in range(2 * options.webs)]
    plans, _others = _people(options, ports[::2])
    processes = stack.enter_context(_house(options, folder, ports))
    traffic = Traffic(processes)
    traffic.order("open", group="pairs", kind="pair", plans=plans)
    watch = Watch(processes, database)
    watch.start()
    parts: list[dict[str, float]] = []
    until = time.monotonic() + 60 * options.minutes
    while (left := until - time.monotonic()) > 1:
        parts.append(traffic.order("rate", group="pairs", rate=options.rate, seconds=min(_PART_SECONDS, left)))
        part, mb = parts[-1], {name: seen.get("MB", 0) for name, seen in watch.look().items()}
        print(
            f"{part['rate']:.0f}/s p50 {part['delay_p50']:.1f} p99 {part['delay_p99']:.1f} ms; MB {', '.join(f'{n} {m:.0f}' for n, m in mb.items() if m)}",
            flush=True,
        )
    watch.over.set()
    watch.join()
    told = sum(int(part["messages"]) for part in parts)
    stored = _stored(plans)
    print(
        f"{told:,} messages were acknowledged and on the agents' sockets, {stored:,} are stored; {options.minutes:g} minutes at {options.rate:g} a second"
    )
    return _report(watch, parts, options) | (told != stored)


def _stored(plans: list[dict[str, Any]]) -> int:
    from chat.models import Message

    return Message.objects.filter(chat__uid__in=[plan["chat"] for plan in plans], author_kind="visitor").count()


def _report(watch: Watch, parts: list[dict[str, float]], options: argparse.Namespace) -> int:
    """Print beginnings, ends and slopes; return 1 when some memory grows like a leak, or handles do."""
    rows: dict[str, dict[str, float]] = {}
    bad = 0
    print(f"{'':28}{'begins':>10}{'ends':>10}{'an hour':>10}")
    for (name, measure), points in watch.series().items():
        if len(points) < 3:
            continue
        slope = linear_regression(*zip(*points, strict=True)).slope * 3600
        rows[f"{name}: {measure}"] = {"begins": points[0][1], "ends": points[-1][1], "an_hour": slope}
        leaks = slope > (LEAK_MB if measure == "MB" else 30) and points[-1][1] > points[0][1] * 1.05
        bad |= leaks
        print(
            f"{name + ': ' + measure:28}{points[0][1]:10.1f}{points[-1][1]:10.1f}{slope:10.1f}{'  grows' if leaks else ''}"
        )
    results = {"options": vars(options), "processes": rows, "parts": parts, "samples": watch.samples}
    ground.write("soak", results)
    return int(bad)


if __name__ == "__main__":
    raise SystemExit(main())
