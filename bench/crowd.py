"""Many quiet sockets, in a process of their own: opened together, answering heartbeats, dropped and opened again.

    python bench/crowd.py      takes one order a line on stdin, answers each with one line of JSON

Each is a few hundred bytes here, so that thousands fit into one process; they come from several addresses of this machine.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
# Ports of one address.
_AN_ADDRESS = 10_000
_HEARTBEAT, _ANSWER = b'"heartbeat"', b'{"type":"pong"}'
_WAIT_SECONDS = 180


class Quiet(asyncio.Protocol):
    """A client's socket. ``greeted`` is set by the first text, or by the handshake where nothing is said first."""

    __slots__ = ("buffer", "crowd", "number", "state", "transport")

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd, self.number = crowd, number
        self.state, self.buffer, self.transport = "new", b"", None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.crowd.request_of(self.number))

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.lost(self, self.state)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.state == "new" and not self._shaken():
            return
        while len(self.buffer) >= 2:
            size, start = self.buffer[1] & 127, 2
            if size == 126:
                size, start = int.from_bytes(self.buffer[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self.buffer[2:10], "big"), 10
            if len(self.buffer) < start + size:
                break
            code, text = self.buffer[0] & 15, self.buffer[start : start + size]
            self.buffer = self.buffer[start + size :]
            self._hear(code, text)

    def _shaken(self) -> bool:
        head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
        if not end:
            self.buffer = head
            return False
        status = head.split(b" ", 2)[1].decode()
        if status != "101":
            self.state = f"status {status}"
            self.transport.abort()
            return False
        self.state = "open"
        if not self.crowd.greeted_first:
            self.crowd.arrived(self)
        return True

    def _hear(self, code: int, text: bytes) -> None:
        if code == _TEXT:
            self.crowd.arrived(self)
            if _HEARTBEAT in text[:40]:
                self.crowd.heartbeats += 1
                self._write(_TEXT, _ANSWER)
        elif code == _PING:
            self._write(_PONG, text)
        elif code == _CLOSE:
            self.state = f"closed {int.from_bytes(text[:2], 'big')}"

    def _write(self, code: int, data: bytes) -> None:
        self.transport.write(bytes((128 | code, 128 | len(data))) + b"\0\0\0\0" + data)


class Crowd:
    """So many sockets of one kind."""

    def __init__(self, port: int, doors: list[dict[str, Any]], count: int, greeted_first: bool) -> None:
        self.port, self.doors, self.count, self.greeted_first = port, doors, count, greeted_first
        self.sockets: dict[int, Quiet] = {}
        self.back: dict[int, float] = {}
        self.trouble: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.heartbeats = 0
        self.dropping = False

    def request_of(self, number: int) -> bytes:
        """Return the handshake: the doors are taken by turns."""
        door = self.doors[number % len(self.doors)]
        lines = [f"GET {door['path']} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Key: cGFybGV5IG1lYXN1cmVzIQ==", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in door.get("headers", {}).items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def arrived(self, socket: Quiet) -> None:
        """Note that this one is in."""
        self.back.setdefault(socket.number, time.perf_counter())

    def lost(self, socket: Quiet, how: str) -> None:
        """Note how a socket ended that nobody meant to end, and try again in a second."""
        if self.dropping or self.sockets.get(socket.number) is not socket:
            return
        self.trouble[how] += 1
        self.back.pop(socket.number, None)
        asyncio.get_running_loop().call_later(1, self._begin, socket.number)

    def _begin(self, number: int) -> None:
        task = asyncio.ensure_future(self._connect(number))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _connect(self, number: int) -> None:
        if self.dropping:
            return
        address = (f"127.0.0.{2 + number // _AN_ADDRESS}", 0)
        loop = asyncio.get_running_loop()
        self.sockets[number] = socket = Quiet(self, number)
        try:
            await loop.create_connection(lambda: socket, "127.0.0.1", self.port, local_addr=address)
        except OSError as error:
            self.trouble[type(error).__name__] += 1
            loop.call_later(1, self._begin, number)

    async def come(self, at_once: int) -> dict[str, Any]:
        """Open all, at most so many under way at the same time; return the times until they were in."""
        began, self.back, self.trouble, self.dropping = time.perf_counter(), {}, Counter(), False
        begun = 0
        while len(self.back) < self.count:
            while begun < self.count and begun - len(self.back) < at_once:
                self._begin(begun)
                begun += 1
                if begun % 100 == 0:
                    await asyncio.sleep(0)
            if time.perf_counter() - began > _WAIT_SECONDS:
                break
            await asyncio.sleep(0.005)
        took = sorted(at - began for at in self.back.values())
        figures = {f"p{p}": took[min(len(took) - 1, len(took) * p // 100)] for p in (50, 99)} if took else {}
        return {"in": len(took), "seconds": took[-1] if took else 0, **figures, "trouble": dict(self.trouble)}

    async def drop(self) -> None:
        """Cut all connections, as a network does that fails."""
        self.dropping = True
        for socket in self.sockets.values():
            if socket.transport:
                socket.transport.abort()
        self.sockets = {}
        await asyncio.sleep(0.5)


async def take_orders() -> None:
    """Do what stdin says, line by line."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    crowd = Crowd(0, [], 0, False)
    while line := await orders.readline():
        order = json.loads(line)
        answer: dict[str, Any] = {}
        if order["do"] == "come":
            crowd = Crowd(order["port"], order["doors"], order["count"], order["greeted"])
            answer = await crowd.come(order["at_once"])
        elif order["do"] == "again":
            await crowd.drop()
            answer = await crowd.come(crowd.count)
        elif order["do"] == "drop":
            await crowd.drop()
        answer |= {"open": len(crowd.back), "heartbeats": crowd.heartbeats}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(take_orders())
