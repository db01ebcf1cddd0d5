"""The other end of ``send.py``'s sockets, in a process of its own so that its share of the processor can be told.

    python bench/traffic.py           takes one order a line on stdin, answers each with one line of JSON
    python bench/traffic.py pair      a bare pair: a server that only passes frames on; prints its port

Frames are read by hand from an asyncio protocol, and masked with zeros: whatever this costs is taken from what it measures.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import struct
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_ID = 14
_TO_AGENT, _TO_VISITOR = b'"client_id":"', b'"clientMessageId":"'
_WAIT_SECONDS = 30


class Line(asyncio.Protocol):
    """One WebSocket, at either end: a client when it is given a ``path``, else a server that takes any."""

    def __init__(self, hear: Callable[[bytes], None], path: str = "", headers: dict[str, str] | None = None) -> None:
        self.hear, self.path, self.headers = hear, path, headers or {}
        self.is_client = bool(path)
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if self.is_client:
            host = f"127.0.0.1:{transport.get_extra_info('peername')[1]}"
            lines = [f"GET {self.path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
            lines += ["Sec-WebSocket-Key: cGFybGV5IG1lYXN1cmVzIQ==", "Sec-WebSocket-Version: 13"]
            lines += [f"{name}: {value}" for name, value in self.headers.items()]
            transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("closed"))
        elif self.is_client and not _ended:
            sys.exit(f"a socket was closed: {self.path} {self._buffer!r}")

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self.open.done() and not self._shake_hands():
            return
        self._read_frames()

    def _shake_hands(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if self.is_client and b" 101 " not in head.split(b"\r\n", 1)[0]:
            sys.exit(f"no socket at {self.path}: {head!r}")
        if not self.is_client:
            self.path = head.split(b" ", 2)[1].decode()
            # Whoever connects is our own client, which does not look at the key.
            self._transport.write(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        self._buffer = rest
        self.open.set_result(None)
        return True

    def _read_frames(self) -> None:
        data, at, end = self._buffer, 0, len(self._buffer)
        while end - at >= 2:
            code, size, start = data[at] & 15, data[at + 1] & 127, at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, start = (data[at + 2] << 8) | data[at + 3], at + 4
            elif size == 127:
                if end - at < 10:
                    break
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            start += 4 if data[at + 1] & 128 else 0  # our own masks are zero
            if end < start + size:
                break
            at = start + size
            if code == _TEXT:
                self.hear(data[start:at])
            elif code == _PING:
                self._write(_PONG, data[start:at])
            elif code == _CLOSE:
                sys.exit(f"a socket was closed: {self.path} {data[start:at]!r}")
        self._buffer = data[at:]

    def send(self, text: bytes) -> None:
        """Send a text frame."""
        self._write(_TEXT, text)

    def _write(self, code: int, data: bytes) -> None:
        mask, key = (128, b"\0\0\0\0") if self.is_client else (0, b"")
        size = len(data)
        head = bytes((128 | code, mask | size)) if size < 126 else struct.pack("!BBH", 128 | code, mask | 126, size)
        self._transport.write(head + key + data)


_ended: list[bool] = []


async def connect(port: int, path: str, headers: dict[str, str], hear: Callable[[bytes], None]) -> Line:
    """Open a socket on this machine."""
    loop = asyncio.get_running_loop()
    _transport, line = await loop.create_connection(lambda: Line(hear, path, headers), "127.0.0.1", port)
    await line.open
    return line


class Meter:
    """What is under way and what has come: each message is done when the agent has it and the sender its answer."""

    def __init__(self) -> None:
        self.under_way: dict[bytes, list[Any]] = {}
        self.delays: list[float] = []
        self.answers: list[float] = []
        self.begun = 0
        self.number = int(time.time()) % 10_000_000 * 1_000_000

    def start(self, send: Callable[[bytes], None], then: Callable[[], None], at: float = 0) -> None:
        """Send one message; ``at`` is when it was due, for those that a rate asks for."""
        self.number += 1
        name = b"%014d" % (self.number % 10**_ID)
        self.under_way[name] = [at or time.perf_counter(), 2, then]
        self.begun += 1
        send(name)

    def arrived(self, name: bytes, took: list[float]) -> None:
        """Note that one of the two ends has heard of it."""
        entry = self.under_way.get(name)
        if entry is None:
            return
        took.append(time.perf_counter() - entry[0])
        entry[1] -= 1
        if not entry[1]:
            del self.under_way[name]
            entry[2]()

    async def finish(self) -> None:
        """Wait for what is under way."""
        until = time.perf_counter() + _WAIT_SECONDS
        while self.under_way:
            if time.perf_counter() > until:
                sys.exit(f"{len(self.under_way)} messages did not arrive, of {self.begun}")
            await asyncio.sleep(0.01)

    def result(self, seconds: float, processor: float) -> dict[str, float]:
        """Return the figures: messages a second, percentiles in milliseconds, our own share of a core."""
        done = len(self.delays)
        figures = {"messages": done, "rate": done / seconds, "generator": processor / seconds}
        for name, took in (("delay", self.delays), ("answer", self.answers)):
            for percent in (50, 90, 99):
                figures[f"{name}_p{percent}"] = _percentile(took, percent)
        figures["delay_worst"] = 1000 * max(self.delays, default=0)
        return figures


def _percentile(took: list[float], percent: int) -> float:
    ordered = sorted(took)
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


meter = Meter()


class Pair:
    """A visitor's socket and that of the agent who has the chat."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.receipts = plan.get("receipts", False)
        self.visitor: Any = None
        self.agent: Any = None
        self.waiting: asyncio.Event = asyncio.Event()

    async def open(self) -> None:
        """Connect both, and let the agent open the chat."""
        v, a = self.plan["visitor"], self.plan["agent"]
        self.agent = await connect(a["port"], a["path"], a["headers"], self._agent_hears)
        self.visitor = await connect(v["port"], v["path"], v["headers"], self._visitor_hears)
        if chat := self.plan.get("chat"):
            self.agent.send(json.dumps({"type": "open", "chat": chat, "after": 0, "ref": 1}).encode())
            await asyncio.wait_for(self.waiting.wait(), _WAIT_SECONDS)

    def send(self, name: bytes) -> None:
        """The visitor posts."""
        self.visitor.send(
            b'{"type":"message.send","data":{"type":"text","content":"Where is my order, please? It was due on Monday.",'
            b'"clientMessageId":"' + name + b'"}}'
        )

    def _visitor_hears(self, text: bytes) -> None:
        if text.startswith(b'{"type":"ack"'):
            place = text.index(_TO_VISITOR) + len(_TO_VISITOR)
            meter.arrived(text[place : place + _ID], meter.answers)
        elif text.startswith(b'{"type":"heartbeat"'):
            self.visitor.send(b'{"type":"pong"}')
        elif text.startswith(b'{"type":"error"'):
            sys.exit(f"the visitor was refused: {text!r}")

    def _agent_hears(self, text: bytes) -> None:
        if text.startswith(b'{"type":"message"'):
            place = text.find(_TO_AGENT)
            if place >= 0:
                place += len(_TO_AGENT)
                meter.arrived(text[place : place + _ID], meter.delays)
                if self.receipts:
                    seq = json.loads(text)["seq"]
                    self.agent.send(b'{"type":"delivered","chat":"%s","seq":%d}' % (self.plan["chat"].encode(), seq))
        elif text.startswith(b'{"type":"heartbeat"'):
            self.agent.send(b'{"type":"pong"}')
        elif text.startswith(b'{"type":"synced"'):
            self.waiting.set()
        elif text.startswith(b'{"type":"error"'):
            sys.exit(f"the agent was refused: {text!r}")


class Echoing:
    """One socket whose own words come back: both ends at once."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.line: Any = None

    async def open(self) -> None:
        """Connect."""
        self.line = await connect(self.plan["port"], self.plan["path"], {}, self._hears)

    def send(self, name: bytes) -> None:
        """Say it."""
        self.line.send(name + b" Where is my order, please? It was due on Monday.")

    def _hears(self, text: bytes) -> None:
        meter.arrived(text[:_ID], meter.delays)
        meter.arrived(text[:_ID], meter.answers)


_groups: dict[str, list[Any]] = {}


async def do_open(order: dict[str, Any]) -> dict[str, Any]:
    """Open the sockets of a group."""
    kind = Echoing if order["kind"] == "echo" else Pair
    _groups[order["group"]] = [kind(plan) for plan in order["plans"]]
    for member in _groups[order["group"]]:
        await member.open()
    return {"open": len(_groups[order["group"]])}


async def do_closed(order: dict[str, Any]) -> dict[str, float]:
    """A closed loop: each member sends the next when the last one is done."""
    until = time.perf_counter() + order["seconds"]

    def go_on(member: Any) -> None:
        if time.perf_counter() < until:
            meter.start(member.send, lambda: go_on(member))

    return await _measured(lambda: _closed(go_on, order))


async def _closed(go_on: Callable[[Any], None], order: dict[str, Any]) -> None:
    for member in _groups[order["group"]]:
        go_on(member)
    await asyncio.sleep(order["seconds"])


async def do_rate(order: dict[str, Any]) -> dict[str, float]:
    """An open loop: so many a second, by the clock, whether the last ones have arrived or not."""
    return await _measured(lambda: _at_rate(order))


async def _at_rate(order: dict[str, Any]) -> None:
    members, gap = _groups[order["group"]], 1 / order["rate"]
    begun = time.perf_counter()
    for n in range(int(order["seconds"] * order["rate"])):
        due = begun + n * gap
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        # Counted from when the message was due, not from when this process found the time: but for its own delay.
        meter.start(members[n % len(members)].send, lambda: None, at=max(due, time.perf_counter() - 0.0005))


async def _measured(work: Callable[[], Coroutine[Any, Any, None]]) -> dict[str, float]:
    meter.delays, meter.answers, meter.begun = [], [], 0
    begun, used = time.perf_counter(), _used()
    await work()
    await meter.finish()
    return meter.result(time.perf_counter() - begun, _used() - used)


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def take_orders() -> None:
    """Do what stdin says, line by line."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    work = {"open": do_open, "closed": do_closed, "rate": do_rate}
    while line := await orders.readline():
        order = json.loads(line)
        print(json.dumps(await work[order["do"]](order)), flush=True)
    _ended.append(True)


async def serve_pairs() -> None:
    """Pass what comes on ``/v/N`` on to ``/a/N``, and say back that it came."""
    agents: dict[str, Line] = {}

    def accept() -> Line:
        def hear(text: bytes) -> None:
            name = text[text.index(_TO_VISITOR) + len(_TO_VISITOR) :][:_ID]
            agents[line.path[3:]].send(b'{"type":"message","client_id":"' + name + b'",' + text)
            line.send(b'{"type":"ack","clientMessageId":"' + name + b'"}')

        line = Line(hear)
        line.open.add_done_callback(lambda _done: agents.setdefault(line.path[3:], line) if line.path[1] == "a" else 0)
        return line

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(serve_pairs() if sys.argv[1:] == ["pair"] else take_orders())
