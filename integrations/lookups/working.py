"""Takes the cards that are owed a lookup, asks, and writes down what came; again until nothing is due.

The database is used from the caller's thread alone, and HTTP from a loop in another: a slow address holds no
connection. One worker of the installation is at it at a time, so that slow addresses take one place of the pool and
not all of them.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager

from django.core.cache import cache
from httpx2 import AsyncClient

from chat.models import ActionCard
from chat.services import cards

from . import asking
from .asking import Outcome, Question

AT_ONCE, OF_ONE = 32, 4
_LOCK, _LOCK_SECONDS = "lookups", 20
_LOOK_SECONDS = 0.25
# How long a run goes on; the next one is there within a second.
_RUN_SECONDS = 60
# Longer than any question takes: then its worker is dead.
LEASE_SECONDS = asking.SECONDS * 2 + 4

Asked = dict[Future[Outcome], ActionCard]


def run() -> int:
    """Do every lookup that is due or becomes so meanwhile. Returns how many; 0 if another worker is at it."""
    mine = uuid.uuid4().hex
    if not cache.add(_LOCK, mine, _LOCK_SECONDS):
        return 0
    try:
        return _run()
    finally:
        if cache.get(_LOCK) == mine:
            cache.delete(_LOCK)


def _run() -> int:
    done, until = 0, time.monotonic() + _RUN_SECONDS
    asked: Asked = {}
    with _loop() as loop:
        http = asyncio.run_coroutine_threadsafe(_open(), loop).result()
        try:
            while True:
                if time.monotonic() < until:
                    done += _begin(loop, http, asked)
                if not asked:
                    return done
                cache.touch(_LOCK, _LOCK_SECONDS)
                for future in wait(asked, _LOOK_SECONDS, FIRST_COMPLETED).done:
                    _write(asked.pop(future), future.result())
        finally:
            asyncio.run_coroutine_threadsafe(http.aclose(), loop).result()


async def _open() -> AsyncClient:
    return asking.client()


def _begin(loop: asyncio.AbstractEventLoop, http: AsyncClient, asked: Asked) -> int:
    """Take what is due and ask. Returns how many were taken."""
    taken = cards.claim(most=AT_ONCE - len(asked), each=OF_ONE, seconds=LEASE_SECONDS)
    for card in taken:
        question = asking.question_of(card)
        if isinstance(question, Question):
            asked[asyncio.run_coroutine_threadsafe(asking.ask(http, question), loop)] = card
        else:
            _write(card, question)
    return len(taken)


def _write(card: ActionCard, outcome: Outcome) -> None:
    if outcome.problem:
        cards.fail(card, outcome.problem, temporary=outcome.temporary)
    else:
        cards.answer(card, outcome.lines)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lookups", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
