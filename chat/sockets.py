"""What every socket of Parley does the same way, whoever is at its other end.

A subclass says who the client is (:meth:`Socket.authenticate`), what each frame does (``on_<type>`` coroutines), how
a neutral frame looks in its dialect (:meth:`Socket.render`), and how its errors look (:meth:`Socket.error_frame`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.utils import translation

from .errors import ChatError, Invalid, NotFound
from .realtime import Frame, hub

log = logging.getLogger(__name__)

UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, TOO_MANY_BAD = 4401, 4403, 4404, 4408
RESTARTING, TOO_SLOW = 1012, 1013

# Threads for the database, so that one slow query does not hold up every other socket (channels#2132).
_threads = ThreadPoolExecutor(max_workers=settings.SOCKET_THREADS, thread_name_prefix="socket")


def run_db(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function that uses the database in a thread; await the answer."""
    return database_sync_to_async(function, thread_sensitive=False, executor=_threads)(*args, **kwargs)


_json = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def encode(data: dict[str, Any]) -> str:
    """Return the frame as JSON text."""
    return _json.encode(data)


_kept: set[asyncio.Task[Any]] = set()


def keep(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Do this beside what is under way: the loop alone would let a task be collected in its middle."""
    task = asyncio.ensure_future(coroutine)
    _kept.add(task)
    task.add_done_callback(_kept.discard)


class Refused(Exception):
    """The client may not have this socket; ``code`` is the close code of docs/protocol.md."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Standing:
    """Something that a socket's rights rest on: a row that must stay as it was.

    ``look`` takes the primary keys of all sockets that rest on the same kind of row and returns what it finds, by
    key: a missing key means that the right is gone, a changed value that it must be established anew.
    """

    look: Callable[[list[Any]], dict[Any, Any]]
    pk: Any


class TokenBucket:
    """Allows ``rate`` frames a second with bursts of ``burst``."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.level, self.at = burst, time.monotonic()

    def take(self) -> bool:
        """Take one; False when there is none."""
        now = time.monotonic()
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Socket(AsyncWebsocketConsumer):
    """A client's line to Parley."""

    # The hub delivers; a channel of its own for each socket would cost a subscription each.
    channel_layer_alias = "none: the hub delivers"
    subprotocol: str | None = None
    # A client that reads nothing may not fill the memory.
    OUTBOX_FRAMES: ClassVar[int] = 2000
    BAD_FRAMES: ClassVar[int] = 100

    workspace_id: int = 0
    # What the client reads.
    language: str = "en"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics: set[str] = set()
        self.standings: list[tuple[Standing, Any]] = []
        self.heard_at = time.monotonic()
        self._outbox: deque[str] = deque()
        self._flushing = False
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._bucket = TokenBucket(rate=settings.SOCKET_FRAMES, burst=3 * settings.SOCKET_FRAMES)
        self._bad = 0

    # -- for subclasses ------------------------------------------------------------------------------------------

    async def authenticate(self) -> None:
        """Establish who this is: set ``workspace_id`` and whatever the handlers need. Raise Refused otherwise."""
        raise NotImplementedError

    async def opened(self) -> None:
        """Join topics and greet, after the socket was accepted."""

    def render(self, frame: Frame) -> str | None:
        """Return the frame in this dialect, or None when it is not for this client. Use :meth:`once` for sharing."""
        raise NotImplementedError

    def error_frame(self, error: ChatError, ref: Any) -> dict[str, Any]:
        """Return the error in this dialect."""
        raise NotImplementedError

    def refusal(self, code: int) -> dict[str, Any] | None:
        """Return what a client that is not let in is told before its socket closes with this code, if anything."""
        return None

    @classmethod
    async def beat(cls, sockets: list[Any]) -> None:
        """Send each of these a heartbeat with the newest ``seq`` that it may see; renew what they lease."""
        raise NotImplementedError

    @property
    def answers(self) -> bool:
        """Whether the client has said anything lately: a link that is open at our end only proves nobody's presence."""
        return time.monotonic() - self.heard_at < 2.5 * settings.HEARTBEAT_SECONDS

    # -- life ----------------------------------------------------------------------------------------------------

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one client. Channels would keep a task beside each, to hear a channel layer, and make one a frame."""
        self.scope, self.base_send = scope, send
        with contextlib.suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())
                await asyncio.sleep(0)  # what has queued of this client keeps no other waiting

    async def connect(self) -> None:
        """Accept, or accept and close with the code that tells the client why (a refused handshake tells nothing)."""
        hub.ensure_bound()
        try:
            await self.authenticate()
        except Refused as refused:
            await self._refuse(refused.code)
            return
        except DatabaseError as error:
            log.warning("socket: nobody could be let in: %s", error)
            await self._refuse(TOO_SLOW)
            return
        await self.accept(self.subprotocol)
        if hub.draining:
            await self.close(code=RESTARTING)
            return
        hub.join(self, ())
        await self.opened()

    async def _refuse(self, code: int) -> None:
        await self.accept(self.subprotocol)
        if last_word := self.refusal(code):
            await self.send(text_data=encode(last_word))
        await self.close(code=code)

    async def disconnect(self, code: int) -> None:
        """Leave the hub; what the client leases runs out by itself."""
        self._closing = True
        hub.leave(self)

    async def rest_on(self, *standings: Standing) -> None:
        """Make this socket live only as long as these rows stand as they do now. Raises Refused when one does not."""
        for standing in standings:
            found = await run_db(standing.look, [standing.pk])
            if standing.pk not in found:
                raise Refused(UNAUTHENTICATED)
            self.standings.append((standing, found[standing.pk]))

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle what the server says. Channels has a thread look for old connections first; ``run_db`` does that."""
        await getattr(self, get_handler_name(message))(message)

    # -- incoming ------------------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Handle one frame. Whatever is wrong with it, the answer is an error frame and the socket stays open."""
        self.heard_at = time.monotonic()
        self._idle.clear()
        ref = None
        try:
            if not self._bucket.take():
                raise ChatError(code="too_many")
            frame = _parse(text_data)
            ref = self.ref_of(frame)
            handler = getattr(self, "on_" + str(frame["type"]).replace(".", "_"), None)
            if handler is None:
                raise Invalid(field="type")
            await handler(frame)
        except ChatError as error:
            await self._complain(error, ref)
        except Exception as error:
            log.exception("socket: a frame failed")
            self.send_frame(self.error_frame(ChatError(), ref))
            if isinstance(error, DatabaseError):
                hub.remind(self)  # it may have been asking for what it has missed
        finally:
            self._idle.set()

    def ref_of(self, frame: dict[str, Any]) -> Any:
        """Return what an error frame repeats so that the client knows which frame it answers."""
        return frame.get("ref")

    async def _complain(self, error: ChatError, ref: Any) -> None:
        self.send_frame(self.error_frame(error, ref))
        if error.code in ("too_many", "invalid"):
            self._bad += 1
            if self._bad >= self.BAD_FRAMES:
                await self.close(code=TOO_MANY_BAD)

    async def on_pong(self, frame: dict[str, Any]) -> None:
        """The client is there: ``receive`` has noted it."""

    # -- outgoing ------------------------------------------------------------------------------------------------

    def deliver(self, frame: Frame) -> None:
        """Render a frame of the hub and send it. On the loop."""
        text = self.render(frame)
        if text is not None:
            self.send_text(text)

    def once(self, frame: Frame, key: Any, make: Callable[[dict[str, Any]], dict[str, Any] | None]) -> str | None:
        """Return the rendering under this key, made only once for all sockets of the process."""
        if key not in frame.rendered:
            data = make(frame.data)
            frame.rendered[key] = None if data is None else encode(data)
        return frame.rendered[key]

    async def shared(self, frame: Frame, key: Any, function: Callable[..., Any], *args: Any) -> Any:
        """Read something once for all sockets of this process that this frame concerns alike.

        None when what it is about is gone by now, or cannot be read now: a frame is a hint.
        """
        reading = frame.rendered.get(key)
        if reading is None:
            reading = frame.rendered[key] = asyncio.ensure_future(self._quietly(function, *args))
        return await asyncio.shield(reading)  # one that leaves does not take it from the others

    async def _quietly(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return await self.do(function, *args)
        except (NotFound, ObjectDoesNotExist):
            return None
        except DatabaseError as error:
            log.warning("socket: a frame was not told: %s", error)
            hub.remind(self)
            return None

    async def do(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function of the database, in the client's language."""
        return await run_db(self._speaking, function, *args)

    def _speaking(self, function: Callable[..., Any], *args: Any) -> Any:
        with translation.override(self.language):
            return function(*args)

    def send_frame(self, data: dict[str, Any]) -> None:
        """Send a frame of this dialect. On the loop; keeps the order."""
        self.send_text(encode(data))

    def send_text(self, text: str) -> None:
        """Queue text for sending; a client that reads nothing is let go."""
        if self._closing:
            return
        if len(self._outbox) >= self.OUTBOX_FRAMES:
            self._closing = True
            keep(self.close(code=TOO_SLOW))
            return
        self._outbox.append(text)
        if not self._flushing:
            self._flushing = True
            keep(self._flush())

    async def _flush(self) -> None:
        try:
            while self._outbox:
                await self.base_send({"type": "websocket.send", "text": self._outbox.popleft()})
        except Exception as error:
            log.debug("socket: gone while sending: %s", error)
            self._outbox.clear()
        finally:
            self._flushing = False

    # -- drain and rights ----------------------------------------------------------------------------------------

    def tell_to_reconnect(self, after_ms: int) -> None:
        """Tell the client that this process is about to stop."""
        self.send_frame({"type": "reconnect", "afterMs": after_ms, "data": {"afterMs": after_ms}})

    async def finish(self) -> None:
        """Let the frame under way end and the outbox empty, then close. Bounded."""
        try:
            await asyncio.wait_for(self._idle.wait(), 5)
            until = time.monotonic() + 2
            while (self._outbox or self._flushing) and time.monotonic() < until:
                await asyncio.sleep(0.02)
        finally:
            hub.leave(self)
            await self.close(code=RESTARTING)

    @classmethod
    async def recheck(cls, sockets: Iterable[Socket]) -> None:
        """Close those whose rights have changed: one query for all sockets that rest on the same kind of row."""
        wanted: defaultdict[Any, set[Any]] = defaultdict(set)
        sockets = list(sockets)
        for socket in sockets:
            for standing, _ in socket.standings:
                wanted[standing.look].add(standing.pk)
        found = {look: await run_db(look, list(pks)) for look, pks in wanted.items()}
        for socket in sockets:
            for standing, before in socket.standings:
                now = found[standing.look].get(standing.pk, _GONE)
                if now != before:
                    hub.leave(socket)
                    keep(socket.close(code=UNAUTHENTICATED if now is _GONE else RESTARTING))
                    break


_GONE = object()


def _parse(text: str | None) -> dict[str, Any]:
    """Return the frame as a dictionary with a ``type``. Raises Invalid."""
    if text is None:
        raise Invalid(field="type")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(field="") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise Invalid(field="type")
    return frame
