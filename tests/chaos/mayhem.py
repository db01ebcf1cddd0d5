"""Who is killed when: every victim by turns, in an order and at moments that a seed decides."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .journal import now
from .stage import Stage

# Which of them people's sockets stand on: while one is down, nobody can be complete.
_FELT = ("web", "postgres", "redis", "parley")


class Mayhem:
    """Kills, and now and then cuts, stalls or slows a wire; each time everything is mended before the next blow."""

    def __init__(self, stage: Stage, dice: random.Random, *, calm: float = 6, say: Any = lambda line: None) -> None:
        self.stage, self.dice, self.calm, self.say = stage, dice, calm, say
        self.names = list(stage.house.victims)
        self.kills: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()
        self.recoveries: list[tuple[str, float]] = []

    def turns(self) -> Iterator[list[str]]:
        """Names of who dies together: every one once a round, sometimes two at once."""
        while True:
            names = list(self.names)
            self.dice.shuffle(names)
            while names:
                together = 2 if len(names) > 1 and self.dice.random() < 0.15 else 1
                yield [names.pop() for _ in range(together)]

    async def rage(self, kills: int, wires: float = 0.0, until: float = float("inf")) -> None:
        """Kill so many times; after a part ``wires`` of the kills something happens to a wire, too."""
        for number, names in enumerate(self.turns()):
            if self.kills.total() >= kills or now() > until:
                return
            await asyncio.sleep(self.dice.uniform(0.2, 2))
            await self.kill(*names)
            if self.dice.random() < wires:
                await asyncio.sleep(self.dice.uniform(0.5, 2))
                await self.trouble()
            # Most blows come quickly after each other; after every third there is time to see that all is well.
            if number % 3 == 2:
                await asyncio.sleep(self.calm)

    async def kill(self, *names: str) -> None:
        """SIGKILL to these, a short while without them, and a new start."""
        victims = [self.stage.house.victims[name] for name in names]
        felt = any(name.startswith(_FELT) for name in names)
        if felt:
            self.stage.journal.begin_outage()
        for victim in victims:
            await asyncio.to_thread(victim.kill)
            self.kills[victim.name] += 1
        await asyncio.sleep(self.dice.choice((0.05, 0.5, 1, 2, 4)) * self.dice.uniform(0.5, 1))
        began = now()
        for victim in victims:
            victim.spawn()
        await asyncio.gather(*(asyncio.to_thread(victim.wait) for victim in victims))
        if felt:
            # A web process that asked in vain has ended by itself: it is a part of the same outage.
            await self._all_serve()
            self.stage.journal.end_outage()
        self.recoveries.append((" ".join(names), now() - began))
        self.say(f"{self.kills.total():4d} {' and '.join(names)}: back after {now() - began:.1f} s")

    async def _all_serve(self) -> None:
        serving = [process for process in self.stage.house.processes if process.serves]
        await asyncio.gather(*(asyncio.to_thread(process.wait) for process in serving))

    async def trouble(self) -> None:
        """Cut, stall (half-open) or slow one wire for a while."""
        wires = {"front": self.stage.front, **self.stage.back}
        name, how = self.dice.choice(sorted(wires)), self.dice.choice(("cut", "stall", "slow"))
        wire, seconds = wires[name], self.dice.uniform(0.5, 4)
        self.troubles[f"{how} {name}"] += 1
        self.stage.journal.begin_outage()
        if how == "cut":
            wire.cut()
        elif how == "stall":
            wire.stall()
        else:
            wire.slow(2)
        await asyncio.sleep(seconds)
        wire.mend()
        await self._all_serve()
        self.stage.journal.end_outage()
        self.say(f"     {how} the wire of {name} for {seconds:.1f} s")
