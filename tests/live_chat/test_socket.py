"""Section 7 by the real server and a real WebSocket client. The first test is written from the contract alone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from websockets.exceptions import ConnectionClosed

ORIGIN = "https://shop.example.com"


@dataclass
class Company:
    """A workspace of the running product, with its keys and an agent."""

    product: Any
    keys: dict[str, Any]
    agent: dict[str, Any]

    def call(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Call /v1/chat and return the data of an answer that worked."""
        answer = self.raw(method, path, token, body, **headers)
        assert answer.status_code < 400, answer.text
        return answer.json()["data"]

    def raw(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Call /v1/chat."""
        sent = {"Authorization": f"Bearer {token}", **headers}
        return httpx2.request(method, f"{self.product.url}/v1/chat/{path}", json=body, headers=sent, timeout=20)

    @property
    def server(self) -> str:
        return self.keys["secretKey"]

    def start(self, **body: Any) -> dict[str, Any]:
        """A page starts a session."""
        return self.call("POST", "sessions", self.keys["publishableKey"], body, Origin=ORIGIN)


@dataclass
class Line:
    """An open socket that keeps what it heard."""

    socket: Any
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, type_: str, **data: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, "data": data}))

    async def hear(self, type_: str, test: Callable[[dict], bool] = lambda data: True) -> dict[str, Any]:
        """Wait for a frame of this type whose data passes; what came before it stays in ``heard``."""
        async with asyncio.timeout(10):
            while True:
                frame = json.loads(await self.socket.recv())
                self.heard.append(frame)
                if frame["type"] == type_ and test(frame["data"]):
                    return frame

    async def closed(self) -> int:
        """Wait for the end and return its code."""
        async with asyncio.timeout(10):
            try:
                while True:
                    self.heard.append(json.loads(await self.socket.recv()))
            except ConnectionClosed as end:
                return end.rcvd.code if end.rcvd else 1006


def line(url: str, token: str, **options: Any) -> Any:
    """Open a socket as the contract says: the token in the address."""
    return _Opening(websockets.connect(f"{url}?token={token}", **options))


class _Opening:
    def __init__(self, connecting: Any) -> None:
        self.connecting = connecting

    async def __aenter__(self) -> Line:
        return Line(await self.connecting.__aenter__())

    async def __aexit__(self, *exc: Any) -> None:
        await self.connecting.__aexit__(*exc)


@pytest.fixture(scope="module")
def company(product) -> Company:
    return _company(product, "Acme")


@pytest.fixture(scope="module")
def elsewhere(product) -> Company:
    return _company(product, "Beyond")


def _company(product: Any, name: str) -> Company:
    keys = product.manage_json(
        "create_workspace", name, "--domain", "shop.example.com", "--department", "support", "--department", "sales"
    )
    agent = product.manage_json(
        "create_agent", keys["slug"], f"an@{keys['slug']}.example", "--name", "An", "--department", "support"
    )
    return Company(product, keys, agent)


@pytest.fixture
def talk(company) -> dict[str, Any]:
    """A session that a page has just begun, and that waits: the agent is there but takes none by themselves."""
    company.call("PUT", f"agents/{company.agent['agentId']}/status", company.server, {"status": "away"})
    return company.start(initialMessage="Hello?", visitor={"name": "Vera"})


async def test_a_client_written_from_the_contract_alone_holds_a_conversation(company, talk):
    async with (
        line(talk["websocketUrl"], talk["token"]) as visitor,
        line(talk["websocketUrl"], company.agent["token"]) as agent,
    ):
        await visitor.send("message.send", content="Hello!", type="text")
        new = await agent.hear("message.new", lambda data: data["content"] == "Hello!")
        assert new["data"]["senderType"] == "visitor"
        assert new["data"]["sessionId"] == talk["sessionId"]

        await agent.send("message.read", messageId=new["data"]["id"])
        read = await visitor.hear("message.read")
        assert read["data"]["messageId"] == new["data"]["id"]

        await agent.send("typing.start")
        assert (await visitor.hear("typing.start"))["data"]["senderId"] == company.agent["agentId"]
        await agent.send("typing.stop")
        await visitor.hear("typing.stop")
        await visitor.send("typing.start")
        assert (await agent.hear("typing.start"))["data"]["senderType"] == "visitor"

        await agent.send("message.send", content="Xin chào 👋", type="text")
        assigned = await visitor.hear("agent.assigned")
        assert assigned["data"]["agent"]["name"] == "An"
        answer = await visitor.hear("message.new", lambda data: data["senderType"] == "agent")
        assert answer["data"]["content"] == "Xin chào 👋"

        company.call("POST", f"sessions/{talk['sessionId']}/end", company.server, {"reason": "resolved"})
        assert (await visitor.hear("session.ended"))["data"]["reason"] == "resolved"
        await agent.hear("session.ended")


async def test_a_message_is_acknowledged_as_stored_and_heard_once_by_its_id(company, talk):
    async with line(talk["websocketUrl"], talk["token"]) as visitor:
        await visitor.send("message.send", content="Once", clientMessageId="c-1")
        ack = await visitor.hear("ack")
        await visitor.send("message.send", content="Once", clientMessageId="c-1")
        again = await visitor.hear("ack")
        assert ack["data"]["message"]["id"] == again["data"]["message"]["id"]
        assert ack["data"]["clientMessageId"] == "c-1"
        stored = company.call("GET", f"sessions/{talk['sessionId']}/messages", talk["token"])
        assert [m["content"] for m in stored] == ["Hello?", "Once"]
        assert stored[1] == ack["data"]["message"]


async def test_a_returning_client_is_told_the_newest_number_and_gets_the_rest(company, talk):
    async with line(talk["websocketUrl"], company.server) as server:
        for i in range(120):
            await server.send("message.send", content=str(i), metadata={"isInternal": i % 3 == 0})
            await asyncio.sleep(0.05)  # no faster than a socket may
        await server.hear("ack", lambda data: data["message"]["content"] == "119")
    async with line(talk["websocketUrl"], talk["token"]) as visitor:
        newest = (await visitor.hear("heartbeat"))["data"]["seq"]
        assert newest == 121
        have, seen = [1], []
        while True:
            await visitor.send("sync", after=have[-1])
            page = (await visitor.hear("sync"))["data"]
            seen += page["messages"]
            have += [m["seq"] for m in page["messages"]]
            if page["complete"]:
                break
        assert [m["content"] for m in seen] == [str(i) for i in range(120) if i % 3]
        assert [m["prev"] for m in seen] == have[:-1]
        assert page["lastSeq"] == newest
        assert page["session"]["id"] == talk["sessionId"]


async def test_a_note_reaches_the_team_and_leaves_no_trace_at_the_visitor(company, talk):
    async with (
        line(talk["websocketUrl"], talk["token"]) as visitor,
        line(talk["websocketUrl"], company.server) as server,
    ):
        await server.send("message.send", content="VIP", metadata={"isInternal": True})
        note = (await server.hear("message.new"))["data"]
        assert note["metadata"]["isInternal"] is True
        company.call("PUT", f"sessions/{talk['sessionId']}/messages/{note['id']}/read", company.server)
        await server.send("message.send", content="Hello")
        await visitor.hear("message.new", lambda data: data["content"] == "Hello")
        assert "VIP" not in json.dumps(visitor.heard)
        frame = visitor.heard[-1]
        assert (frame["seq"], frame["prev"]) == (3, 1)
        assert {f["data"]["seq"] for f in visitor.heard if f["type"].startswith("message.read")} <= {1, 3}


async def test_delivery_is_said_by_the_other_sides_socket(company, talk):
    async with (
        line(talk["websocketUrl"], talk["token"]) as visitor,
        line(talk["websocketUrl"], company.agent["token"]) as agent,
    ):
        await visitor.send("message.send", content="Here?")
        sent = (await visitor.hear("ack"))["data"]["message"]
        assert sent["status"] == "sent"
        await agent.send("message.delivered", seq=sent["seq"])
        told = await visitor.hear("message.delivered")
        assert (told["data"]["seq"], told["data"]["readerType"]) == (sent["seq"], "agent")
        stored = company.call("GET", f"sessions/{talk['sessionId']}/messages", talk["token"])[-1]
        assert (stored["status"], stored["readAt"]) == ("delivered", None)


async def test_a_visitor_rates_and_ends_over_the_socket(company, talk):
    async with line(talk["websocketUrl"], talk["token"]) as visitor:
        await visitor.send("session.end", reason="done")
        await visitor.hear("session.ended")
        await visitor.send("session.rate", rating=5, feedback="Great")
        await visitor.hear("session.updated", lambda data: data["session"]["satisfaction"] is not None)
        await visitor.send("message.send", content="Too late", clientMessageId="c-9")
        error = await visitor.hear("error")
        assert (error["data"]["code"], error["data"]["ref"]) == (4005, "c-9")


BAD_FRAMES = [
    ("not json", 4000),
    ("[]", 4000),
    ("{}", 4000),
    ('{"type": 7}', 4000),
    ('{"type": "message.shred", "data": {}}', 4000),
    ('{"type": "receive", "data": {}}', 4000),
    ('{"type": "message.send"}', 4000),
    ('{"type": "message.send", "data": []}', 4000),
    ('{"type": "message.send", "data": {"content": 7}}', 4000),
    ('{"type": "message.send", "data": {"content": "\\u0000"}}', 4000),
    ('{"type": "message.send", "data": {"content": "\\ud800"}}', 4000),
    ('{"type": "message.send", "data": {"content": "x", "metadata": {"isInternal": true}}}', 4030),
    ('{"type": "message.send", "data": {"content": "x", "senderId": "agent_' + "0" * 32 + '"}}', 4030),
    ('{"type": "message.read", "data": {"messageId": "msg_' + "0" * 32 + '"}}', 4003),
    ('{"type": "message.read", "data": {"seq": -1}}', 4000),
    ('{"type": "sync", "data": {"after": true}}', 4000),
    ('{"type": "session.rate", "data": {"rating": 6}}', 4000),
    ("[" * 20000, 4000),
]


async def test_bad_frames_are_answered_and_the_socket_stays(talk):
    async with line(talk["websocketUrl"], talk["token"]) as visitor:
        for frame, code in BAD_FRAMES:
            await visitor.socket.send(frame)
            error = await visitor.hear("error")
            assert (error["data"]["code"], bool(error["data"]["message"])) == (code, True), frame
        await visitor.send("message.send", content="Still here")
        await visitor.hear("ack")


async def test_the_token_may_travel_as_a_subprotocol(talk):
    offered = ["parley.v1", f"bearer.{talk['token']}"]
    async with websockets.connect(talk["websocketUrl"], subprotocols=offered) as socket:
        assert socket.subprotocol == "parley.v1"
        assert json.loads(await socket.recv())["type"] == "heartbeat"


async def closing_code(url: str, token: str, **options: Any) -> int:
    async with line(url, token, **options) as stranger:
        return await stranger.closed()


async def test_nobody_else_gets_in(company, elsewhere, talk):
    other, foreign = company.start(), elsewhere.start()
    url = talk["websocketUrl"]
    unknown = url[:-32] + "0" * 32
    assert await closing_code(url, "") == 4401
    assert await closing_code(url, "vt_forged") == 4401
    assert await closing_code(url, talk["token"][:-2] + "xx") == 4401
    assert await closing_code(url, company.keys["publishableKey"]) == 4403
    assert await closing_code(url, other["token"]) == 4404
    for token in (foreign["token"], elsewhere.server, elsewhere.agent["token"]):
        assert await closing_code(url, token) == 4404
    for token in (talk["token"], company.server, company.agent["token"]):
        assert await closing_code(unknown, token) == 4404
        assert await closing_code(url[:-4], token) == 4404


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.com.evil.example", "null"])
async def test_a_page_of_another_site_gets_no_socket_with_a_visitors_token_or_a_secret_key(company, talk, origin):
    assert await closing_code(talk["websocketUrl"], talk["token"], origin=origin) == 4403
    assert await closing_code(talk["websocketUrl"], company.server, origin=origin) == 4403


async def test_the_companys_page_and_the_widgets_frame_get_theirs(company, talk):
    for origin in (ORIGIN, company.product.url):
        async with line(talk["websocketUrl"], talk["token"], origin=origin) as visitor:
            await visitor.hear("heartbeat")
    assert await closing_code(talk["websocketUrl"], company.server, origin=ORIGIN) == 4403


_LEAVES = "from agents.models import Agent; Agent.objects.filter(uid='{uid}').update(is_active=False)"


async def test_a_deactivated_agents_socket_closes_soon(company, talk):
    agent = company.product.manage_json("create_agent", company.keys["slug"], "bo@acme.example", "--role", "supervisor")
    async with line(talk["websocketUrl"], agent["token"]) as line_:
        await line_.hear("heartbeat")
        company.product.manage("shell", "-v0", "-c", _LEAVES.format(uid=agent["uid"]))
        assert await line_.closed() == 4401


async def test_a_revoked_keys_socket_closes_soon(company, talk):
    spare = "from integrations.keys.models import SecretKey as K; from agents.models import Workspace as W; "
    issue = f"print(K.issue(workspace=W.objects.get(slug='{company.keys['slug']}'), name='spare')[1])"
    secret = company.product.manage("shell", "-v0", "-c", spare + issue).stdout.strip()
    async with line(talk["websocketUrl"], secret) as server:
        await server.hear("heartbeat")
        revoke = "from django.utils.timezone import now; K.objects.filter(name='spare').update(revoked_at=now())"
        company.product.manage("shell", "-v0", "-c", spare + revoke)
        assert await server.closed() == 4401


async def test_the_same_start_sent_many_times_at_once_is_one_session(company):
    body = {"startKey": "the-key-of-this-one-start", "initialMessage": "Hello?"}
    started = await asyncio.gather(*(asyncio.to_thread(company.start, **body) for _ in range(8)))
    assert len({s["sessionId"] for s in started}) == 1
    assert len({s["visitorId"] for s in started}) == 1
    stored = company.call("GET", f"sessions/{started[0]['sessionId']}/messages?type=text", started[0]["token"])
    assert [m["content"] for m in stored] == ["Hello?"]


async def test_an_agent_hears_nothing_more_once_the_session_went_out_of_sight(company, talk):
    async with line(talk["websocketUrl"], company.agent["token"]) as agent:
        await agent.hear("heartbeat")
        body = {"targetDepartment": "sales", "notes": "between us"}
        company.call("POST", f"sessions/{talk['sessionId']}/transfer", company.server, body)
        assert await agent.closed() == 4404
    # The note is of the time before the transfer; of what the transfer itself caused, nothing.
    heard = [frame["data"]["content"] for frame in agent.heard if frame["type"] != "heartbeat"]
    assert heard in ([], ["between us"])


def test_a_client_of_section_7_alone_holds_a_conversation_and_hears_its_end(company, talk):
    script = Path(__file__).parent / "section7_client.py"
    arguments = [sys.executable, "-I", str(script), talk["websocketUrl"], talk["token"], company.agent["token"]]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
        assert client.stdout
        assert client.stderr
        assert client.stdout.readline() == "Xin chào! Tôi có thể giúp gì?\n", client.stderr.read()
        assert client.stdout.readline() == "waiting\n"
        company.call("POST", f"sessions/{talk['sessionId']}/end", company.server, {"reason": "resolved"})
        assert client.stdout.readline() == "ended\n", client.stderr.read()
        assert client.wait(20) == 0


async def test_a_program_connects_to_the_address_as_it_is_given_with_the_header_of_section_1(company, talk):
    for token in (talk["token"], company.server):
        async with websockets.connect(
            talk["websocketUrl"], additional_headers={"Authorization": f"Bearer {token}"}
        ) as socket:
            await Line(socket).hear("heartbeat")


@pytest.mark.parametrize(
    ("session", "token", "field", "code"),
    [("", "nobody", "token", 4401), ("", "", "token", 4401), ("session_" + "0" * 32, None, "sessionId", 4404)],
)
async def test_a_socket_that_does_not_open_says_why_with_5002(company, talk, session, token, field, code):
    url = talk["websocketUrl"].replace(talk["sessionId"], session or talk["sessionId"])
    token = talk["token"] if token is None else token
    async with line(url, token, additional_headers={"Accept-Language": "vi"}) as refused:
        assert await refused.closed() == code
    error = refused.heard[0]["data"]
    assert (error["code"], error["message"]) == (5002, "Kết nối WebSocket thất bại")
    assert [e["field"] for e in error["errors"]] == [field]
    assert [frame["type"] for frame in refused.heard] == ["error"]


async def test_several_sockets_of_one_session_hear_the_same_receipt(company, talk):
    async with (
        line(talk["websocketUrl"], talk["token"]) as one,
        line(talk["websocketUrl"], talk["token"]) as two,
        line(talk["websocketUrl"], company.server) as team,
    ):
        await one.hear("heartbeat")
        await two.hear("heartbeat")
        await team.send("message.read", seq=1)
        heard = [(await each.hear("message.read"))["data"] for each in (one, two, team)]
    assert heard[0] == heard[1] == heard[2]
    assert heard[0]["seq"] == 1
