"""The relay: sends what is owed, each endpoint in a lane of its own.

A dispatcher looks for subscriptions that are owed something and gives each a lane; a lane claims a few deliveries,
sends them side by side, marks them, and goes on until nothing is due. No lane waits for another: endpoints that fail
have their own, limited places. Several relays may run at once, in any process; one that is killed loses nothing, its
claims run out. At least once: what was sent but not yet marked is sent again, with the same id.
"""

import asyncio
import logging
import threading
import time

import httpx2

from ..dispatching import Dispatcher
from . import ledger, sending
from .ledger import Batch
from .policy import Pace, usual_pace
from .sending import Outcome

logger = logging.getLogger(__name__)

_PRUNE_EVERY = 3600
_MARK_EVERY = 0.2


def run(stop: threading.Event, pace: Pace | None = None) -> None:
    """Relay until ``stop`` is set, then finish what is on its way. Blocks; runs its own event loop.

    Whoever sets ``stop`` may call ``bell.ring()`` to be heard at once instead of at the next look.
    """
    asyncio.run(Relay(stop, pace or usual_pace()).serve())


def run_once(pace: Pace | None = None) -> int:
    """Send everything that is due, until nothing is, and return how many attempts that took."""
    return asyncio.run(Relay(threading.Event(), pace or usual_pace()).exhaust())


class Relay(Dispatcher):
    """One relay and its lanes."""

    name = "The relay"

    def __init__(self, stop: threading.Event, pace: Pace) -> None:
        super().__init__(stop, poll=pace.poll, threads="relay")
        self.pace = pace
        self.attempts = 0
        self._lanes: dict[int, asyncio.Task[None]] = {}
        # Lanes that must look once more before they end: something came while they were busy.
        self._again: set[int] = set()
        self._claimed: set[int] = set()
        self._places = asyncio.Semaphore(pace.endpoints)
        self._failing_places = asyncio.Semaphore(pace.failing_endpoints)
        self._prune_at = time.monotonic() + 60

    def client(self) -> httpx2.AsyncClient:
        """Return the client that signs and sends."""
        return sending.client(self.pace)

    async def look(self, http: httpx2.AsyncClient) -> None:
        """Give everybody who is owed something a lane; once an hour, delete what is kept no longer."""
        await self._dispatch(http)
        await self._housekeep()

    async def exhaust(self) -> int:
        """Dispatch until nothing is due; return the number of attempts."""
        async with self.client() as http:
            try:
                while await self._dispatch(http):
                    before = self.attempts
                    await asyncio.gather(*self._lanes.values())
                    if self.attempts == before:
                        break  # what is due is in the hands of another relay
            finally:
                await self.end()
        return self.attempts

    async def _dispatch(self, http: httpx2.AsyncClient) -> int:
        """Give each subscription that is owed something a lane; return how many there are."""
        owing = await self._database.run(ledger.owing)
        for subscription_id, failing in owing:
            if subscription_id in self._lanes:
                self._again.add(subscription_id)
            else:
                self._lanes[subscription_id] = asyncio.create_task(self._lane(http, subscription_id, failing))
        return len(owing)

    async def _lane(self, http: httpx2.AsyncClient, subscription_id: int, failing: bool) -> None:
        places = self._failing_places if failing else self._places
        try:
            while not self.stop.is_set():
                async with places:
                    well = await self._round(http, subscription_id)
                if well is None and subscription_id not in self._again:
                    return
                if well is not None and well == failing:
                    # It changed sides: the dispatcher finds it a place over there.
                    self._wake.set()
                    return
        except Exception:
            logger.exception("A lane of the relay broke off", extra={"subscription_id": subscription_id})
        finally:
            del self._lanes[subscription_id]
            self._again.discard(subscription_id)

    async def _round(self, http: httpx2.AsyncClient, subscription_id: int) -> bool | None:
        """Claim and send once. Returns whether the endpoint is well, or None when nothing was due."""
        self._again.discard(subscription_id)
        batch = await self._database.run(
            ledger.claim, subscription_id, most=self.pace.per_endpoint, lease=self.pace.lease
        )
        if batch is None:
            return None
        self._claimed.update(delivery.pk for delivery in batch.deliveries)
        if batch.subscription.in_order:
            await self._in_order(http, batch)
            return not batch.subscription.failures
        pending = {
            asyncio.create_task(sending.attempt(http, batch.subscription, delivery, self.pace))
            for delivery in batch.deliveries
        }
        try:
            while pending:
                # Marked as they come, those that come together in one transaction.
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                await self._mark(batch, [task.result() for task in done])
        finally:
            for task in pending:
                task.cancel()
        return not batch.subscription.failures

    async def _in_order(self, http: httpx2.AsyncClient, batch: Batch) -> None:
        """Send one after the other, up to the first that must be tried again; give back the rest."""
        transport = sending.transport_of(batch.subscription)
        marked_at = time.monotonic()
        until = marked_at + self.pace.lease / 2
        outcomes: list[Outcome] = []
        for delivery in batch.deliveries:
            if self.stop.is_set() or time.monotonic() > until:
                break
            outcomes.append(await transport(http, batch.subscription, delivery, self.pace))
            if not (outcomes[-1].ok or outcomes[-1].refused):
                break
            if time.monotonic() - marked_at > _MARK_EVERY:
                await self._mark(batch, outcomes)
                outcomes, marked_at = [], time.monotonic()
        if outcomes:
            await self._mark(batch, outcomes)
        rest = self._claimed.intersection(delivery.pk for delivery in batch.deliveries)
        if rest:
            await self._database.run(ledger.release, list(rest))
            self._claimed -= rest

    async def _mark(self, batch: Batch, outcomes: list[Outcome]) -> None:
        """Write down what came of attempts. What cannot be marked is sent again when its claim has run out."""
        self.attempts += len(outcomes)
        try:
            await self._database.run(ledger.settle, batch, outcomes)
        finally:
            self._claimed.difference_update(outcome.delivery_id for outcome in outcomes)

    async def _housekeep(self) -> None:
        """Once an hour, delete what is kept no longer."""
        if time.monotonic() < self._prune_at:
            return
        self._prune_at = time.monotonic() + _PRUNE_EVERY
        while await self._database.run(ledger.prune) and not self.stop.is_set():
            await asyncio.sleep(0.1)

    async def drain(self) -> None:
        """Wait for the lanes, not for ever, and give back what they had not sent."""
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=self.pace.drain)
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        if self._claimed:
            try:
                await self._database.run(ledger.release, self._claimed)
            except Exception:
                logger.exception("Claims could not be given back; they run out by themselves")
