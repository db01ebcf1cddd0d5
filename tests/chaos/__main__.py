"""The long run: `make chaos KILLS=300`.

    python -m tests.chaos [--kills 300] [--minutes N] [--seed N] [--webs 2] [--visitors 16] [--pace 1.5] …

Starts PostgreSQL, Redis, RabbitMQ and the Procfile's processes of its own, lets people and programs use them, kills
everything by turns, and compares. Prints the figures, writes them to chaos.json in the folder that --results names,
and exits with 1 when a promise was broken. The seed repeats the order and the moments of the blows, not the race.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import signal
import sys
from pathlib import Path

from .journal import now
from .mayhem import Mayhem
from .stage import House, Stage
from .verdict import judge, rule_of_three

_BAR = 5.0


def main() -> int:
    options = _options()
    return asyncio.run(_run(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after so long, whatever was killed")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--webs", type=int, default=2, help="web processes")
    parser.add_argument("--visitors", type=int, default=16)
    parser.add_argument("--pace", type=float, default=1.5, help="seconds between a visitor's messages")
    parser.add_argument("--wires", type=float, default=0.3, help="how often a wire is cut, stalled or slowed as well")
    parser.add_argument("--wired", action="store_true", help="wires before the servers as well (a machine with time)")
    parser.add_argument("--only", default="", help="kill these alone: names with commas between them")
    parser.add_argument("--results", type=Path, help="a folder for chaos.json")
    parser.add_argument("--like", default="", help="a migrated, empty database to copy: saves the migrations")
    parser.add_argument("--keep", action="store_true", help="wait for Enter before everything is removed")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> int:
    print(f"seed {options.seed}: {options.kills} kills, {options.webs} web processes, {options.visitors} visitors")
    stage = Stage(
        await asyncio.to_thread(lambda: House(webs=options.webs, like=options.like)), options.seed, wired=options.wired
    )
    # Whoever ends us gets the machine back without our servers; Ctrl-C does so by itself.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    try:
        await stage.open()
        await stage.welcome(visitors=options.visitors, desks=3, agents=4, robots=4, pace=options.pace)
        print(f"everything stands ({stage.house.folder})", flush=True)
        mayhem = Mayhem(stage, random.Random(options.seed), say=lambda line: print(line, flush=True))
        if options.only:
            mayhem.names = options.only.split(",")
        began = now()
        passing = asyncio.create_task(_passers_by(stage))
        await mayhem.rage(options.kills, options.wires, until=began + 60 * options.minutes)
        passing.cancel()
        await asyncio.gather(passing, *stage.guests, return_exceptions=True)
        await stage.hush(120)
        verdict = judge(stage)
        figures = {
            "seed": options.seed, "kills": dict(mayhem.kills), "wires": dict(mayhem.troubles),
            "minutes": round((now() - began) / 60, 1), **verdict.figures, "faults": verdict.faults,
        }  # fmt: skip
        total, late = mayhem.kills.total(), verdict.figures["worst wait, seconds"]
        print(json.dumps(figures, indent=2, ensure_ascii=False))
        good = not verdict.faults and late <= _BAR
        if good:
            print(f"{total} kills, nothing broken: at most {rule_of_three(total):.1%} of kills lose anything, at 95 %.")
        else:
            print(f"BROKEN: {len(verdict.faults)} faults, the longest wait was {late} s (at most {_BAR})")
            print(stage.house.logs()[-20000:], file=sys.stderr)
        if options.results:
            (options.results / "chaos.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
        if options.keep:
            await asyncio.to_thread(input, "Enter removes everything ")
        return 0 if good else 1
    except BaseException:
        print(stage.house.logs(), file=sys.stderr)
        raise
    finally:
        await stage.close()


async def _passers_by(stage: Stage) -> None:
    """Somebody comes every few seconds, says three things and goes."""
    while True:
        stage.guests.append(asyncio.create_task(stage.passer_by(f"p{len(stage.guests)}")))
        await asyncio.sleep(stage.dice.uniform(2, 6))


if __name__ == "__main__":
    sys.exit(main())
