"""A client that never opens a socket, and one that loses it all the time: both end with the complete conversation."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx2
import pytest
import websockets

SAID_BY_TEAM, SAID_BY_CUSTOMER = 40, 20


class Rest:
    """The partner's endpoints, for one bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self.client = httpx2.AsyncClient(
            base_url=f"{url}/api/", headers={"Authorization": f"Bearer {token}"}, timeout=20
        )

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


class Customer:
    """What every client keeps: the messages by their number, and which of its own are not acknowledged yet."""

    def __init__(self, url: str, begun: dict[str, Any]) -> None:
        self.rest = Rest(url, begun["token"])
        self.number: int = begun["id"]
        self.address: str = begun["websocketUrl"]
        self.shown: dict[int, dict[str, Any]] = {}
        self.unsent: dict[str, str] = {}

    def take(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            self.shown[message["id"]] = message
            self.unsent.pop(message.get("clientMessageId", ""), None)

    def write(self, text: str) -> None:
        self.unsent[f"{self.number}-{text}"] = text

    def frame(self, client_id: str, text: str) -> dict[str, Any]:
        return {"conversationId": self.number, "content": text, "clientMessageId": client_id}

    @property
    def texts(self) -> list[str]:
        return [self.shown[n]["content"] for n in sorted(self.shown)]


class Poller(Customer):
    """Asks every moment for what came after the last message, and sends over REST."""

    async def live(self) -> None:
        while True:
            for client_id, text in list(self.unsent.items()):
                self.take([await self.rest.post("partner/messages", **self.frame(client_id, text))])
            # The own messages are taken before those of others that lie between: so it asks by what it has read.
            self.take(await self.rest.get(f"partner/messages/{self.number}?after={self.read}"))
            self.read = max(self.shown, default=0)
            await asyncio.sleep(0.4)

    read = 0


class Dropper(Customer):
    """Follows the guide's advice: reconnects, sends again what was not acknowledged, fetches what it missed."""

    connections = 0
    seq = -1

    async def live(self) -> None:
        while True:
            try:
                async with websockets.connect(self.address) as socket:
                    self.connections += 1
                    await self._until_it_breaks(socket)
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(0.05)

    async def _until_it_breaks(self, socket: Any) -> None:
        await self._sync(socket, 0)
        for client_id, text in list(self.unsent.items()):
            await self._send(socket, "message", self.frame(client_id, text))
        try:
            async with asyncio.timeout(random.uniform(0.3, 1.5)):
                while True:
                    await self._hear(socket, json.loads(await socket.recv()))
                    for client_id, text in list(self.unsent.items()):
                        await self._send(socket, "message", self.frame(client_id, text))
        except TimeoutError:
            socket.transport.abort()

    async def _hear(self, socket: Any, frame: dict[str, Any]) -> None:
        if frame["type"] == "sync":
            self.take(frame["payload"]["messages"])
            self.seq = frame["payload"]["seq"]
            if not frame["payload"]["complete"]:
                await self._sync(socket, max(self.shown))
        elif frame["type"] == "ack":
            self.take([frame["payload"]["message"]])
        elif "seq" in frame:
            if frame["prev"] > self.seq:
                await self._sync(socket, 0)
            self.seq = max(self.seq, frame["seq"])
            if frame["type"] == "message":
                self.take([frame["payload"]])

    async def _sync(self, socket: Any, after: int) -> None:
        await self._send(socket, "sync", {"conversationId": self.number, "after": after})

    async def _send(self, socket: Any, kind: str, payload: Any) -> None:
        await socket.send(json.dumps({"type": kind, "payload": payload}))


@pytest.fixture(scope="module")
def partner(product: Any) -> dict[str, Any]:
    body = {"name": "Acme", "domain": "shop.example.com"}
    made = httpx2.post(f"{product.url}/api/partner/register", json=body, timeout=20).json()
    agent = product.manage_json("create_agent", made["workspace"], "an@shop.example.com", "--role", "owner")
    return made | {"agent": agent, "url": product.url}


@pytest.mark.parametrize("kind", [Poller, Dropper])
async def test_it_ends_with_the_complete_conversation(partner: dict[str, Any], kind: type[Customer]) -> None:
    server, agent = Rest(partner["url"], partner["apiKey"]), Rest(partner["url"], partner["agent"]["token"])
    begun = await server.post("partner/conversations", customerId=kind.__name__)
    customer = kind(partner["url"], begun)
    life = asyncio.create_task(customer.live())
    for n in range(SAID_BY_TEAM):
        await agent.post("partner/messages", conversationId=begun["id"], content=f"team {n}")
        if n % 2:
            customer.write(f"customer {n // 2}")
        await asyncio.sleep(0.1)
    expected = SAID_BY_TEAM + SAID_BY_CUSTOMER
    async with asyncio.timeout(30):
        while len(customer.shown) < expected and not life.done():
            await asyncio.sleep(0.2)
    life.cancel()
    truth = await server.get(f"partner/messages/{begun['id']}")
    assert customer.texts == [message["content"] for message in truth]
    assert sorted(customer.texts) == sorted(
        [f"team {n}" for n in range(SAID_BY_TEAM)] + [f"customer {n}" for n in range(SAID_BY_CUSTOMER)]
    )
    assert kind is Poller or customer.connections > 3
