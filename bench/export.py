"""The history as files: what a CSV and an XLSX of every chat take, and how far the process that writes them grows.

    DATABASE_URL=... REDIS_URL=... BROKER_URL=... .venv/bin/python bench/export.py 10000 100000

Each file is written by the task of the worker, in a process of its own. The pages of the same history over the contract:
``history.py``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ground

SIZES = [10_000, 100_000]
OPEN, MESSAGES = 500, 10
KINDS = ("csv", "xlsx")


def main() -> None:
    """Measure the sizes of the command line, or write what waits (as a child of that)."""
    if sys.argv[1:] == ["write"]:
        _write()
        return
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with ground.own_database("filled"), tempfile.TemporaryDirectory() as folder:
        if "DATABASE_URL" in os.environ:
            os.environ["PARLEY_DATA"] = folder
        results = {str(size): of_size(size) for size in sizes}
        ground.write("export", results)


def of_size(size: int) -> dict[str, float]:
    """Fill a workspace and return the figures of both kinds of file."""
    import filling

    from agents.models import Agent
    from chat.exports import services
    from chat.exports.asking import Wanted
    from chat.exports.models import Export

    filled = filling.fill(size, opened=min(size // 100, OPEN), messages=MESSAGES)
    ground.analyze()
    agent = Agent.objects.get(pk=filled.agents[0])
    agent.role = "supervisor"
    agent.save(update_fields=["role"])
    found: dict[str, float] = {}
    for kind in KINDS:
        export = services.ask(agent, Wanted(), kind)
        command = [sys.executable, __file__, "write"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own words
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        export.refresh_from_db()
        assert export.state == "done", (export.state, export.problem)
        print(
            f"{size:,} {kind}: {export.written:,} chats, {export.size / 1e6:.1f} MB in {told['seconds']:.1f} s, "
            f"{told['processor']:.1f} s of processor time; the process grew from {told['before']:.0f} to {told['most']:.0f} MB",
            flush=True,
        )
        found |= {f"{kind}: {name}": value for name, value in told.items()} | {f"{kind}: bytes": export.size}
        Export.objects.all().delete()
    return found


def _write() -> None:
    sys.path.insert(0, str(ground.ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from chat.exports import claims, tasks

    claims.anything_waits()  # with a connection, and all that it imports
    before, began, used = _megabytes(), time.monotonic(), time.process_time()
    tasks.write()
    told = {"seconds": time.monotonic() - began, "processor": time.process_time() - used}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**told, "before": before, "most": most}))


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
