"""The round that the relay and the automated replies share: look for what is owed, do it, nap, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import threading
from abc import ABC, abstractmethod

import httpx2

from .threads import AWAY, DatabaseThreads
from .webhooks import bell


class Dispatcher(ABC):
    """Lives on one event loop; the database is used from threads of its own, called ``threads``.

    Looks every ``poll`` seconds, and at once when the bell rings. ``name`` is what the log calls it.
    """

    name: str

    def __init__(self, stop: threading.Event, *, poll: float, threads: str) -> None:
        self.stop = stop
        self._poll = poll
        self._wake = asyncio.Event()
        self._stumbled = False
        self._database = DatabaseThreads(threads)
        self._log = logging.getLogger(type(self).__module__)

    @abstractmethod
    def client(self) -> httpx2.AsyncClient:
        """Return the HTTP client of this round."""

    @abstractmethod
    async def look(self, http: httpx2.AsyncClient) -> None:
        """Begin what is due, and tidy up. May raise: it is said once, and tried again."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait for what is under way, not for ever. Never raises."""

    async def serve(self) -> None:
        """Look until told to stop. A database that is away is waited for."""
        async with self.client() as http:
            bell.listen(self._wake)
            try:
                while not self.stop.is_set():
                    self._wake.clear()
                    await self._look(http)
                    await self._nap()
            finally:
                bell.leave(self._wake)
                await self.end()

    async def end(self) -> None:
        """Let what is under way come to its end, and leave the database."""
        await self.drain()
        self._database.close()

    async def _look(self, http: httpx2.AsyncClient) -> None:
        try:
            await self.look(http)
        except Exception as error:
            if not self._stumbled:
                away = isinstance(error, AWAY)
                self._log.error("%s stumbled, and tries again: %s", self.name, error, exc_info=not away)
            self._stumbled = True
        else:
            if self._stumbled:
                self._log.info("%s is on its feet again", self.name)
            self._stumbled = False

    async def _nap(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            return
        # A burst of events rings often; one look for all of it.
        await asyncio.sleep(0.01)
