"""``/ws?clientId=…&token=…``: the guide's frames both ways, who may open it, and what it must never tell."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from agents.models import Agent
from chat.access import Actor
from chat.models import Chat, Message, Visitor
from chat.realtime import hub
from chat.services import assigning, lifecycle, messages, starting, typing, visitors
from config.asgi import application
from config.demo.factories import AgentTokenFactory, PublishableKeyFactory, SecretKeyFactory, WidgetFactory
from integrations.partner.models import Partner
from tests.world import World
from widget import tokens

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMER, ORIGIN = "customer-12345", "https://shop.example.com"
later = partial(database_sync_to_async, thread_sensitive=False)


@dataclass
class Scene:
    """The world, with a customer's conversation in it."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        w = self.world
        Agent.objects.update(status="away")
        WidgetFactory(workspace=w.workspace, domains=["shop.example.com"])
        self.customer = Visitor.objects.create(workspace=w.workspace, external_id=CUSTOMER, verified=True, name="Vera")
        self.chat = self.begin()
        self.token = tokens.issue(self.customer)[0]
        self.key = SecretKeyFactory(workspace=w.workspace).secret

    def begin(self) -> Chat:
        actor = Actor.of_visitor(self.customer)
        return starting.start(workspace=self.world.workspace, visitor=self.customer, actor=actor).chat

    def team_says(self, body: str, **more: Any) -> Message:
        return messages.post(self.chat, Actor.of_workspace(self.world.workspace), body=body, **more)

    def assign(self, agent: Agent) -> None:
        Agent.objects.filter(pk=agent.pk).update(status="available")
        assigning.assign(self.chat, Agent.objects.get(pk=agent.pk), Actor.of_workspace(self.world.workspace))

    def agents_token(self, agent: Agent) -> str:
        return AgentTokenFactory(agent=agent).secret


class Line:
    """An open socket."""

    def __init__(self, line: WebsocketCommunicator) -> None:
        self.line = line

    async def send(self, kind: Any, payload: Any = None, **more: Any) -> None:
        await self.line.send_to(json.dumps({"type": kind, "payload": payload, **more}))

    async def hear(self, kind: str) -> dict[str, Any]:
        """Wait for a frame of this type; others are passed over."""
        while True:
            frame = json.loads(await self.line.receive_from(timeout=10))
            if frame["type"] == kind:
                return frame

    async def silent(self) -> list[dict[str, Any]]:
        """Everything heard until the answer to a question of our own."""
        await self.send("nothing", ref="end")
        heard = []
        while True:
            frame = json.loads(await self.line.receive_from(timeout=10))
            if frame["type"] == "error" and frame["payload"].get("clientMessageId") == "end":
                return heard
            heard.append(frame)


def ask(token: str = "", client: str | None = CUSTOMER, origin: str = "") -> WebsocketCommunicator:
    query = urlencode({k: v for k, v in (("clientId", client), ("token", token)) if v})
    headers = [(b"host", b"testserver"), *([(b"origin", origin.encode())] if origin else [])]
    return WebsocketCommunicator(application, f"/ws?{query}", headers=headers)


@asynccontextmanager
async def opened(token: str = "", client: str = CUSTOMER, origin: str = ""):
    line = ask(token, client, origin)
    await line.connect()
    open_line = Line(line)
    await open_line.hear("heartbeat")
    yield open_line
    await line.disconnect()


async def verdict(token: str = "", client: str | None = CUSTOMER, origin: str = "") -> Any:
    """Return the code with which a socket is closed, or the type of the first frame of one that is let in."""
    line = ask(token, client, origin)
    await line.connect()
    first = await line.receive_output(timeout=10)
    if "text" in first and json.loads(first["text"])["type"] == "error":
        assert set(json.loads(first["text"])["payload"]) == {"error", "message"}
        first = await line.receive_output(timeout=10)
    await line.disconnect()
    return first.get("code") or json.loads(first["text"])["type"]


@pytest.fixture(autouse=True)
async def quiet_hub():
    yield
    await hub.stop()


async def test_a_conversation_in_the_guides_frames(db):
    scene = await later(Scene)()
    number = scene.chat.pk
    async with opened(scene.token, origin=ORIGIN) as customer, opened(scene.key) as server:
        sent = {"conversationId": number, "content": "Hello, I need help", "senderId": CUSTOMER, "isFromAgent": False}
        await customer.send("message", sent)
        heard = (await server.hear("message"))["payload"]
        assert {name: heard[name] for name in sent} == sent
        assert (await customer.hear("message"))["payload"] == heard
        assert (await customer.hear("ack"))["payload"]["message"] == heard

        await customer.send("typing", {"conversationId": number, "isTyping": True, "isAgent": False})
        told = (await server.hear("typing"))["payload"]
        assert told == {"conversationId": number, "isTyping": True, "isAgent": False}
        await later(scene.assign)(scene.world.operator)
        status = (await customer.hear("status"))["payload"]
        assert status == {"conversationId": number, "status": "active", "agentId": scene.world.operator.pk}
        await server.send("typing", {"conversationId": number, "isTyping": True, "isAgent": True})
        assert (await customer.hear("typing"))["payload"]["isAgent"] is True

        answer = {"conversationId": number, "content": "Hi there!", "isFromAgent": True}
        await server.send("message", answer | {"senderId": f"agent-{scene.world.operator.pk}"})
        message = (await customer.hear("message"))["payload"]
        assert (message["senderId"], message["isFromAgent"]) == (f"agent-{scene.world.operator.pk}", True)
        await customer.send("read", {"conversationId": number, "messageId": message["id"]})
        read = (await server.hear("read"))["payload"]
        while read["messageId"] != message["id"]:
            read = (await server.hear("read"))["payload"]
        assert read == {"conversationId": number, "messageId": message["id"], "isAgent": False}

        await customer.send("status", {"conversationId": number, "status": "closed"})
        assert (await customer.hear("status"))["payload"]["status"] == "closed"
    assert (await later(Chat.objects.get)(pk=number)).status == "closed"


async def test_frames_of_the_timeline_say_what_was_missed(db):
    scene = await later(Scene)()
    async with opened(scene.token) as line:
        await later(scene.team_says)("one")
        await later(scene.team_says)("Careful", kind="note")
        await later(scene.team_says)("two")
        first, second = await line.hear("message"), await line.hear("message")
        assert [f["payload"]["content"] for f in (first, second)] == ["one", "two"]
        assert second["prev"] == first["seq"]
        await line.send("sync", {"conversationId": scene.chat.pk, "after": first["payload"]["id"]})
        told = (await line.hear("sync"))["payload"]
        assert [m["content"] for m in told["messages"]] == ["two"]
        assert (told["complete"], told["seq"], told["conversation"]["id"]) == (True, second["seq"], scene.chat.pk)


async def test_a_conversation_that_begins_later_is_heard_too(db):
    scene = await later(Scene)()
    async with opened(scene.token) as line:
        await later(lifecycle.close)(scene.chat, Actor.of_workspace(scene.world.workspace))
        assert (await line.hear("status"))["payload"]["status"] == "closed"
        scene.chat = await later(scene.begin)()
        begun = {"conversationId": scene.chat.pk, "status": "waiting", "agentId": None}
        assert (await line.hear("status"))["payload"] == begun
        await later(scene.team_says)("Hello again")
        assert (await line.hear("message"))["payload"]["conversationId"] == scene.chat.pk


async def test_a_resend_is_stored_once(db):
    scene = await later(Scene)()
    payload = {"conversationId": scene.chat.pk, "content": "Hello", "clientMessageId": "a"}
    async with opened(scene.token) as line:
        acks = []
        for _attempt in range(2):
            await line.send("message", payload)
            acks.append((await line.hear("ack"))["payload"])
        assert acks[0] == acks[1]
        await line.send("message", payload | {"content": "Other"})
        assert (await line.hear("error"))["payload"] | {"message": ""} == {
            "error": "conflict", "message": "", "clientMessageId": "a",
        }  # fmt: skip
    assert await later(Message.objects.filter(body="Hello").count)() == 1


async def test_a_bad_frame_is_answered_and_the_socket_stays(db):
    scene = await later(Scene)()
    number = scene.chat.pk
    bad = [
        ("message", None), ("message", {}), ("message", []), ("message", {"conversationId": number}),
        ("message", {"conversationId": "x", "content": "x"}), ("message", {"conversationId": number, "content": 5}),
        ("message", {"conversationId": number, "content": "x", "metadata": "x"}),
        ("message", {"conversationId": 987654321, "content": "x"}), ("typing", {"conversationId": number}),
        ("typing", {"conversationId": number, "isTyping": "x"}), ("read", {}), ("read", {"messageId": 987654321}),
        ("status", {"conversationId": number, "status": "x"}),
        ("status", {"conversationId": number, "status": "active"}),
        ("status", {"conversationId": number, "status": "active", "agentId": scene.world.operator.pk}),
        ("sync", {"conversationId": number}), ("sync", {"conversationId": number, "after": 987654321}),
        ("nothing", {}), ("flashback", {}), ("opened", {}), ("_chat", {}),
    ]  # fmt: skip
    async with opened(scene.token) as line:
        for kind, payload in bad:
            await line.send(kind, payload)
            error = (await line.hear("error"))["payload"]
            assert error["error"] in ("invalid_request", "not_found", "forbidden"), (kind, payload)
        for text in (" ", "x", "[]", "5", '{"type": 5}', "{"):
            await line.line.send_to(text)
            assert (await line.hear("error"))["payload"]["error"] == "invalid_request", text
        await line.send("message", {"conversationId": number, "content": "still here"})
        assert (await line.hear("ack"))["payload"]["message"]["content"] == "still here"


async def test_nobody_reaches_another_customers_conversation(db):
    scene = await later(Scene)()
    other = await later(
        lambda: (
            starting.start(
                workspace=scene.world.workspace,
                visitor=scene.world.other_visitor,
                actor=Actor.of_visitor(scene.world.other_visitor),
            ).chat
        )
    )()
    said = await later(messages.post)(other, Actor.of_visitor(scene.world.other_visitor), body="mine")
    for token in (scene.token, scene.key):
        async with opened(token) as line:
            for kind, payload in (
                ("message", {"content": "x"}), ("typing", {"isTyping": True}), ("status", {"status": "closed"}),
                ("sync", {"after": 0}),
            ):  # fmt: skip
                await line.send(kind, {"conversationId": other.pk, **payload})
                theirs = (await line.hear("error"))["payload"]
                await line.send(kind, {"conversationId": 987654321, **payload})
                assert (await line.hear("error"))["payload"] == theirs
            await line.send("read", {"messageId": said.pk})
            assert (await line.hear("error"))["payload"]["error"] == "not_found"
            await later(messages.post)(other, Actor.of_visitor(scene.world.other_visitor), body="secret")
            assert "secret" not in json.dumps(await line.silent())


async def test_who_may_open_it(db):
    scene = await later(Scene)()
    w = scene.world

    def make() -> dict[str, str]:
        return {
            "stranger": tokens.issue(w.stranger)[0],
            "other": tokens.issue(w.other_visitor)[0],
            "page": PublishableKeyFactory(workspace=w.workspace).secret,
            "narrow": SecretKeyFactory(workspace=w.workspace, scopes=[]).secret,
            "elsewhere": SecretKeyFactory(workspace=w.elsewhere).secret,
            "owner": scene.agents_token(w.owner),
            "operator": scene.agents_token(w.operator),
        }

    made = await later(make)()
    assert await verdict(scene.token) == "heartbeat"
    assert await verdict(scene.key) == "heartbeat"
    assert await verdict(made["owner"]) == "heartbeat"
    assert await verdict(made["operator"]) == "heartbeat"
    assert await verdict("") == 4401
    assert await verdict("sk_nobody") == 4401
    assert await verdict(made["page"]) == 4403
    assert await verdict(made["narrow"]) == 4403
    for name in ("stranger", "other", "elsewhere"):
        assert await verdict(made[name]) == await verdict(made[name], "nobody") == 4404, name
    assert await verdict(scene.token, None) == 4404
    assert await verdict(scene.key, "nobody") == 4404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.com.evil.example"])
async def test_no_foreign_page_opens_it(db, origin):
    scene = await later(Scene)()
    assert await verdict(scene.token, origin=origin) == 4403
    assert await verdict(scene.key, origin=ORIGIN) == 4403


async def test_without_a_token_only_where_an_operator_allows_it_and_only_from_the_registered_domain(db):
    scene = await later(Scene)()
    workspace = scene.world.workspace
    assert await verdict(origin=ORIGIN) == 4401
    partner = await later(Partner.objects.create)(
        workspace=workspace, domain="shop.example.com", approved_at=workspace.created_at
    )
    assert await verdict(origin=ORIGIN) == 4401
    await later(Partner.objects.update)(allow_unverified_clients=True)
    assert await verdict(origin=ORIGIN) == "heartbeat"
    for origin in (
        "",
        "null",
        "https://evil.example",
        "https://shop.example.com.evil.example",
        "https://x.shop.example.com",
    ):
        assert await verdict(origin=origin) == 4401, origin
    assert await verdict(client="nobody", origin=ORIGIN) == 4401
    await later(Partner.objects.filter(pk=partner.pk).update)(approved_at=None)
    assert await verdict(origin=ORIGIN) == 4401


async def test_one_without_a_token_hears_and_writes_but_reads_no_history_and_no_profile(db):
    scene = await later(Scene)()

    def prepare() -> None:
        workspace = scene.world.workspace
        Partner.objects.create(
            workspace=workspace, domain="shop.example.com", approved_at=workspace.created_at,
            allow_unverified_clients=True,
        )  # fmt: skip
        visitors.update(scene.customer, Actor.of_workspace(workspace), birthdate="1990-01-15")

    await later(prepare)()
    async with opened(origin=ORIGIN) as line:
        await line.send("message", {"conversationId": scene.chat.pk, "content": "Hello"})
        assert (await line.hear("message"))["payload"]["content"] == "Hello"
        await line.send("sync", {"conversationId": scene.chat.pk, "after": 0})
        assert (await line.hear("error"))["payload"]["error"] == "forbidden"
        await later(visitors.update)(scene.customer, Actor.of_workspace(scene.world.workspace), birthdate="1991-01-15")
        assert "flashback" not in {frame["type"] for frame in await line.silent()}
        await later(Partner.objects.update)(allow_unverified_clients=False)
        closed = await line.line.receive_output(timeout=15)
        while closed["type"] != "websocket.close":
            closed = await line.line.receive_output(timeout=15)
        assert closed["code"] == 4401


async def test_the_flashback_profile_comes_at_the_start_and_when_the_birthdate_does(db):
    scene = await later(Scene)()
    workspace = scene.world.workspace
    server = Actor.of_workspace(workspace)
    async with opened(scene.token) as line:
        await later(visitors.update)(scene.customer, server, birthdate="1990-01-15")
        profile = (await line.hear("flashback"))["payload"]["flashBack"]
        assert set(profile) == {"firstEventDate", "firstEventTrait", "secondEventDate", "secondEventTrait"}
        await later(visitors.update)(scene.customer, server, name="John")
        assert "flashback" not in {frame["type"] for frame in await line.silent()}
        await line.send("flashback")
        assert (await line.hear("flashback"))["payload"]["flashBack"] == profile
    async with opened(scene.token) as again:
        assert (await again.hear("flashback"))["payload"]["flashBack"] == profile
    await later(lambda: type(workspace).objects.update(flashback_enabled=False))()
    async with opened(scene.token) as without:
        await without.send("flashback")
        assert (await without.hear("error"))["payload"]["error"] == "not_found"


async def test_an_agent_hears_a_conversation_only_while_they_may_see_it(db):
    scene = await later(Scene)()
    tina = await later(scene.agents_token)(scene.world.teammate)
    async with opened(tina) as line:
        await later(scene.team_says)("for all")
        assert (await line.hear("message"))["payload"]["content"] == "for all"
        await later(typing.signal)(scene.chat, Actor.of_visitor(scene.customer), True)
        assert (await line.hear("typing"))["payload"]["isTyping"] is True
        await later(Chat.objects.update)(department=scene.world.support)
        await later(scene.chat.refresh_from_db)()
        await later(scene.team_says)("for support")
        await later(typing.signal)(scene.chat, Actor.of_visitor(scene.customer), True)
        heard = await line.silent()
        assert "for support" not in json.dumps(heard)
        assert "typing" not in {frame["type"] for frame in heard}
        await line.send("message", {"conversationId": scene.chat.pk, "content": "x"})
        assert (await line.hear("error"))["payload"]["error"] == "not_found"


async def test_a_revoked_key_loses_its_socket(db):
    scene = await later(Scene)()
    async with opened(scene.key) as line:
        from integrations.keys.models import SecretKey

        await later(SecretKey.objects.update)(revoked_at=scene.customer.created_at)
        async with asyncio.timeout(15):
            while (out := await line.line.receive_output(timeout=15))["type"] != "websocket.close":
                pass  # a heartbeat may be on its way
        assert out["code"] == 4401


async def test_the_heartbeat_names_what_matters(db):
    scene = await later(Scene)()
    await later(scene.team_says)("Hello")
    line = ask(scene.token)
    await line.connect()
    beat = json.loads(await line.receive_from(timeout=10))
    await line.disconnect()
    known = {"conversationId": scene.chat.pk, "status": "waiting", "agentId": None}
    seq = (await later(Chat.objects.get)(pk=scene.chat.pk)).last_public_seq
    assert beat == {"type": "heartbeat", "payload": {"conversations": [known | {"seq": seq}]}}
