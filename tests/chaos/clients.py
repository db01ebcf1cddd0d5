"""Clients of the live-chat contract that behave as docs/protocol.md says: visitors, and agents with their tokens.

Ids of their own for what they send, sending again without an acknowledgement (over the socket or over REST),
coming back with backoff, catching up by ``seq``, answering heartbeats, giving up a line that is silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import uuid
from collections import deque
from typing import Any

import httpx2
import websockets

from .journal import Entry, Journal, Said, Timeline, now

SILENCE = 40
STEADY = 10
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0
ACK_WAIT = 5
# A request that a stalled link swallowed is given up, as the widget does.
REQUEST_WAIT = 15
_FINAL = {4401, 4403, 4404}
_TEMPORARY = {4290, 5000, 5001}
Json = dict[str, Any]


class Again(Exception):
    """It is not known to be done: send it again."""


class Over(Exception):
    """The chat has ended meanwhile: nothing was promised."""


class Refused(Exception):
    """It was refused for good."""


class Backoff:
    """Half a second, doubled up to twenty, each time a random half to whole of it; reset by :meth:`steady`."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.steady()

    def steady(self) -> None:
        self.wait = FIRST_WAIT

    async def sleep(self) -> None:
        wait, self.wait = self.wait, min(LONGEST_WAIT, self.wait * 2)
        await asyncio.sleep(wait * self.dice.uniform(0.5, 1))


class Line:
    """A socket that comes back by itself. A subclass says where to, and what a frame does."""

    def __init__(self, name: str, journal: Journal, dice: random.Random) -> None:
        self.name, self.journal, self.dice = name, journal, dice
        self.socket: Any = None
        self.stopped = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.answers: dict[str, asyncio.Future[Json]] = {}
        self.dialled_at: list[float] = []
        self.opened_at: list[float] = []
        self.told_at: list[float] = []

    def dial(self) -> Any:
        """Return `websockets.connect(…)` to the address of now."""
        raise NotImplementedError

    async def opened(self) -> None:
        """The socket stands."""

    def lost(self) -> None:
        """It stands no more."""

    async def hear(self, frame: Json) -> None:
        raise NotImplementedError

    def start(self) -> None:
        self.task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        self.stopped.set()
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _live(self) -> None:
        backoff = Backoff(self.dice)
        while not self.stopped.is_set():
            began, code, after = now(), 0, None
            self.dialled_at.append(began)
            try:
                async with self.dial() as self.socket:
                    self.opened_at.append(now())
                    await self.opened()
                    after = await self._listen(self.socket)
            except websockets.ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 1006
            except websockets.InvalidStatus as error:
                self.journal.seen[f"handshake {error.response.status_code}"] += 1
            except (OSError, TimeoutError, websockets.WebSocketException):
                self.journal.seen["handshake failed"] += 1
            finally:
                self.socket = None
                self._forget()
                self.lost()
            self.journal.seen[f"socket closed {code}"] += bool(code)
            if code in _FINAL:
                self.journal.fault(f"{self.name}: the socket was closed with {code}")
                return
            if after is not None:
                await asyncio.sleep(after)
                continue
            if now() - began > STEADY:
                backoff.steady()
            await backoff.sleep()

    async def _listen(self, socket: Any) -> float | None:
        """Hear frames until the end; return after how many seconds to come back when the server says so."""
        while True:
            async with asyncio.timeout(SILENCE):
                frame = json.loads(await socket.recv())
            if frame["type"] == "reconnect":
                self.journal.seen["told to reconnect"] += 1
                self.told_at.append(now())
                return frame["afterMs"] / 1000
            if frame["type"] == "heartbeat":
                await self.send({"type": "pong", "data": {}})
            await self.hear(frame)

    async def send(self, frame: Json) -> None:
        """Send if there is a socket; what gets lost is asked for again."""
        if self.socket is not None:
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.socket.send(json.dumps(frame))

    async def ask(self, ref: str, frame: Json) -> Json:
        """Send and wait for the answer with this ref. Raises Again when none comes."""
        if self.socket is None:
            raise Again
        answer = self.answers[ref] = asyncio.get_running_loop().create_future()
        try:
            await self.send(frame)
            return await asyncio.wait_for(answer, ACK_WAIT)
        except TimeoutError:
            self.journal.seen["not acknowledged in time"] += 1
            raise Again from None
        finally:
            self.answers.pop(ref, None)

    def answer(self, ref: str, frame: Json) -> None:
        waiting = self.answers.get(ref)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    def _forget(self) -> None:
        for waiting in self.answers.values():
            if not waiting.done():
                waiting.set_exception(Again())


class Sender:
    """Sends messages one after the other, each until it is acknowledged."""

    def __init__(self, name: str, journal: Journal, dice: random.Random) -> None:
        self.name, self.journal, self.dice = name, journal, dice
        self.queue: deque[Said] = deque()
        self.woken = asyncio.Event()
        self.count = 0
        self.task: asyncio.Task[None] | None = None

    def say(self, chat: str, text: str = "") -> Said:
        """Put a message into the queue. Its text is no other's."""
        self.count += 1
        client_id = uuid.uuid4().hex
        body = f"{self.name} {self.count} {text}".strip()
        said = self.journal.say(Said(chat, self.name, client_id, body))
        self.queue.append(said)
        self.woken.set()
        return said

    async def deliver(self, said: Said) -> tuple[str, int]:
        """Send it once; return the uid and seq of the acknowledgement. Raises Again, Refused."""
        raise NotImplementedError

    def start_sending(self) -> None:
        self.task = asyncio.create_task(self._send_all())

    async def stop_sending(self) -> None:
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _send_all(self) -> None:
        backoff = Backoff(self.dice)
        while True:
            while not self.queue:
                self.woken.clear()
                await self.woken.wait()
            said = self.queue[0]
            said.tries += 1
            try:
                uid, seq = await self.deliver(said)
            except Again:
                await backoff.sleep()
                continue
            except Over:
                self.journal.seen["came after the end"] += 1
            except Refused as refused:
                self.journal.fault(f"{said.body!r} was refused: {refused}")
            else:
                backoff.steady()
                self.journal.acknowledge(said, uid, seq)
            self.queue.popleft()


class Rest:
    """Calls of the live-chat contract, a connection each: they must find whichever process is there."""

    def __init__(self, url: str, token: str, journal: Journal) -> None:
        self.url, self.journal = url, journal
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Return the answer's data. Raises Again, Refused."""
        try:
            async with httpx2.AsyncClient(timeout=REQUEST_WAIT, trust_env=False) as http:
                answer = await http.request(method, f"{self.url}{path}", json=body, headers=self.headers)
        except (httpx2.HTTPError, OSError):
            raise Again from None
        if answer.status_code >= 500 or answer.status_code == 429:
            self.journal.seen[f"HTTP {answer.status_code}"] += 1
            raise Again
        if answer.status_code >= 400:
            raise Refused(f"{answer.status_code} {answer.text[:200]}")
        return answer.json().get("data", {}) if answer.content else {}

    async def insist(self, method: str, path: str, body: Json | None, dice: random.Random) -> Json:
        """Call until it is answered. Raises Refused."""
        backoff = Backoff(dice)
        while True:
            try:
                return await self.call(method, path, body)
            except Again:
                await backoff.sleep()


class SessionClient(Line, Sender):
    """Somebody's line to one session: its visitor, or an agent with a token."""

    def __init__(
        self, name: str, url: str, token: str, session: str, journal: Journal, dice: random.Random, for_team: bool
    ) -> None:
        Line.__init__(self, name, journal, dice)
        Sender.__init__(self, name, journal, dice)
        self.url, self.token, self.session = url, token, session
        self.rest = Rest(url, token, journal)
        self.chat = session.removeprefix("session_")
        self.timeline = Timeline(name, self.chat, for_team, journal)
        self.sending: asyncio.Task[None] | None = None

    # -- the socket ----------------------------------------------------------------------------------------------

    def dial(self) -> Any:
        address = f"{self.url.replace('http', 'ws', 1)}/v1/chat/{self.session}"
        protocols = [websockets.Subprotocol("parley.v1"), websockets.Subprotocol(f"bearer.{self.token}")]
        return websockets.connect(
            address, subprotocols=protocols, open_timeout=10, close_timeout=1, ping_interval=None, proxy=None
        )

    async def opened(self) -> None:
        self.timeline.connected(True)

    def lost(self) -> None:
        self.timeline.connected(False)

    async def hear(self, frame: Json) -> None:
        kind, data = frame["type"], frame.get("data") or {}
        if kind in ("message.new", "agent.assigned", "session.ended"):
            message = data if kind == "message.new" else data["message"]
            if not self._take(message):
                await self._catch_up()
        elif kind == "heartbeat" and data["seq"] > self.timeline.last:
            await self._catch_up()
        elif kind == "sync":
            for message in data["messages"]:
                if not self._take(message):
                    self.journal.fault(f"{self.name}: a catch-up of {self.chat} has a gap before {message['seq']}")
            if not data["complete"]:
                await self._catch_up()
        elif kind == "ack":
            self.answer(data["clientMessageId"], data)
        elif kind == "error":
            self.journal.seen[f"error {data['code']}"] += 1
            self.answer(str(data["ref"]), data)

    async def _catch_up(self) -> None:
        await self.send({"type": "sync", "data": {"after": self.timeline.last}})

    def _take(self, message: Json) -> bool:
        entry = Entry(uid_of(message), message["seq"], message["prev"], message["clientMessageId"])
        return self.timeline.take(entry)

    # -- sending -------------------------------------------------------------------------------------------------

    async def deliver(self, said: Said) -> tuple[str, int]:
        # What was sent in vain goes one way or the other: both must know it again.
        by_rest = self.socket is None or (said.tries > 1 and self.dice.random() < 0.5)
        message = await (self._by_rest(said) if by_rest else self._by_socket(said))
        if message["content"] != said.body:
            self.journal.fault(f"{said.body!r} was acknowledged as {message['content']!r}")
        return uid_of(message), message["seq"]

    async def _by_socket(self, said: Said) -> Json:
        data = {"content": said.body, "type": "text", "clientMessageId": said.client_id}
        answer = await self.ask(said.client_id, {"type": "message.send", "data": data})
        if "message" in answer and "code" not in answer:
            return answer["message"]
        if answer["code"] in _TEMPORARY:
            raise Again
        raise Refused(f"{answer['code']} {answer['message']}")

    async def _by_rest(self, said: Said) -> Json:
        body = {"content": said.body, "type": "text", "clientMessageId": said.client_id}
        return await self.rest.call("POST", f"/v1/chat/sessions/{self.session}/messages", body)

    async def end(self) -> None:
        """End the session, until that is acknowledged."""
        await self.rest.insist("POST", f"/v1/chat/sessions/{self.session}/end", {"reason": "done"}, self.dice)
        self.journal.ended.add(self.chat)


def uid_of(message: Json) -> str:
    return message["id"].removeprefix("msg_")


async def arrive(
    name: str, url: str, key: str, journal: Journal, dice: random.Random, department: str = ""
) -> SessionClient:
    """Start a session as a new visitor, as often as it takes: one start key, one client id for the first message."""
    said = Said("", name, uuid.uuid4().hex, f"{name} says hello")
    body = {
        "startKey": uuid.uuid4().hex,
        "visitor": {"name": name},
        "initialMessage": said.body,
        "clientMessageId": said.client_id,
        **({"department": department} if department else {}),
    }
    found = await Rest(url, key, journal).insist("POST", "/v1/chat/sessions", body, dice)
    client = SessionClient(name, url, found["token"], found["sessionId"], journal, dice, for_team=False)
    journal.started[name] = said.chat = client.chat
    journal.say(said)
    # The answer names no message: that it is there is the promise.
    said.acknowledged = now()
    return client
