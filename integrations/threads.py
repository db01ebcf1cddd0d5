"""A loop's way to the database: threads of its own, and patience with a database that is away for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")

AWAY = (OperationalError, InterfaceError)
# A connection that died while it was idle is found out by using it, and the pool may hold a few of them.
_PAUSES = (0, 0.05, 0.2, 0.5, 1)


class DatabaseThreads:
    """Runs functions that use the database beside an event loop. Close it when the loop ends."""

    def __init__(self, name: str) -> None:
        # SQLite has one writer; more threads would only wait for each other.
        self._pool = ThreadPoolExecutor(1 if connection.vendor == "sqlite" else 4, thread_name_prefix=name)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function in a thread, again if the database was away for a moment: it may run twice."""
        loop = asyncio.get_running_loop()
        call = partial(_with_connection, function, *args, **kwargs)
        for pause in _PAUSES:
            try:
                return await loop.run_in_executor(self._pool, call)
            except AWAY:
                await asyncio.sleep(pause)
        return await loop.run_in_executor(self._pool, call)

    def close(self) -> None:
        """End the threads when they have done what they are at."""
        self._pool.shutdown()


def _with_connection(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
