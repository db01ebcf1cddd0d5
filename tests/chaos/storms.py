"""Storms: many clients at once whom nobody kills and nothing spares. The bars are those of docs/reliability.md.

    python -m tests.chaos.storms dropping [--clients 200] [--seconds 120]
    python -m tests.chaos.storms deaf     [--clients 50] [--messages 3000]
    python -m tests.chaos.storms restart  [--clients 500]

Starts PostgreSQL, Redis, RabbitMQ and the Procfile's processes of its own, as `python -m tests.chaos` does. Prints the
figures and what was broken, and exits with 1 when anything was. The short versions are tests (test_storms.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2

from .clients import arrive
from .journal import now
from .parley import Process
from .stage import House, Stage
from .verdict import judge
from .wires import short_lives

MEBIBYTE = 2**20
# What docs/reliability.md promises.
MEMORY_BAR = 64 * MEBIBYTE
SPREAD_BAR = 8.0
LATE_BAR = 5.0
# Of the connections of a storm that drops them: half-open before they end, and two seconds late.
_HALF_OPEN, _LATE, _LAG = 0.25, 0.25, 2.0
_LIVES = (1.0, 15.0)
# Characters of one message to the deaf: many, so that the memory would show it.
_WORDS = 3000
# As many chats as a socket may follow.
_CHATS = 20
_SAID_AT_ONCE = 20


@dataclass
class Outcome:
    """What a storm did, and which bars it broke."""

    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def demand(self, holds: bool, otherwise: str) -> None:
        """Note a broken bar unless it holds."""
        if not holds:
            self.broken.append(otherwise)

    def hear(self, stage: Stage) -> None:
        """Compare what clients were promised and saw with the database."""
        verdict = judge(stage)
        self.broken += verdict.faults
        self.figures |= verdict.figures


# -- connections that drop --------------------------------------------------------------------------------------------


async def dropping(
    stage: Stage, *, clients: int, seconds: float, pace: float = 10, lives: tuple[float, float] = _LIVES
) -> Outcome:
    """So many clients talk while each connection drops, some after a while half-open, some two seconds late."""
    outcome, desks, agents = Outcome(), min(4, clients // 10 + 1), clients // 5
    await stage.welcome(visitors=clients - desks - agents, desks=desks, agents=agents, robots=0, pace=pace)
    dice = stage.luck()
    stage.front.fate = short_lives(dice, lives, _HALF_OPEN)
    stage.front.lag = lambda: _LAG if dice.random() < _LATE else 0.0
    stage.front.drop()
    before = stage.front.connections
    await asyncio.sleep(seconds)
    dropped = stage.front.connections - before
    stage.front.fate, stage.front.lag = lambda: None, lambda: 0.0
    stage.front.drop()
    calm = now()
    await stage.hush(180)
    outcome.hear(stage)
    outcome.figures |= {"clients": clients, "connections": dropped, "complete after, seconds": round(now() - calm, 1)}
    outcome.demand(dropped > clients, f"only {dropped} connections: nothing was tried")
    return outcome


# -- clients that never read ------------------------------------------------------------------------------------------


class Deaf:
    """An inbox that follows chats and never reads what it is told."""

    def __init__(self, port: int, host: str, cookies: str, chats: list[str]) -> None:
        self.line = socket.socket()
        # The less the kernel takes for it, the sooner the server has it.
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.line.settimeout(60)
        self.line.connect(("127.0.0.1", port))
        head = (
            f"GET /inbox/socket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: cGFybGV5IG1lYXN1cmVzIQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: http://{host}\r\nCookie: {cookies}\r\n\r\n"
        )
        self.line.sendall(head.encode())
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += self.line.recv(1)
        assert b" 101 " in said, said
        for chat in chats:
            self.line.sendall(_frame(json.dumps({"type": "open", "chat": chat, "after": 10**6}).encode()))

    @property
    def stands(self) -> bool:
        """Whether the server still has the connection."""
        return self.line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x01"

    def close(self) -> None:
        self.line.close()


def _frame(text: bytes) -> bytes:
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text))) + b"\0\0\0\0" + text


async def deaf(
    stage: Stage, *, clients: int, messages: int, words: int = _WORDS, bar: int = MEMORY_BAR, late: float = LATE_BAR
) -> Outcome:
    """So many inboxes read nothing, while visitors write so many messages, of which all inboxes are told."""
    outcome = Outcome()
    await stage.welcome(visitors=_CHATS, desks=2, agents=2, robots=0, pace=1e9)
    visitors, serving = stage.visitors, [process for process in stage.house.processes if process.serves]
    await _say(stage, 3 * _CHATS, words)  # warm: what is loaded once is no growth
    chats, cookies = [visitor.chat for visitor in visitors], stage.desks[0].cookies
    # Past the wire, which would read for them.
    port, host = serving[0].port, stage.url.removeprefix("http://")
    crowd = [await asyncio.to_thread(Deaf, port, host, cookies, chats) for _ in range(clients)]
    try:
        await asyncio.sleep(2)
        before = most = sum(process.memory for process in serving)
        began = now()
        talking = asyncio.create_task(_say(stage, messages, words))
        while not talking.done():
            await asyncio.wait({talking}, timeout=0.2)
            most = max(most, sum(process.memory for process in serving))
        await talking
        took, stood = now() - began, sum(each.stands for each in crowd)
        await stage.hush(60)
    finally:
        for each in crowd:
            each.close()
    outcome.hear(stage)
    grown, told = most - before, messages * words * clients
    outcome.figures |= {
        "deaf": clients, "still connected": stood, "messages a second": round(messages / took, 1),
        "told to the deaf, MiB": round(told / MEBIBYTE), "growth, MiB": round(grown / MEBIBYTE, 1),
    }  # fmt: skip
    outcome.demand(told > 1.5 * bar, f"only {told / MEBIBYTE:.0f} MiB were told: the memory proves nothing")
    outcome.demand(grown < bar, f"the memory grew by {grown / MEBIBYTE:.0f} MiB (below {bar / MEBIBYTE:.0f})")
    worst = outcome.figures["worst wait, seconds"]
    outcome.demand(worst < late, f"somebody who reads waited {worst} s (below {late})")
    return outcome


async def _say(stage: Stage, messages: int, words: int) -> None:
    """Let the visitors write so many messages, by turns, and wait until all are acknowledged."""
    for number in range(messages):
        visitor = stage.visitors[number % len(stage.visitors)]
        while sum(len(each.queue) for each in stage.visitors) >= _SAID_AT_ONCE:
            await asyncio.sleep(0.01)
        visitor.say(visitor.chat, "x" * words)
    while any(visitor.queue for visitor in stage.visitors):
        await asyncio.sleep(0.05)


# -- a restart under all sockets --------------------------------------------------------------------------------------


async def restart(
    stage: Stage, *, clients: int, spread: float = SPREAD_BAR, times: int = 9, patience: float = 120
) -> Outcome:
    """Under so many sockets each serving process, so many ``times`` at most, ends by SIGTERM and starts again.

    One after the other, so that where there are two, one serves meanwhile. The clients do as they are told.
    """
    outcome = Outcome()
    await stage.welcome(visitors=0, desks=1, agents=0, robots=0, pace=1e9)
    names = iter(range(clients))
    await asyncio.gather(*(_arrivals(stage, names) for _ in range(20)))
    await _until(lambda: all(visitor.socket for visitor in stage.visitors), patience, "not everybody came in")
    asking = asyncio.create_task(_ask_on(stage, answers := Counter()))
    serving = [process for process in stage.house.processes if process.serves]
    spreads, busiest, told = [], 0.0, 0
    for process in serving[:times]:
        began = now()
        outcome.demand(await asyncio.to_thread(_end_and_begin, process) == 0, f"{process.name} did not end cleanly")
        await _until(lambda: all(visitor.socket for visitor in stage.visitors), patience, "not everybody came back")
        sent_away = [visitor for visitor in stage.visitors if visitor.told_at and visitor.told_at[-1] > began]
        told += len(sent_away)
        moments = sorted(next(at for at in visitor.dialled_at if at > visitor.told_at[-1]) for visitor in sent_away)
        if moments:
            spreads.append(moments[-1] - moments[0])
            seconds = Counter(int(at - moments[0]) for at in moments)
            busiest = max(busiest, max(seconds.values()) / len(moments))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    for visitor in stage.visitors:
        visitor.say(visitor.chat)
    await stage.hush(patience)
    outcome.hear(stage)
    seen = {**stage.journal.seen, **answers}
    errors = {what: count for what, count in seen.items() if what.startswith(("handshake 5", "HTTP 5"))}
    outcome.figures |= {
        "sockets": clients, "processes": len(serving), "told to reconnect": told,
        "spread, seconds": [round(each, 1) for each in spreads], "in the busiest second": f"{busiest:.0%}",
        "answers meanwhile": dict(answers),
    }  # fmt: skip
    # Where they are shared among processes, nobody sees to it that each has as many.
    outcome.demand(told >= clients // 10, f"only {told} of {clients} were told to come back")
    outcome.demand(all(each >= spread for each in spreads), f"they came back within {spreads} s (at least {spread})")
    outcome.demand(not errors, f"server errors: {errors}")
    if len(serving) > 1:
        refused = {what: count for what, count in seen.items() if what in ("handshake failed", "no answer")}
        outcome.demand(not refused, f"turned away although another process serves: {refused}")
    return outcome


async def _arrivals(stage: Stage, numbers: Any) -> None:
    """One after the other: each comes, and stays without a word."""
    for number in numbers:
        key = stage.keys["publishableKey"]
        client = await arrive(f"v{number}", stage.url, key, stage.journal, stage.luck())
        stage.visitors.append(client)
        client.start()
        client.start_sending()


def _end_and_begin(process: Process) -> int:
    """SIGTERM, and start again when it has ended. Returns how it ended."""
    code = process.stop()
    process.spawn()
    process.wait()
    return code


async def _ask_on(stage: Stage, answers: Counter[str]) -> None:
    """Ask something ten times a second, each time over a connection of its own."""
    head = {"Authorization": f"Bearer {stage.keys['secretKey']}"}
    while True:
        try:
            async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
                answer = await http.get(f"{stage.url}/v1/chat/agents/online", headers=head)
            answers[f"HTTP {answer.status_code}"] += 1
        except (httpx2.HTTPError, OSError):
            answers["no answer"] += 1
        await asyncio.sleep(0.1)


async def _until(true: Any, seconds: float, otherwise: str) -> None:
    deadline = now() + seconds
    while not true():
        assert now() < deadline, otherwise
        await asyncio.sleep(0.05)


# -- by hand ----------------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("storm", choices=("dropping", "deaf", "restart"))
    parser.add_argument("--clients", type=int, default=0, help="dropping 200, deaf 50, restart 500")
    parser.add_argument("--seconds", type=float, default=120, help="dropping: for how long")
    parser.add_argument("--messages", type=int, default=3000, help="deaf: how many are told to each")
    parser.add_argument("--webs", type=int, default=0, help="web processes: restart 2, else 1")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--like", default="", help="a migrated, empty database to copy: saves the migrations")
    return asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> int:
    print(f"{options.storm}, seed {options.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    webs = options.webs or (2 if options.storm == "restart" else 1)
    house = await asyncio.to_thread(lambda: House(webs=webs, like=options.like, PARLEY_SOCKET_FRAMES="1000"))
    stage = Stage(house, options.seed)
    # Whoever ends us gets the machine back without our servers; Ctrl-C does so by itself.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await stage.open()
        print(f"everything stands ({house.folder})", flush=True)
        began = now()
        if options.storm == "dropping":
            outcome = await dropping(stage, clients=options.clients or 200, seconds=options.seconds)
        elif options.storm == "deaf":
            outcome = await deaf(stage, clients=options.clients or 50, messages=options.messages)
        else:
            outcome = await restart(stage, clients=options.clients or 500)
        figures = {**outcome.figures, "minutes": round((now() - began) / 60, 1), "load": os.getloadavg()[0]}
        print(json.dumps(figures, indent=2, ensure_ascii=False))
        if outcome.broken:
            print(house.logs()[-20000:], file=sys.stderr)
        print("BROKEN: " + "; ".join(outcome.broken) if outcome.broken else "every bar holds")
        return 1 if outcome.broken else 0
    except BaseException:
        print(house.logs(), file=sys.stderr)
        raise
    finally:
        await stage.close()


if __name__ == "__main__":
    sys.exit(main())
