"""Does the turns that are owed, many chats side by side, each assistant within bounds. Lives on one event loop.

Several may run, in any process. One that is killed loses nothing: its leases run out, and another does the same turn
with the same client id.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass

import httpx2

from ..dispatching import Dispatcher
from ..threads import AWAY
from . import answering, provider, standing, turns
from .models import Outcome, Reason
from .turns import Begun, Verdict

logger = logging.getLogger(__name__)
_PRUNE_EVERY = 3600
_TELL_EVERY = 5


@dataclass(frozen=True)
class Pace:
    """The runner's clock and bounds, in seconds where they are times."""

    poll: float = 0.25
    # How often a turn that is under way is kept: its lease, and the typing that the visitor sees.
    pulse: float = 3
    # A killed process's turns are taken over after it.
    lease: float = 10
    look_for_suggestions: float = 1
    at_once: int = 50
    # A slow provider takes nobody else's places.
    per_assistant: int = 8
    # How long a runner that was asked to stop waits for answers.
    drain: float = 5


def run(stop: threading.Event, pace: Pace | None = None) -> None:
    """Do turns until ``stop`` is set. Blocks; runs its own event loop. ``bell.ring()`` is heard at once."""
    asyncio.run(Runner(stop, pace or Pace()).serve())


class Runner(Dispatcher):
    """One runner and the turns that it is at."""

    name = "The runner of automated replies"

    def __init__(self, stop: threading.Event, pace: Pace) -> None:
        super().__init__(stop, poll=pace.poll, threads="replies")
        self.pace = pace
        self._running: dict[int, asyncio.Task[None]] = {}
        self._of_assistant: Counter[int] = Counter()
        self._suggest_at = self._tell_at = 0.0
        self._prune_at = time.monotonic() + 60

    def client(self) -> httpx2.AsyncClient:
        """Return the client that asks providers."""
        return provider.client()

    async def look(self, http: httpx2.AsyncClient) -> None:
        """Tidy up, and begin the turns for which there is a place."""
        await self._housekeep()
        for turn_id, assistant_id in await self._database.run(turns.due, self.pace.at_once * 4):
            self._start(http, turn_id, assistant_id)

    async def _housekeep(self) -> None:
        now = time.monotonic()
        if now >= self._tell_at:
            self._tell_at = now + _TELL_EVERY
            await self._database.run(standing.tell)
        if now >= self._suggest_at:
            self._suggest_at = now + self.pace.look_for_suggestions
            await self._database.run(turns.owe_suggestions)
        if now >= self._prune_at:
            self._prune_at = now + _PRUNE_EVERY
            await self._database.run(turns.prune)

    def _start(self, http: httpx2.AsyncClient, turn_id: int, assistant_id: int) -> None:
        """Begin a turn if there is a place for it."""
        full = len(self._running) >= self.pace.at_once or self._of_assistant[assistant_id] >= self.pace.per_assistant
        if full or turn_id in self._running:
            return
        self._of_assistant[assistant_id] += 1
        self._running[turn_id] = asyncio.create_task(self._do(http, turn_id, assistant_id))

    async def _do(self, http: httpx2.AsyncClient, turn_id: int, assistant_id: int) -> None:
        try:
            begun = await self._database.run(turns.begin, turn_id, self.pace.lease)
            if begun is not None:
                await self._turn(http, begun)
        except AWAY as error:
            logger.warning("A turn waits for the database: %s", error)
        except Exception:
            logger.exception("A turn broke off; it is tried again", extra={"turn_id": turn_id})
        finally:
            del self._running[turn_id]
            self._of_assistant[assistant_id] -= 1
            self._wake.set()

    async def _turn(self, http: httpx2.AsyncClient, begun: Begun) -> None:
        verdict = begun.verdict
        if verdict is None:
            verdict = await self._ask(http, begun)
        if verdict is not None:
            await self._database.run(turns.settle, begun, verdict)

    async def _ask(self, http: httpx2.AsyncClient, begun: Begun) -> Verdict | None:
        """Ask the provider while the lease is kept. None when the lease was lost: the turn is another's."""
        assert begun.call
        asking = asyncio.create_task(answering.judge(http, begun.assistant, begun.call, begun.sources, begun.seconds))
        try:
            while not asking.done():
                if not await self._database.run(turns.pulse, begun, self.pace.lease):
                    return None
                await asyncio.wait([asking], timeout=self.pace.pulse)
            return self._judged(asking)
        finally:
            asking.cancel()
            turns.show_typing(begun, False)

    def _judged(self, asking: asyncio.Task[Verdict]) -> Verdict:
        """What came of it; a surprise of ours is a failure like the provider's, and the visitor gets a person."""
        try:
            return asking.result()
        except Exception as error:
            logger.exception("A provider could not be asked")
            name = type(error).__name__
            return Verdict(Outcome.FAILED, reason=Reason.FAILED, detail=f"Not asked: {name}", asked=True)

    async def drain(self) -> None:
        """Wait for what is under way, not for ever; what is broken off is taken over when its lease runs out."""
        tasks = list(self._running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self.pace.drain)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
