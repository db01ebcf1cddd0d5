"""The access matrix of the sockets: every frame that they take, from own and for foreign chats."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from chat.realtime import hub
from config.asgi import application
from config.demo.factories import SecretKeyFactory

from . import tables
from .places import frames, sockets
from .town import Town, missing_ids

pytestmark = pytest.mark.django_db(transaction=True)
FRAMES = tables.read(tables.SESSION_FRAMES)
SESSION, INBOX, CUSTOMER = "/v1/chat/{session_id}", "/inbox/socket", "/ws"


def by_address():
    return {path.replace("<str:", "{").replace(">", "}"): consumer for path, consumer in sockets().items()}


def test_every_socket_and_every_frame_has_a_row():
    found = by_address()
    assert set(found) == {SESSION, INBOX, CUSTOMER}
    assert frames(found[CUSTOMER]) == set(tables.CUSTOMER_FRAMES)
    assert frames(found[INBOX]) == set(tables.INBOX_FRAMES) | tables.INBOX_OWN
    assert {f". {name}" for name in frames(found[SESSION])} == set(FRAMES)


async def answers(line, kind):
    """Return the frames up to one of this type."""
    found = []
    while True:
        found.append(json.loads(await line.receive_from(timeout=10)))
        if found[-1]["type"] == kind:
            return found


@pytest.mark.parametrize("who", ["visitor", "server", "operator"])
async def test_what_each_side_may_send_to_its_session(db, who):
    town = await sync_to_async(Town)()
    path = f"/v1/chat/{town.own['session_id']}?token={town.tokens[who]}"
    line = WebsocketCommunicator(application, path, headers=[(b"host", b"testserver")])
    await line.connect()
    got = {}
    for key in FRAMES:
        name = key.removeprefix(". ")
        dotted = name.replace("_", ".", 1)
        await line.send_to(json.dumps({"type": dotted, "data": tables.SESSION_DATA.get(name, {}), "ref": name}))
        if name != "sync":  # its answer says that all before it is answered
            await line.send_to(json.dumps({"type": "sync", "data": {"after": 0}}))
        refused = [f["data"]["code"] for f in await answers(line, "sync") if f["type"] == "error"]
        got[key] = refused[0] if refused else 0
    await line.disconnect()
    await hub.stop()
    column = ["visitor", "server", "operator"].index(who)
    assert got == {key: row[column] for key, row in FRAMES.items()}


async def test_a_key_that_may_only_read_hears_and_changes_nothing(db):
    town = await sync_to_async(Town)()
    key = await sync_to_async(SecretKeyFactory)(workspace=town.world.workspace, scopes=["chats:read"])
    path = f"/v1/chat/{town.own['session_id']}?token={key.secret}"
    line = WebsocketCommunicator(application, path, headers=[(b"host", b"testserver")])
    await line.connect()
    refused = []
    for name, data in (("message.send", {"content": "x"}), ("message.read", {"seq": 1}), ("session.end", {})):
        await line.send_to(json.dumps({"type": name, "data": data}))
        refused.append((await answers(line, "error"))[-1]["data"]["code"])
    await line.send_to(json.dumps({"type": "sync", "data": {"after": 0}}))
    told = (await answers(line, "sync"))[-1]["data"]
    await line.disconnect()
    await hub.stop()
    assert refused == [4030, 4030, 4030]
    assert "x" not in [message["content"] for message in told["messages"]]
    assert told["session"]["status"] == "active"


async def test_who_may_open_a_session(db):
    town = await sync_to_async(Town)()

    async def opens(token, session_id):
        path = f"/v1/chat/{session_id}?token={token}"
        line = WebsocketCommunicator(application, path, headers=[(b"host", b"testserver")])
        await line.connect()
        first = await line.receive_output(timeout=10)
        if "text" in first and json.loads(first["text"])["type"] == "error":
            first = await line.receive_output(timeout=10)  # why, and then the end
        await line.disconnect()
        return first.get("code") or json.loads(first["text"])["type"]

    own = {name: await opens(token, town.own["session_id"]) for name, token in town.tokens.items()}
    assert own == {
        "nobody": 4401, "page": 4403, "visitor": "heartbeat", "other": 4404, "narrow": 4403, "server": "heartbeat",
        "colleague": 4404, "operator": "heartbeat", "supervisor": "heartbeat", "admin": "heartbeat",
        "owner": "heartbeat",
    }  # fmt: skip
    missing = missing_ids()["session_id"]
    for name, token in {**town.tokens, **town.outsiders}.items():
        session = town.own["session_id"] if name in town.outsiders else town.foreign["session_id"]
        code = await opens(token, session)
        assert code == await opens(token, missing), name
        assert code in (4401, 4403, 4404), name
    await hub.stop()


async def refusal_of(line, kind, payload, ids):
    """Send a frame to a customer's socket and return how it was refused, empty when it was not."""
    for name, value in ids.items():
        payload = {k: value if v == f"{{{name}}}" else v for k, v in payload.items()}
    await line.send_to(json.dumps({"type": kind, "payload": payload, "ref": "it"}))
    await line.send_to(json.dumps({"type": "nothing", "ref": "end"}))
    while True:
        told = (await answers(line, "error"))[-1]["payload"]
        if told["clientMessageId"] == "end":
            return ""
        await answers(line, "error")
        return told


@pytest.mark.parametrize(("column", "who"), list(enumerate(["visitor", "server", "operator"])))
async def test_what_each_side_may_send_to_a_customers_socket(db, column, who):
    town = await sync_to_async(Town)()
    path = f"/ws?clientId={town.own['customer_id']}&token={town.tokens[who]}"
    line = WebsocketCommunicator(application, path, headers=[(b"host", b"testserver")])
    await line.connect()
    for kind, (payload, allowed) in tables.CUSTOMER_FRAMES.items():
        foreign = await refusal_of(line, kind, payload, town.foreign)
        assert foreign == await refusal_of(line, kind, payload, missing_ids()), kind
        assert bool(foreign) == bool(payload or allowed[column]), kind
        refused = await refusal_of(line, kind, payload, town.own)
        assert (refused and refused["error"]) == allowed[column], (kind, refused)
    await line.disconnect()
    await hub.stop()


async def test_an_inbox_frame_of_a_foreign_chat_is_as_one_of_nothing(db):
    town = await sync_to_async(Town)()

    async def sit(agent):
        client = Client()
        await sync_to_async(client.force_login)(agent.user)
        cookie = client.cookies.output(header="", sep=";").strip().encode()
        headers = [(b"host", b"testserver"), (b"cookie", cookie), (b"origin", b"http://testserver")]
        line = WebsocketCommunicator(application, "/inbox/socket", headers=headers)
        await line.connect()
        await answers(line, "hello")
        return line

    async def refused(line, name, uid):
        ref = f"{name}:{uid}"
        await line.send_to(json.dumps({"type": name, "chat": uid, "ref": ref, **tables.INBOX_FRAMES[name]}))
        while True:
            frame = json.loads(await line.receive_from(timeout=10))
            if frame.get("ref") == ref:
                return {**frame, "ref": ""} if frame["type"] == "error" else None

    operator, colleague = await sit(town.world.operator), await sit(town.world.teammate)
    for name in tables.INBOX_FRAMES:
        nothing = await refused(operator, name, missing_ids()["uid"])
        assert nothing["code"] == "not_found", name
        assert await refused(operator, name, town.foreign["uid"]) == nothing, name
        assert await refused(colleague, name, town.own["uid"]) == nothing, name
        assert await refused(operator, name, town.own["uid"]) is None, name
    await operator.disconnect()
    await colleague.disconnect()
    await hub.stop()
