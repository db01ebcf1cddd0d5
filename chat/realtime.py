"""The only door between what happened and the sockets: one hub a process.

A hub holds the local sockets by topic. ``publish()`` may be called from any thread: the frame goes to the local
sockets on the server's loop, and once to the channel layer for the hubs of other processes, which subscribe to the
workspaces whose sockets they hold. So a frame crosses Redis once a process however many sockets wait for it, and is
rendered once a dialect.

Frames are hints: they may be lost (Redis gone, a process killed after COMMIT, a full queue). Heartbeats with the newest
``seq`` and catch-up make every client complete again. Every process that publishes numbers a pulse each second
(``chat.pulses``): a hub that misses one, or hears no more of a process, sends heartbeats to all of its sockets at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any, Protocol

import msgpack
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings

from .pulses import Pulses

log = logging.getLogger(__name__)

_QUEUE_LIMIT = 10_000
# Frames of one message of the channel layer, at most: what queued while the last one was sent.
_TOGETHER = 100
_RECHECK_SECONDS = 3
# No call of the layer takes this long; without an end, a half-open link would hold everything behind it.
_LAYER_SECONDS = 5
_PULSE_GROUP = "hub.pulse"


class Frame:
    """A neutral frame, and what is made of it once for all sockets: its renderings, one a dialect and side."""

    __slots__ = ("data", "rendered")

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.rendered: dict[Any, Any] = {}


class LocalSocket(Protocol):
    """What the hub needs of a socket. ``chat.sockets.Socket`` is the one implementation."""

    workspace_id: int
    topics: set[str]

    def deliver(self, frame: Frame) -> None: ...
    def tell_to_reconnect(self, after_ms: int) -> None: ...
    async def finish(self) -> None: ...
    @classmethod
    async def beat(cls, sockets: list[Any]) -> None: ...
    @classmethod
    async def recheck(cls, sockets: list[Any]) -> None: ...


class Hub:
    """The sockets of this process, and its line to the hubs of others."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.sockets: dict[Any, None] = {}
        self.by_topic: defaultdict[str, dict[Any, None]] = defaultdict(dict)
        self.by_workspace: defaultdict[int, int] = defaultdict(int)
        self.draining = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving = False
        # What was published and waits for the loop: however many threads publish, it is woken once.
        self._published: deque[tuple[int, list[str], dict[str, Any], list[str]]] = deque()
        self._waking = False
        # What other processes shall hear: a group, and a frame or the number of a pulse.
        self._outgoing: asyncio.Queue[tuple[str, Any]] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._receiving: asyncio.Task[None] | None = None
        self._channel = ""
        # What the channel hears at the layer, and what it should: brought together by _keep_subscribed.
        self._subscribed: set[str] = set()
        self._wishes = asyncio.Event()
        self._start = threading.Lock()
        self._pulses = Pulses()
        self._pulse = 0
        self._own_pulse_at = time.monotonic()
        # Whether frames may have been lost, so that every client must look; and who could not be told to.
        self._doubts = ""
        self._untold: dict[Any, None] = {}

    # -- life ----------------------------------------------------------------------------------------------------

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve on this loop: call it on the server's loop when it runs. Sockets of this process join from then on."""
        if self._loop and not self._serving and self._loop.is_running():
            # What this process published before it served goes by this loop from now on.
            self._loop.call_soon_threadsafe(_end, self._loop, self._tasks)
        self._loop = loop
        self._serving = True
        self._forget_published()
        self.draining = False
        self._tasks = [loop.create_task(self._tick())]
        if self._remote:
            self._outgoing = asyncio.Queue(_QUEUE_LIMIT)
            self._own_pulse_at = time.monotonic()
            self._tasks += [loop.create_task(self._send_remote()), loop.create_task(self._keep_subscribed())]

    def ensure_bound(self) -> None:
        """Bind to the running loop unless bound already: for servers that did not come through ``manage.py serve``."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop or not self._serving:
            self.bind(loop)

    async def drain(self, seconds: float = 10) -> None:
        """Tell every client to come back at a random moment within ``seconds``, finish what is under way, close."""
        self.draining = True
        sockets = list(self.sockets)
        for socket in sockets:
            socket.tell_to_reconnect(random.randint(0, int(seconds * 1000)))  # noqa: S311  # spreads load, no secret
        await asyncio.gather(*(socket.finish() for socket in sockets), return_exceptions=True)

    async def stop(self) -> None:
        """End the hub's own tasks and forget the sockets. Publishing is then without effect."""
        for socket in list(self.sockets):
            self.leave(socket)
        tasks, self._tasks = [*self._tasks, *([self._receiving] if self._receiving else [])], []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._channel, self._receiving = "", None
        self._subscribed.clear()
        self._serving = False
        self._loop = None
        self._forget_published()

    # -- sockets -------------------------------------------------------------------------------------------------

    def join(self, socket: Any, topics: Iterable[str]) -> None:
        """Let the socket hear these topics, beside those that it hears already. On the loop only."""
        if socket not in self.sockets:
            self.sockets[socket] = None
            self.by_workspace[socket.workspace_id] += 1
            if self.by_workspace[socket.workspace_id] == 1:
                self._wishes.set()
        for topic in topics:
            socket.topics.add(topic)
            self.by_topic[topic][socket] = None

    def leave(self, socket: Any, topics: Iterable[str] | None = None) -> None:
        """Stop hearing these topics; None: all of them, for good. On the loop only."""
        for topic in list(socket.topics if topics is None else topics):
            socket.topics.discard(topic)
            members = self.by_topic.get(topic)
            if members is not None:
                members.pop(socket, None)
                if not members:
                    del self.by_topic[topic]
        if topics is None and socket in self.sockets:
            del self.sockets[socket]
            self.by_workspace[socket.workspace_id] -= 1
            if not self.by_workspace[socket.workspace_id]:
                del self.by_workspace[socket.workspace_id]
                self._wishes.set()

    # -- frames --------------------------------------------------------------------------------------------------

    def publish(
        self, workspace_id: int, topics: list[str], data: dict[str, Any], *, unless: Iterable[str] = ()
    ) -> None:
        """Send a frame to every socket on any of the topics, once each; not to those that hear one of ``unless``.

        From any thread. Never raises and never waits: a frame is a hint.
        """
        try:
            loop = self._loop or self._publisher_loop()
            if loop is None:
                return
            self._published.append((workspace_id, topics, data, list(unless)))
            if not self._waking:
                self._waking = True
                loop.call_soon_threadsafe(self._send_published)
        except Exception:
            self._forget_published()
            log.exception("realtime.publish failed")

    def doubt(self, why: str) -> None:
        """Let every client look at what it has, here and at every other process: something may never be published.

        From any thread. Never raises and never waits.
        """
        try:
            if loop := self._loop or self._publisher_loop():
                loop.call_soon_threadsafe(self._doubt, why)
        except Exception:
            log.exception("realtime.doubt failed")

    def remind(self, socket: Any) -> None:
        """Send this socket a heartbeat as soon as the database can say with what. On the loop only."""
        self._untold[socket] = None

    def _doubt(self, why: str) -> None:
        self._doubts = why
        self._pulse += 1  # whoever listens learns that something is missing

    def _forget_published(self) -> None:
        """Drop what waits for a loop that will not come: on another one it would be told late."""
        self._published.clear()
        self._waking = False

    def _send_published(self) -> None:
        # Before the frames are taken: what is published from here on wakes the loop again.
        self._waking = False
        while self._published:
            workspace_id, topics, data, unless = self._published.popleft()
            self._deliver(topics, data, unless)
            if self._outgoing is not None:
                try:
                    self._outgoing.put_nowait((f"hub.{workspace_id}", (topics, msgpack.packb(data), unless)))
                except asyncio.QueueFull:
                    self._pulse += 1  # whoever listens learns that something is missing
                    log.warning("realtime: the channel layer is behind, a frame was dropped")

    def _deliver(self, topics: list[str], data: dict[str, Any] | bytes, unless: list[str]) -> None:
        """Give a frame, packed if it comes from another process, to the sockets that wait for it."""
        seen: dict[Any, None] = {}
        for topic in topics:
            seen.update(self.by_topic.get(topic, ()))
        if not seen:
            return
        frame = Frame(msgpack.unpackb(data, strict_map_key=False) if isinstance(data, bytes) else data)
        for socket in seen:
            if unless and not socket.topics.isdisjoint(unless):
                continue
            try:
                socket.deliver(frame)
            except Exception:
                log.exception("realtime: a socket could not render a frame")

    # -- other processes -----------------------------------------------------------------------------------------

    @property
    def _remote(self) -> bool:
        return not isinstance(get_channel_layer(), InMemoryChannelLayer)

    def _publisher_loop(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop of a process that serves no sockets (worker, relay, shell), started at first need."""
        if not self._remote:
            return None
        with self._start:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, name="realtime", daemon=True).start()
                asyncio.run_coroutine_threadsafe(self._start_publishing(), loop).result(5)
                self._loop = loop
        return self._loop

    async def _start_publishing(self) -> None:
        self._outgoing = asyncio.Queue(_QUEUE_LIMIT)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._send_remote()), loop.create_task(self._pulsate())]

    async def _pulsate(self) -> None:
        while True:
            self._send_pulse()
            await asyncio.sleep(1)

    async def _send_remote(self) -> None:
        assert self._outgoing is not None
        layer = get_channel_layer()
        while True:
            waiting = [await self._outgoing.get()]
            while len(waiting) < _TOGETHER and not self._outgoing.empty():
                waiting.append(self._outgoing.get_nowait())
            groups: defaultdict[str, list[Any]] = defaultdict(list)
            for group, frame in waiting:
                groups[group].append(frame)
            for group, frames in groups.items():
                try:
                    # Packed, and each frame in it: nobody unpacks what none of their sockets waits for.
                    message = {"type": "hub", "from": self.id, "frames": msgpack.packb(frames)}
                    if group == _PULSE_GROUP:
                        message = {"type": "pulse", "from": self.id, "numbers": frames}
                    async with asyncio.timeout(_LAYER_SECONDS):
                        await layer.group_send(group, message)
                except Exception as error:
                    self._pulse += 1  # whoever listens learns that something is missing
                    log.warning("realtime: the channel layer is gone: %s", error or type(error).__name__)
                    await asyncio.sleep(0.2)

    def _send_pulse(self) -> None:
        assert self._outgoing is not None
        self._pulse += 1
        with contextlib.suppress(asyncio.QueueFull):
            self._outgoing.put_nowait((_PULSE_GROUP, self._pulse))

    async def _keep_subscribed(self) -> None:
        """Hear what the local sockets need, whenever that changes, and as often as it takes."""
        while True:
            try:
                async with asyncio.timeout(_LAYER_SECONDS):
                    new = await self._subscribe()
            except Exception as error:
                log.warning("realtime: cannot hear the channel layer: %s", error or type(error).__name__)
                await asyncio.sleep(1)
                continue
            # What others published before passed by unheard.
            await self._beat([socket for socket in self.sockets if f"hub.{socket.workspace_id}" in new])
            await self._wishes.wait()

    async def _subscribe(self) -> set[str]:
        """Let the channel hear what it should, and no more. Returns the groups that are new to it."""
        layer = get_channel_layer()
        self._wishes.clear()
        if self._receiving is None:
            channel = await layer.new_channel()
            self._receiving = asyncio.ensure_future(self._receive_remote(channel))
            self._channel = channel
        wanted = {_PULSE_GROUP, *(f"hub.{workspace_id}" for workspace_id in self.by_workspace)}
        new = wanted - self._subscribed
        for group in new:
            await layer.group_add(group, self._channel)
            self._subscribed.add(group)
        for group in self._subscribed - wanted:
            await layer.group_discard(group, self._channel)
            self._subscribed.discard(group)
        return new

    async def _receive_remote(self, channel: str) -> None:
        layer = get_channel_layer()
        while True:
            try:
                message = await layer.receive(channel)
            except Exception as error:
                log.warning("realtime: cannot hear the channel layer: %s", error)
                await asyncio.sleep(1)
                continue
            try:
                self._hear(message)
            except Exception as error:  # of another release, say: it keeps nobody from hearing the next one
                log.warning("realtime: what another process said could not be read: %r", error)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "pulse":
            for number in message["numbers"]:
                self._heard_pulse(message["from"], number)
        elif message["from"] != self.id:
            for topics, packed, unless in msgpack.unpackb(message["frames"]):
                self._deliver(topics, packed, unless)

    def _heard_pulse(self, whose: str, number: int) -> None:
        now = time.monotonic()
        if whose == self.id:
            self._own_pulse_at = now
        if self._pulses.hear(whose, number, now):
            self._doubts = "frames of a process may be missing"

    async def _watch_layer(self) -> None:
        """Send our pulse and look for those of others; our own proves that the layer carries anything to us at all."""
        if self._outgoing is None or not self._serving:
            return
        self._send_pulse()
        now = time.monotonic()
        if self._pulses.ended(now):
            self._doubts = "a process is not heard any more"
        if now - self._own_pulse_at > 2 * _LAYER_SECONDS:
            self._own_pulse_at = now
            await self._hear_anew()

    async def _hear_anew(self) -> None:
        """Drop the connections to the layer and begin again: one that is half-open would be silent for ever."""
        log.warning("realtime: the channel layer is silent; connecting anew")
        receiving, self._receiving = self._receiving, None
        self._subscribed.clear()
        if receiving:
            receiving.cancel()
        try:
            async with asyncio.timeout(_LAYER_SECONDS):
                await get_channel_layer().flush()
        except Exception as error:
            log.warning("realtime: the channel layer is gone: %s", error or type(error).__name__)
        self._wishes.set()

    # -- heartbeats and rights -----------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Once a second, a slice of the sockets gets its heartbeat; every few seconds all are checked for rights."""
        second = 0
        while True:
            await asyncio.sleep(1)
            second += 1
            await self._watch_layer()
            await self._beat(self._due(second))
            if second % _RECHECK_SECONDS == 0:
                await self._each_class(list(self.sockets), "recheck")

    def _due(self, second: int) -> list[Any]:
        """Return whose heartbeat it is this second: everybody's, when something may have been lost.

        Who should have had one and could not, as the database was away, is due until they have it.
        """
        if self._doubts:
            log.warning("realtime: %s; every client checks what it has", self._doubts)
            self._doubts = ""
            self._untold.clear()
            return list(self.sockets)
        every = settings.HEARTBEAT_SECONDS
        due = {socket: None for i, socket in enumerate(self.sockets) if i % every == second % every}
        due |= {socket: None for socket in self._untold if socket in self.sockets}
        self._untold.clear()
        return list(due)

    async def _beat(self, sockets: list[Any]) -> None:
        self._untold.update(dict.fromkeys(await self._each_class(sockets, "beat")))

    async def _each_class(self, sockets: list[Any], what: str) -> list[Any]:
        """Call the method of each class with its sockets. Returns those with whom it failed."""
        failed: list[Any] = []
        classes: defaultdict[type, list[Any]] = defaultdict(list)
        for socket in sockets:
            classes[type(socket)].append(socket)
        for cls, members in classes.items():
            try:
                await getattr(cls, what)(members)
            except Exception:
                log.exception("realtime: %s of %s failed", what, cls.__name__)
                failed += members
        return failed


def _end(loop: asyncio.AbstractEventLoop, tasks: list[asyncio.Task[None]]) -> None:
    """Cancel the tasks on their loop, and stop it when they have ended."""
    for task in tasks:
        task.cancel()
    loop.call_soon(loop.stop)


hub = Hub()
