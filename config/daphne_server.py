"""Daphne in this process, with sane limits and an orderly end. Import it only to serve: it installs a reactor."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from io import BytesIO
from typing import Any

import structlog
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server, reactor, twisted_loop
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings

from chat.realtime import hub

from .asgi import application
from .background import Background
from .lifespan import DRAIN_SECONDS, begin

logger = structlog.get_logger("parley.serve")
_FRAME_BYTES = 64 * 1024
_REQUEST_SECONDS = 120
_LAST_REQUESTS_SECONDS = 10
# How long a socket's handshake may wait for ourselves. Daphne's own 5 s is less than it takes to let thousands in who
# come back at once: those who are dropped come again, and what was done for them was in vain, until nobody gets in.
_HANDSHAKE_SECONDS = 60
_PIECE_BYTES = 64 * 1024
# How long an application may take after its client has gone. Daphne's own 10 s kill a request in the middle of a slow
# query, and Django never gives its connection back: sixteen such clients, and the pool of this process was empty.
_AFTER_THE_CLIENT_SECONDS = 3600
# What a client may leave unread before its socket is cut, and how much of that the kernel takes (where it can be told).
_UNREAD_BYTES = 512 * 1024
_UNREAD_BY_KERNEL = 128 * 1024
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Request(WebRequest):
    """Daphne's request with a body that ends. The application reads it from the disk, piece by piece.

    Daphne itself takes a body of any size, lets Twisted parse the forms in it, and holds all of it in memory.
    """

    _parsePOSTFormSubmission = False
    _body_bytes = 0
    content: Any
    body: Any = None

    def gotLength(self, length: int | None) -> None:
        """Refuse a body that says by itself that it is too large."""
        super().gotLength(length)
        self._count(length or 0)

    def handleContentChunk(self, data: bytes) -> None:
        """Take some of the body; what is not announced is counted."""
        self._body_bytes += len(data)
        if self._count(self._body_bytes):
            super().handleContentChunk(data)

    def _count(self, size: int) -> bool:
        if size > settings.LARGEST_REQUEST_BYTES and not self.channel.transport.disconnecting:
            self.channel.transport.write(_TOO_LARGE)
            self.channel.loseConnection()
        return size <= settings.LARGEST_REQUEST_BYTES

    def process(self) -> Any:
        """Hand over to the application; Daphne sees an empty body, so that it has nothing to queue."""
        self.body, self.content = self.content, BytesIO()
        return super().process()

    def connectionLost(self, reason: Any) -> None:
        """The client is gone."""
        self._forget()
        super().connectionLost(reason)

    def finish(self) -> None:
        """The answer is complete."""
        self._forget()
        super().finish()

    def _forget(self) -> None:
        if self.body is not None:
            self.body.close()


async def bodies_from_disk(scope: Any, receive: Any, send: Any) -> None:
    """The application, for which each call of ``receive`` reads one piece of the request's body."""
    body = scope.pop("parley.body", None)
    if body is None:
        await application(scope, receive, send)
        return
    read = False

    async def next_message() -> Any:
        nonlocal read
        if not read and not body.closed:
            piece = body.read(_PIECE_BYTES)
            read = len(piece) < _PIECE_BYTES
            return {"type": "http.request", "body": piece, "more_body": not read}
        while (message := await receive())["type"] == "http.request":
            pass  # Daphne's empty body
        return message

    await application(scope, next_message, send)


class Connections(HTTPFactory):
    """Daphne's maker of connections, whose requests are ours."""

    def buildProtocol(self, address: Any) -> Any:
        """Return the protocol of a new connection."""
        channel = super().buildProtocol(address)
        channel.requestFactory = Request
        return channel


class Socket(WebSocketProtocol):
    """Daphne's socket, able to say 1012 (restarting) and 1013 (try again later), which Autobahn takes for misuse.

    Daphne itself keeps in memory whatever a client does not read, and so does the kernel, megabytes a socket.
    """

    def connectionMade(self) -> None:
        """Keep what is unsent short in the kernel, so that it is we who count it."""
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self.transport.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNREAD_BY_KERNEL)
        super().connectionMade()

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:
        """Send, unless too much is unread: then cut the line, for a close frame would not be read either."""
        if self._unread <= _UNREAD_BYTES:
            super().serverSend(content, binary)
        elif self.state == self.STATE_OPEN:
            logger.info("too_slow", path=self.path.decode(errors="replace"))
            self.dropConnection(abort=True)

    @property
    def _unread(self) -> int:
        waiting = self.transport
        return len(waiting.dataBuffer) - waiting.offset + waiting._tempDataLen

    def serverClose(self, code: int | None = None) -> None:
        """Send a close frame with any code of the registry."""
        if code in (1012, 1013):
            self.sendCloseFrame(code=code)
        else:
            super().serverClose(code)


class House(Server):
    """One serving process: Daphne, the hub, and with_worker the worker, beat and relay beside them."""

    def __init__(self, listening: socket.socket, *, with_worker: bool, ready: Callable[[], None]) -> None:
        super().__init__(
            bodies_from_disk,
            endpoints=["(ours)"],
            signal_handlers=False,
            http_timeout=_REQUEST_SECONDS,
            websocket_handshake_timeout=_HANDSHAKE_SECONDS,
            websocket_connect_timeout=_HANDSHAKE_SECONDS,
            application_close_timeout=_AFTER_THE_CLIENT_SECONDS,
            ping_interval=20,
            ping_timeout=30,
            websocket_max_message_size=_FRAME_BYTES,
            websocket_max_frame_size=_FRAME_BYTES,
            server_name="parley",
            ready_callable=self._begin_when_running,
        )
        self.endpoints: list[str] = []  # we bind the port ourselves, to tell in one line that it is taken
        self.listening = listening
        self.background = Background() if with_worker else None
        self.ready = ready
        self.ending: asyncio.Task[None] | None = None

    def create_application(self, protocol: Any, scope: Any) -> Any:
        """Start the application for a request or a socket; returns the queue of what it hears."""
        if isinstance(protocol, Request):
            scope["parley.body"] = protocol.body
        return super().create_application(protocol, scope)

    def _begin_when_running(self) -> None:
        self.ws_factory.protocol = Socket
        self.http_factory = Connections(self)
        self.port = reactor.adoptStreamPort(self.listening.fileno(), self.listening.family, self.http_factory)
        self.listening.close()  # Twisted has its own copy
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.add_signal_handler(number, self._end)
        reactor.callWhenRunning(self._begin)

    def _begin(self) -> None:
        begin(twisted_loop)
        if self.background:
            self.background.start()
        self.ready()

    def _end(self) -> None:
        if self.ending:
            os._exit(1)  # asked twice: at once
        self.ending = twisted_loop.create_task(self._end_in_order())

    async def _end_in_order(self) -> None:
        """Accept nothing new; send the clients away; let requests end; stop the threads, then the loop."""
        logger.info("stopping")
        try:
            self.port.stopListening()
            await hub.drain(DRAIN_SECONDS)
            await self._last_requests()
            if self.background:
                await asyncio.to_thread(self.background.stop)
            await hub.stop()
        finally:
            reactor.stop()

    async def _last_requests(self) -> None:
        deadline = twisted_loop.time() + _LAST_REQUESTS_SECONDS
        while self._requests_under_way() and twisted_loop.time() < deadline:
            await asyncio.sleep(0.02)

    def _requests_under_way(self) -> bool:
        return any(
            not isinstance(protocol, WebSocketProtocol)
            and "application_instance" in details
            and not details["application_instance"].done()
            for protocol, details in self.connections.items()
        )
