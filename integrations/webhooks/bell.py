"""Wakes the relay of this process when something is owed; a relay elsewhere finds it at its next look."""

import asyncio
from contextlib import suppress

_listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()


def listen(wake: asyncio.Event) -> None:
    """Let :func:`ring` set this event. Called on the event's own loop."""
    _listeners.add((asyncio.get_running_loop(), wake))


def leave(wake: asyncio.Event) -> None:
    """Undo :func:`listen`."""
    _listeners.discard((asyncio.get_running_loop(), wake))


def ring() -> None:
    """Wake every relay of this process. Cheap, from any thread; without a relay it does nothing."""
    for loop, wake in tuple(_listeners):
        with suppress(RuntimeError):  # the loop has just closed
            loop.call_soon_threadsafe(wake.set)
