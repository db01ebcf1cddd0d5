"""Daphne in this process, with sane limits and an orderly end. Import it only to serve: it installs a reactor."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable

import structlog
from daphne.server import Server, reactor, twisted_loop
from daphne.ws_protocol import WebSocketProtocol

from chat.realtime import hub

from .asgi import application
from .background import Background
from .lifespan import DRAIN_SECONDS, begin

logger = structlog.get_logger("parley.serve")
_FRAME_BYTES = 64 * 1024
_REQUEST_SECONDS = 120
_LAST_REQUESTS_SECONDS = 10


class Socket(WebSocketProtocol):
    """Daphne's socket, able to say 1012 (restarting) and 1013 (try again later), which Autobahn takes for misuse."""

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
            application,
            endpoints=["(ours)"],
            signal_handlers=False,
            http_timeout=_REQUEST_SECONDS,
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

    def _begin_when_running(self) -> None:
        self.ws_factory.protocol = Socket
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
