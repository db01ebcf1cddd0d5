"""Wires between clients and Parley, and between Parley and its servers, that can be cut, slowed and left half-open.

As tests/network.py has them, but on an event loop: hundreds of connections, each with a fate of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence

_CHUNK = 65536


class Wire:
    """Carries TCP from a port of its own to one of these ports, by turns; one that nobody listens on is passed over.

    ``fate`` is asked for each connection after how many seconds it ends, and whether it is then cut or carries nothing
    any more while both ends believe that it stands (half-open, for as long again, then cut). ``lag`` is asked for each
    connection how much later it carries everything, in seconds.
    """

    def __init__(self, *targets: int) -> None:
        self.targets = targets
        self.fate: Callable[[], tuple[float, bool] | None] = lambda: None
        self.lag: Callable[[], float] = lambda: 0.0
        self.port = 0
        self.is_whole = True
        self.delay = 0.0
        self.connections = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._turn = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> Wire:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """Drop every connection, and refuse new ones until mended."""
        self.is_whole = False
        self.drop()

    def stall(self) -> None:
        """Carry nothing, and let nobody notice."""
        self._flowing.clear()

    def freeze(self) -> None:
        """Leave the connections of now half-open for ever; new ones work."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def slow(self, seconds: float) -> None:
        """Carry everything so much later."""
        self.delay = seconds

    def mend(self) -> None:
        """Work again; what was stalled is lost with its connection."""
        if not self._flowing.is_set():
            self.drop()
        self.is_whole = True
        self.delay = 0.0
        self._flowing.set()

    def drop(self) -> None:
        """Cut every connection that there is."""
        for end in list(self._ends):
            _abort(end)

    async def close(self) -> None:
        self.cut()
        self._flowing.set()
        if self._server:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far = await self._dial() if self.is_whole else None
        if far is None:
            _abort(near)
            return
        self.connections += 1
        everybody, flowing, lag = self._flowing, asyncio.Event(), self.lag()
        flowing.set()
        self._ends |= {near, far[1]}
        tasks = [
            asyncio.ensure_future(self._carry(reader, far[1], lag, everybody, flowing)),
            asyncio.ensure_future(self._carry(far[0], near, lag, everybody, flowing)),
        ]
        end = asyncio.ensure_future(self._end(flowing, near, far[1]))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # the loop ends
        finally:
            for task in (*tasks, end):
                task.cancel()
            for writer in (near, far[1]):
                self._ends.discard(writer)
                _abort(writer)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self._turn += 1
        first = self._turn % len(self.targets)  # what others dial meanwhile turns it further
        for port in (*self.targets[first:], *self.targets[:first]):
            with contextlib.suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 5)
        return None

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lag: float, *flowing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self.delay or lag:
                    await asyncio.sleep(self.delay + lag)
                for each in flowing:
                    await each.wait()
                writer.write(data)
                await writer.drain()
            # Half-open: the other end does not learn of the end either.
            for each in flowing:
                await each.wait()

    async def _end(self, flowing: asyncio.Event, *writers: asyncio.StreamWriter) -> None:
        fate = self.fate()
        if fate is None:
            return
        seconds, half_open = fate
        await asyncio.sleep(seconds)
        if half_open:
            flowing.clear()
            await asyncio.sleep(seconds)
            flowing.set()
        for writer in writers:
            _abort(writer)


def short_lives(dice: random.Random, lives: Sequence[float], half_open: float) -> Callable[[], tuple[float, bool]]:
    """Return a fate: each connection ends within these seconds, so large a part of them half-open first."""
    return lambda: (dice.uniform(*lives), dice.random() < half_open)


def _abort(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(Exception):
        writer.transport.abort()
