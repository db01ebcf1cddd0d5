"""The only door between what happened and the sockets: one hub a process.

A hub holds the local sockets by topic. ``publish()`` may be called from any thread: the frame goes to the local
sockets on the server's loop, and once to the channel layer for the hubs of other processes, which subscribe to the
workspaces whose sockets they hold. So a frame crosses Redis once a process however many sockets wait for it, and is
rendered once a dialect.

Frames are hints: they may be lost (Redis gone, a full queue). Heartbeats with the newest ``seq`` and catch-up make
every client complete again; :meth:`Hub._watch_layer` sends heartbeats at once when the layer was gone for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings

log = logging.getLogger(__name__)

_QUEUE_LIMIT = 10_000
_RECHECK_SECONDS = 3
_LAYER_SILENCE_SECONDS = 2.5


class Frame:
    """A neutral frame and its renderings, one a dialect and side."""

    __slots__ = ("data", "rendered")

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.rendered: dict[Any, str | None] = {}


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
        self._outgoing: asyncio.Queue[tuple[str, dict[str, Any]]] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._channel = ""
        self._start = threading.Lock()
        self._last_echo = time.monotonic()

    # -- life ----------------------------------------------------------------------------------------------------

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve on this loop: call it on the server's loop when it runs. Sockets of this process join from then on."""
        self._loop = loop
        self._serving = True
        self.draining = False
        self._tasks = [loop.create_task(self._tick())]
        if self._remote:
            self._outgoing = asyncio.Queue(_QUEUE_LIMIT)
            self._tasks += [loop.create_task(self._send_remote()), loop.create_task(self._receive_remote())]

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
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._serving = False
        self._loop = None

    # -- sockets -------------------------------------------------------------------------------------------------

    def join(self, socket: Any, topics: Iterable[str]) -> None:
        """Let the socket hear these topics, beside those that it hears already. On the loop only."""
        if socket not in self.sockets:
            self.sockets[socket] = None
            self.by_workspace[socket.workspace_id] += 1
            if self.by_workspace[socket.workspace_id] == 1:
                self._listen(socket.workspace_id, True)
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
                self._listen(socket.workspace_id, False)

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
            loop.call_soon_threadsafe(self._publish_on_loop, workspace_id, topics, data, list(unless))
        except Exception:
            log.exception("realtime.publish failed")

    def _publish_on_loop(self, workspace_id: int, topics: list[str], data: dict[str, Any], unless: list[str]) -> None:
        self._deliver(topics, data, unless)
        if self._outgoing is not None:
            message = {"type": "hub", "from": self.id, "topics": topics, "unless": unless, "data": data}
            try:
                self._outgoing.put_nowait((f"hub.{workspace_id}", message))
            except asyncio.QueueFull:
                log.warning("realtime: the channel layer is behind, a frame was dropped")

    def _deliver(self, topics: list[str], data: dict[str, Any], unless: list[str]) -> None:
        seen: dict[Any, None] = {}
        for topic in topics:
            seen.update(self.by_topic.get(topic, ()))
        if not seen:
            return
        frame = Frame(data)
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
        self._tasks = [asyncio.get_running_loop().create_task(self._send_remote())]

    async def _send_remote(self) -> None:
        assert self._outgoing is not None
        layer = get_channel_layer()
        while True:
            group, message = await self._outgoing.get()
            try:
                await layer.group_send(group, message)
            except Exception as error:
                log.warning("realtime: the channel layer is gone: %s", error)
                await asyncio.sleep(0.2)

    async def _receive_remote(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                if not self._channel:
                    self._channel = await layer.new_channel()
                    await layer.group_add(f"hub.self.{self.id}", self._channel)
                    for workspace_id in list(self.by_workspace):
                        await layer.group_add(f"hub.{workspace_id}", self._channel)
                message = await layer.receive(self._channel)
            except Exception as error:
                log.warning("realtime: cannot hear the channel layer: %s", error)
                await asyncio.sleep(1)
                continue
            if message.get("type") == "echo":
                self._heard_echo()
            elif message.get("from") != self.id:
                self._deliver(message["topics"], message["data"], message["unless"])

    def _listen(self, workspace_id: int, on: bool) -> None:
        if not (self._remote and self._channel and self._loop):
            return
        layer = get_channel_layer()
        call = layer.group_add if on else layer.group_discard
        task = self._loop.create_task(call(f"hub.{workspace_id}", self._channel))
        task.add_done_callback(_log_failure)

    def _heard_echo(self) -> None:
        silence = time.monotonic() - self._last_echo
        self._last_echo = time.monotonic()
        if silence > _LAYER_SILENCE_SECONDS and self._loop:
            log.warning("realtime: the channel layer was silent for %.1f s; every client checks what it has", silence)
            self._loop.create_task(self._beat(list(self.sockets)))

    def _watch_layer(self) -> None:
        """Hear ourselves through the layer once a second: the only proof that frames of others reach us."""
        if self._outgoing is not None and self._serving:
            with contextlib.suppress(asyncio.QueueFull):
                self._outgoing.put_nowait((f"hub.self.{self.id}", {"type": "echo"}))

    # -- heartbeats and rights -----------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Once a second, a slice of the sockets gets its heartbeat; every few seconds all are checked for rights."""
        second = 0
        while True:
            await asyncio.sleep(1)
            second += 1
            self._watch_layer()
            slice_ = [
                s
                for i, s in enumerate(self.sockets)
                if i % settings.HEARTBEAT_SECONDS == second % settings.HEARTBEAT_SECONDS
            ]
            await self._beat(slice_)
            if second % _RECHECK_SECONDS == 0:
                await self._each_class(list(self.sockets), "recheck")

    async def _beat(self, sockets: list[Any]) -> None:
        await self._each_class(sockets, "beat")

    async def _each_class(self, sockets: list[Any], what: str) -> None:
        classes: defaultdict[type, list[Any]] = defaultdict(list)
        for socket in sockets:
            classes[type(socket)].append(socket)
        for cls, members in classes.items():
            try:
                await getattr(cls, what)(members)
            except Exception:
                log.exception("realtime: %s of %s failed", what, cls.__name__)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("realtime: %s", error)


hub = Hub()
