"""Group commit: what queues while the last transaction runs is stored together in the next one.

Nobody waits for others to come: an item that finds nothing under way is written at once, alone, by the thread that
brought it. One such write is under way in a process at any time, and it never waits for anybody's lock: an item that
would have to is set aside, with those of its lane that come after it, and written by a thread that may wait.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from ..errors import ChatError

log = logging.getLogger(__name__)
_LANES = 3
_FRESH_SECONDS = 1


class Busy(Exception):
    """The outcome of an item that was not written, because somebody else holds what it needs."""


class Item(Protocol):
    """What is written. The write gives each its ``outcome``: a result, or the exception that says why there is none."""

    outcome: Any

    @property
    def lane(self) -> Hashable:
        """Items of one lane are written in the order in which they came."""


class Committer:
    """A queue before one write at a time.

    ``write(items, wait)`` stores a list of items, in their order, in one transaction of its own. When it raises,
    nothing was stored, and each item is tried alone, so that one that cannot be stored fails no other. Unless it may
    ``wait`` for locks, it gives Busy to the items, whole lanes of them, that would need one.
    """

    def __init__(self, write: Callable[[Sequence[Any], bool], None], *, most: int = 200, queue: int = 10_000) -> None:
        self._write, self._most, self._limit = write, most, queue
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Any, Any]] = deque()
        self._aside: dict[Hashable, deque[tuple[Any, Any]]] = {}
        self._unsettled = 0
        self._writing = False
        self._wrote_at = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="committer")
        self._lanes = ThreadPoolExecutor(_LANES, thread_name_prefix="committer-lane")

    def now(self, item: Item) -> Any:
        """Wait until the item is committed; return its outcome or raise it. Not in a transaction, and not on a loop."""
        future: Future[Any] = Future()
        if self._enqueue(item, future):
            self._write_waiting(until=future)
        if not future.done():
            # Who writes for us needs a connection: if as many wait here as the pool has, none would be left for them.
            close_old_connections()
        return future.result()

    def soon(self, item: Item) -> asyncio.Future[Any]:
        """Return a future of the running loop that has the item's outcome when it is committed."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._enqueue(item, future):
            self._thread.submit(self._write_in_thread)
        return future

    def _enqueue(self, item: Item, future: Any) -> bool:
        """Add to the queue; True when nobody writes and the caller must. Raises ChatError when it is full."""
        with self._lock:
            if self._unsettled >= self._limit:
                raise ChatError(code="too_many")
            self._unsettled += 1
            self._waiting.append((item, future))
            first, self._writing = not self._writing, True
        return first

    def _write_waiting(self, until: Future[Any] | None = None) -> None:
        """Write what waits; when ``until`` is done, leave the rest to a thread of our own."""
        try:
            while batch := self._next():
                self._write_and_settle(batch, wait=False)
                if until is not None and until.done() and self._waiting:
                    self._thread.submit(self._write_in_thread)
                    return
        except BaseException:
            self._give_up()
            raise

    def _next(self) -> list[tuple[Any, Any]]:
        """Take the next batch. None left: whoever comes next writes."""
        batch: list[tuple[Any, Any]] = []
        with self._lock:
            while self._waiting and len(batch) < self._most:
                entry = self._waiting.popleft()
                # Behind those of its lane that came before it.
                self._aside.get(entry[0].lane, batch).append(entry)
            self._writing = bool(batch)
        return batch

    def _write_and_settle(self, batch: list[tuple[Any, Any]], *, wait: bool) -> None:
        try:
            self._commit([item for item, _ in batch], wait)
        finally:
            settled = [entry for entry in batch if wait or not isinstance(entry[0].outcome, Busy)]
            self._set_aside([entry for entry in batch if not wait and isinstance(entry[0].outcome, Busy)])
            with self._lock:
                self._unsettled -= len(settled)
            _settle(settled)

    def _set_aside(self, busy: list[tuple[Any, Any]]) -> None:
        """Leave these, in their order, to threads that may wait: one a lane."""
        for entry in busy:
            lane = entry[0].lane
            with self._lock:
                new = lane not in self._aside
                self._aside.setdefault(lane, deque()).append(entry)
            if new:
                self._lanes.submit(self._write_lane, lane)

    def _write_lane(self, lane: Hashable) -> None:
        close_old_connections()
        try:
            while batch := self._next_of(lane):
                self._write_and_settle(batch, wait=True)
        finally:
            close_old_connections()

    def _next_of(self, lane: Hashable) -> list[tuple[Any, Any]]:
        """Take what waits in a lane. None left: it is closed, and what comes next takes the usual way."""
        with self._lock:
            waiting = self._aside[lane]
            batch = [waiting.popleft() for _ in range(min(self._most, len(waiting)))]
            if not batch:
                del self._aside[lane]
        return batch

    def _give_up(self) -> None:
        """Let another thread go on: the one that wrote is being ended."""
        with self._lock:
            self._writing = bool(self._waiting)
        if self._writing:
            self._thread.submit(self._write_in_thread)

    def _write_in_thread(self) -> None:
        """Write what waits; on a connection that was good a moment ago, which then need not be tried first."""
        if connection.errors_occurred or time.monotonic() - self._wrote_at > _FRESH_SECONDS:
            close_old_connections()
        self._write_waiting()
        self._wrote_at = time.monotonic()

    def _commit(self, items: list[Any], wait: bool) -> None:
        for item in items:
            item.outcome = ChatError()  # what nobody settled has failed
        try:
            self._write(items, wait)
        except (OperationalError, InterfaceError) as error:
            # The database is not there, or nobody knows whether it has committed: trying again might store twice.
            _fail(items, error)
        except Exception as error:
            if len(items) == 1:
                _fail(items, error)
                return
            log.warning("a batch of %d is written one by one: %s", len(items), error)
            busy: set[Hashable] = set()
            for item in items:
                if item.lane in busy:
                    item.outcome = Busy()
                    continue
                self._commit([item], wait)
                if isinstance(item.outcome, Busy):
                    busy.add(item.lane)


def _fail(items: list[Any], error: Exception) -> None:
    for item in items:
        item.outcome = error


def _settle(batch: list[tuple[Any, Any]]) -> None:
    """Give every waiter its outcome: those of a loop together, because each call to it wakes it."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[tuple[Any, Any]]] = defaultdict(list)
    for item, future in batch:
        if isinstance(future, Future):
            _resolve(item, future)
        else:
            loops[future.get_loop()].append((item, future))
    for loop, members in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, members)
        except RuntimeError:
            log.warning("%d were committed whose loop has ended", len(members))


def _resolve_all(members: list[tuple[Any, Any]]) -> None:
    for item, future in members:
        if not future.done():  # whoever waited may have gone
            _resolve(item, future)


def _resolve(item: Any, future: Any) -> None:
    if isinstance(item.outcome, BaseException):
        future.set_exception(item.outcome)
    else:
        future.set_result(item.outcome)
