"""What every socket does the same way: shown on the smallest dialect there can be."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import transaction

from agents.models import Agent
from chat import broadcasting, sockets
from chat.access import Actor
from chat.errors import NotFound
from chat.models import Chat, Kind
from chat.realtime import hub
from chat.services import messages, starting
from chat.sockets import Refused, Socket, Standing

pytestmark = pytest.mark.django_db(transaction=True)


def agents_now(pks: list[int]) -> dict[int, str]:
    return dict(Agent.objects.active().filter(pk__in=pks).values_list("pk", "role"))


class Echo(Socket):
    """Says back what it hears; follows one chat from the visitor's side."""

    chat: Chat
    agent: Agent | None = None

    async def authenticate(self) -> None:
        self.chat = self.scope["chat"]
        self.workspace_id = self.chat.workspace_id
        if self.scope.get("refuse"):
            raise Refused(sockets.UNAUTHENTICATED)
        if agent := self.scope.get("agent"):
            await self.rest_on(Standing(agents_now, agent.pk))

    async def opened(self) -> None:
        hub.join(self, [broadcasting.visitor_topic(self.chat.pk)])

    def render(self, frame):
        return self.once(frame, "echo", lambda data: data)

    def error_frame(self, error, ref):
        return {"type": "error", "code": error.code, "ref": ref}

    @classmethod
    async def beat(cls, members) -> None:
        for socket in members:
            socket.send_frame({"type": "heartbeat"})

    async def on_say(self, frame) -> None:
        self.send_frame({"type": "said", "what": frame["what"]})

    async def on_fail(self, frame) -> None:
        raise NotFound

    async def on_break(self, frame) -> None:
        raise ZeroDivisionError


@pytest.fixture
def chat(world) -> Chat:
    return starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat


@pytest.fixture
async def quiet_hub() -> AsyncIterator[None]:
    yield
    await hub.stop()


async def connect(chat: Chat, **scope) -> WebsocketCommunicator:
    client = WebsocketCommunicator(Echo.as_asgi(), "/echo")
    client.scope.update(chat=chat, **scope)
    accepted, _ = await client.connect()
    assert accepted
    return client


async def next_frame(client: WebsocketCommunicator, kind: str) -> dict:
    while True:
        frame = json.loads(await client.receive_from(timeout=5))
        if frame["type"] == kind:
            return frame


async def test_a_bad_frame_gets_an_error_and_the_socket_stays_open(chat, quiet_hub):
    client = await connect(chat)
    bad = ["no json", "[]", "{}", '{"type": 7}', '{"type": "no such"}', "[" * 5000, '{"type": "__init__"}']
    for text in bad:
        await client.send_to(text_data=text)
        assert (await next_frame(client, "error"))["code"] == "invalid", text
    await client.send_to(bytes_data=b"\x00\x01")
    assert (await next_frame(client, "error"))["code"] == "invalid"
    await client.send_json_to({"type": "fail", "ref": 7})
    assert await next_frame(client, "error") == {"type": "error", "code": "not_found", "ref": 7}
    await client.send_json_to({"type": "break", "ref": "b"})
    assert await next_frame(client, "error") == {"type": "error", "code": "failed", "ref": "b"}
    await client.send_json_to({"type": "say", "what": "still here"})
    assert (await next_frame(client, "said"))["what"] == "still here"
    await client.disconnect()


async def test_a_flood_is_slowed_and_an_endless_one_let_go(chat, quiet_hub):
    client = await connect(chat)
    for n in range(Echo.BAD_FRAMES + 80):
        await client.send_json_to({"type": "say", "what": n})
    seen = []
    while not seen or seen[-1]["type"] != "websocket.close":
        seen.append(await client.receive_output(timeout=5))
    assert seen[-1]["code"] == sockets.TOO_MANY_BAD
    answered = [json.loads(s["text"]) for s in seen[:-1]]
    assert 60 <= sum(f["type"] == "said" for f in answered) < 80
    assert {f["code"] for f in answered if f["type"] == "error"} == {"too_many"}


async def test_who_is_refused_learns_why(chat):
    client = WebsocketCommunicator(Echo.as_asgi(), "/echo")
    client.scope.update(chat=chat, refuse=True)
    await client.connect()
    assert (await client.receive_output())["code"] == sockets.UNAUTHENTICATED


async def test_a_message_reaches_the_socket_after_commit_and_only_then(chat, world, quiet_hub):
    client = await connect(chat)
    actor = Actor.of_visitor(world.visitor)

    def write_and_roll_back() -> None:
        with transaction.atomic():
            messages.post(chat, actor, body="Never was")
            transaction.set_rollback(True)

    await sync_to_async(write_and_roll_back)()
    await sync_to_async(messages.post)(chat, actor, body="It is")
    frame = await next_frame(client, "message")
    assert frame["message"]["body"] == "It is"
    await client.disconnect()


async def test_a_note_does_not_reach_the_visitors_side(chat, world, quiet_hub):
    client = await connect(chat)
    otto = Actor.of_agent(world.operator)
    await sync_to_async(messages.post)(chat, otto, kind=Kind.NOTE, body="Secret")
    await sync_to_async(messages.post)(chat, otto, body="Hello")
    frame = await next_frame(client, "message")
    assert frame["message"]["body"] == "Hello"
    assert "Secret" not in json.dumps(frame)
    await client.disconnect()


async def test_frames_are_rendered_once_for_all(chat, world, quiet_hub):
    clients = [await connect(chat) for _ in range(3)]
    calls = []

    def count(data):
        calls.append(data)
        return data

    original = Echo.render
    Echo.render = lambda self, frame: self.once(frame, "counted", count)
    try:
        await sync_to_async(messages.post)(chat, Actor.of_visitor(world.visitor), body="Hello")
        for client in clients:
            await next_frame(client, "message")
    finally:
        Echo.render = original
    assert len([c for c in calls if c["type"] == "message"]) == 1
    for client in clients:
        await client.disconnect()


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "operator"}])
async def test_a_socket_closes_when_what_it_rests_on_changes(chat, world, quiet_hub, change):
    client = await connect(chat, agent=world.supervisor)
    await sync_to_async(Agent.objects.filter(pk=world.supervisor.pk).update)(**change)
    closed = await asyncio.wait_for(_closing(client), 5)
    assert closed == (sockets.UNAUTHENTICATED if "is_active" in change else sockets.RESTARTING)


async def _closing(client: WebsocketCommunicator) -> int:
    while True:
        output = await client.receive_output(timeout=5)
        if output["type"] == "websocket.close":
            return output["code"]


async def test_heartbeats_come_by_themselves(chat, quiet_hub, settings):
    settings.HEARTBEAT_SECONDS = 1
    client = await connect(chat)
    await next_frame(client, "heartbeat")
    await next_frame(client, "heartbeat")
    await client.disconnect()


async def test_drain_tells_when_to_come_back_and_closes(chat, quiet_hub):
    clients = [await connect(chat) for _ in range(20)]
    await hub.drain(10)
    delays = [(await next_frame(client, "reconnect"))["afterMs"] for client in clients]
    assert all(0 <= delay <= 10_000 for delay in delays)
    assert max(delays) - min(delays) > 2_000
    assert [await _closing(client) for client in clients] == [sockets.RESTARTING] * 20


async def test_a_client_that_reads_nothing_is_let_go(chat, quiet_hub):
    client = await connect(chat)
    (socket,) = hub.sockets
    stuck = asyncio.Event()

    async def never(**_kwargs) -> None:
        await stuck.wait()

    socket.send, send = never, socket.send
    for n in range(Socket.OUTBOX_FRAMES + 2):
        socket.send_frame({"type": "n", "n": n})
    socket.send = send
    stuck.set()
    assert await _closing(client) == sockets.TOO_SLOW


async def test_who_left_is_forgotten(chat, quiet_hub):
    client = await connect(chat)
    assert len(hub.sockets) == 1
    await client.disconnect()
    assert not hub.sockets
    assert not hub.by_topic
    assert not hub.by_workspace
