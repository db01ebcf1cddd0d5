"""The inbox's socket, frame by frame, with the real hub and database."""

import json

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from agents.models import Agent, Membership
from chat import queries
from chat.access import Actor
from chat.inbox import doing
from chat.inbox.consumer import InboxSocket
from chat.models import Kind, Message
from chat.realtime import hub
from chat.services import assigning, files, lifecycle, messages, presence, rating, tagging, typing, visitors
from config.demo.factories import AgentFactory

from .line import later, next_frame

pytestmark = pytest.mark.django_db(transaction=True)


async def nothing_of(line: WebsocketCommunicator, *kinds: str) -> None:
    """Whatever still comes, nothing of these kinds does."""
    while not await line.receive_nothing(timeout=0.3, interval=0.02):
        assert json.loads(await line.receive_from())["type"] not in kinds


async def closed_with(line: WebsocketCommunicator) -> int:
    while True:
        output = await line.receive_output(timeout=10)
        if output["type"] == "websocket.close":
            return output["code"]


async def test_the_greeting_says_who_is_there(world, open_inbox):
    line = await open_inbox(world.operator)
    hello = await next_frame(line, "hello")
    assert hello["agent"]["uid"] == world.operator.uid.hex
    assert {person["name"] for person in hello["agents"]} == {"Olga", "Adam", "Sue", "Otto", "Tina"}
    assert set(hello["agent"]) == {
        "uid",
        "name",
        "status",
        "status_message",
        "role",
        "is_bot",
        "open_chats",
        "max_chats",
    }


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "http://testserver.evil.example",
        "https://testserver",
        "http://testserver:81",
        "http://eviltestserver",
    ],
)
async def test_a_page_of_another_origin_gets_no_socket(world, open_inbox, origin):
    assert await closed_with(await open_inbox(world.operator, origin=origin)) == 4403


async def test_who_is_not_logged_in_gets_no_socket(world, open_inbox):
    assert await closed_with(await open_inbox(None)) == 4401


async def test_a_workspace_without_a_seat_gives_no_socket(world, open_inbox):
    line = await open_inbox(world.operator, query=f"?workspace={world.elsewhere.uid.hex}")
    assert await closed_with(line) == 4403


async def test_a_reply_is_acknowledged_with_the_stored_message_and_only_once(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    frame = {"type": "send", "chat": chat.uid.hex, "kind": "text", "body": "Hello", "client_id": "c1", "ref": "1"}
    await line.send_json_to(frame)
    ack = await next_frame(line, "ack", ref="1")
    await line.send_json_to({**frame, "ref": "2"})
    again = await next_frame(line, "ack", ref="2")
    assert ack["message"]["uid"] == again["message"]["uid"]
    assert (ack["message"]["by"], ack["message"]["body"], ack["message"]["client_id"]) == ("agent", "Hello", "c1")
    await line.send_json_to({**frame, "body": "Other words", "ref": "3"})
    assert (await next_frame(line, "error", ref="3"))["code"] == "conflict"


async def test_an_open_chat_brings_what_was_missed_and_then_what_comes(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0, "ref": "o"})
    synced = await next_frame(line, "synced", ref="o")
    seqs = [message["seq"] for message in synced["messages"]]
    assert seqs == list(range(1, synced["last_seq"] + 1))
    assert (synced["complete"], synced["row"]["uid"]) == (True, chat.uid.hex)
    await later(messages.post)(chat, Actor.of_visitor(world.visitor), body="One more thing")
    frame = await next_frame(line, "message")
    assert (frame["prev"], frame["seq"]) == (synced["last_seq"], synced["last_seq"] + 1)
    assert frame["message"]["body"] == "One more thing"
    row = (await next_frame(line, "chat"))["chat"]
    assert row["last_text"] == "One more thing"


async def test_a_long_timeline_comes_in_pieces(world, talk, open_inbox, monkeypatch):
    monkeypatch.setattr("chat.inbox.doing.SYNC_LIMIT", 2)
    chat = await later(talk)(agent=world.operator)
    for n in range(3):
        await later(messages.post)(chat, Actor.of_agent(world.operator), body=f"Line {n}")
    line = await open_inbox(world.operator)
    seen, complete = 0, False
    while not complete:
        await line.send_json_to({"type": "sync", "chat": chat.uid.hex, "after": seen})
        synced = await next_frame(line, "synced")
        complete = synced["complete"]
        assert synced["messages"][0]["seq"] == seen + 1
        seen = synced["messages"][-1]["seq"]
    assert seen == synced["last_seq"]


async def test_long_texts_come_in_shorter_pieces(world, talk, open_inbox):
    """Who reads a long frame slowly would be taken for somebody who does not read."""
    chat = await later(talk)(agent=world.operator)
    for n in range(25):
        await later(messages.post)(chat, Actor.of_agent(world.operator), body=f"{n:05}" * 2000)
    line = await open_inbox(world.operator)
    seen, pieces = 0, []
    while not pieces or not pieces[-1]["complete"]:
        await line.send_json_to({"type": "sync", "chat": chat.uid.hex, "after": seen})
        pieces.append(await next_frame(line, "synced"))
        seen = pieces[-1]["messages"][-1]["seq"]
        assert sum(len(message["body"]) for message in pieces[-1]["messages"]) <= 110_000
    assert seen == pieces[-1]["last_seq"]
    assert len(pieces) == 3


async def test_events_come_as_sentences_in_the_agents_language(world, talk, open_inbox):
    chat = await later(talk)()
    line = await open_inbox(world.supervisor)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    await next_frame(line, "synced")
    await later(assigning.assign)(chat, world.operator, Actor.of_agent(world.supervisor))
    frame = await next_frame(line, "message")
    assert frame["message"]["payload"]["event"] == "assigned"
    assert frame["message"]["sentence"] == "Sue assigned the chat to Otto"


async def test_a_list_is_told_of_a_new_chat_a_rating_and_tags(world, talk, open_inbox):
    line = await open_inbox(world.supervisor)
    await next_frame(line, "hello")
    chat = await later(talk)(agent=world.operator)
    row = (await next_frame(line, "chat"))["chat"]
    assert (row["uid"], row["status"]) == (chat.uid.hex, "waiting")
    await later(tagging.tag)(chat, Actor.of_agent(world.operator), "refund")
    while not (row := (await next_frame(line, "chat"))["chat"]).get("tags"):
        pass
    assert row["tags"] == ["refund"]
    await later(lifecycle.close)(chat, Actor.of_agent(world.operator))
    await later(rating.rate)(chat, Actor.of_visitor(world.visitor), 5, "Great")
    while not (row := (await next_frame(line, "chat"))["chat"])["rating"]:
        pass
    assert (row["status"], row["rating"]) == ("closed", 5)


async def test_who_may_not_see_a_chat_hears_nothing_of_it(world, talk, open_inbox):
    elsewhere, other_department = await open_inbox(world.outsider), await open_inbox(world.teammate)
    for line in (elsewhere, other_department):
        await next_frame(line, "hello")
    chat = await later(talk)(department=world.support)
    for line in (elsewhere, other_department):
        await nothing_of(line, "chat", "message")
        for frame in (
            {"type": "open", "after": 0},
            {"type": "sync", "after": 0},
            {"type": "send", "kind": "text", "body": "Hi"},
            {"type": "read", "seq": 1},
            {"type": "delivered", "seq": 1},
            {"type": "typing", "on": True},
        ):
            await line.send_json_to({**frame, "chat": chat.uid.hex, "ref": frame["type"]})
            assert (await next_frame(line, "error", ref=frame["type"]))["code"] == "not_found"
    assert await later(Message.objects.filter(chat=chat).count)() == 1


async def test_a_chat_that_goes_out_of_sight_is_gone(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator, department=world.support)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    await next_frame(line, "synced")
    await later(assigning.transfer)(chat, Actor.of_agent(world.operator), department=world.sales)
    while not (row := (await next_frame(line, "chat"))["chat"])["gone"]:
        pass
    assert row == {"uid": chat.uid.hex, "gone": True}
    await later(messages.post)(chat, Actor.of_visitor(world.visitor), body="Not for Otto")
    await nothing_of(line, "chat", "message")


async def test_both_sides_hear_who_writes_and_nobody_hears_themselves(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    await next_frame(line, "synced")
    await later(typing.signal)(chat, Actor.of_visitor(world.visitor), True, "I thi")
    frame = await next_frame(line, "typing")
    assert (frame["by"], frame["name"], frame["on"], frame["preview"]) == ("visitor", "Vera", True, "I thi")
    await line.send_json_to({"type": "typing", "chat": chat.uid.hex, "on": True, "ref": "t"})
    await next_frame(line, "ack", ref="t")
    await nothing_of(line, "typing")
    await line.send_json_to({"type": "typing", "chat": chat.uid.hex, "on": "yes", "ref": "t2"})
    assert (await next_frame(line, "error", ref="t2"))["code"] == "invalid"


async def test_receipts_travel_both_ways(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    last = (await next_frame(line, "synced"))["last_seq"]
    await line.send_json_to({"type": "read", "chat": chat.uid.hex, "seq": last})
    assert (await next_frame(line, "read"))["by"] == "team"
    stored = await later(messages.post)(chat, Actor.of_agent(world.operator), body="Seen?")
    await later(messages.mark_delivered)(chat, Actor.of_visitor(world.visitor), stored.seq)
    assert (await next_frame(line, "delivered"))["by"] == "visitor"
    await later(messages.mark_read)(chat, Actor.of_visitor(world.visitor), stored.seq)
    assert await next_frame(line, "read", by="visitor", seq=stored.seq)


async def test_a_note_with_a_file_is_stored_for_the_team(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    upload = SimpleUploadedFile("n.txt", b"words")
    file = await later(files.store)(chat, Actor.of_agent(world.operator), upload)
    line = await open_inbox(world.operator)
    frame = {
        "type": "send",
        "chat": chat.uid.hex,
        "kind": "note",
        "body": "",
        "client_id": "n",
        "attachments": [file.uid.hex],
    }
    await line.send_json_to({**frame, "ref": "1"})
    message = (await next_frame(line, "ack", ref="1"))["message"]
    assert (message["kind"], message["attachments"][0]["name"]) == ("note", "n.txt")
    assert message["attachments"][0]["url"].startswith("/files/")
    # The same again is the same; another message cannot take the file.
    await line.send_json_to({**frame, "ref": "2"})
    assert (await next_frame(line, "ack", ref="2"))["message"]["uid"] == message["uid"]
    await line.send_json_to({**frame, "client_id": "m", "ref": "3"})
    assert (await next_frame(line, "error", ref="3"))["code"] == "invalid"
    assert not (await later(Message.objects.get)(kind=Kind.NOTE)).public


async def test_a_file_of_another_chat_cannot_be_sent(world, talk, open_inbox):
    chat, other = await later(talk)(agent=world.operator), await later(talk)(world.other_visitor, agent=world.operator)
    file = await later(files.store)(other, Actor.of_agent(world.operator), SimpleUploadedFile("n.txt", b"words"))
    line = await open_inbox(world.operator)
    for wanted in ([file.uid.hex], ["nonsense"], "text", [7]):
        await line.send_json_to(
            {"type": "send", "chat": chat.uid.hex, "kind": "text", "body": "x", "attachments": wanted, "ref": "r"}
        )
        assert (await next_frame(line, "error", ref="r"))["code"] == "invalid"


async def test_presence_is_said_over_the_socket_and_heard_by_the_team(world, talk, open_inbox):
    await later(talk)(agent=world.operator)
    colleague, line = await open_inbox(world.supervisor), await open_inbox(world.operator)
    await line.send_json_to({"type": "presence", "status": "away", "message": "Lunch", "ref": "p"})
    await next_frame(line, "ack", ref="p")
    while (told := (await next_frame(colleague, "agent"))["agent"])["status"] != "away":
        pass
    assert (told["uid"], told["status_message"], told["open_chats"]) == (world.operator.uid.hex, "Lunch", 1)
    await line.send_json_to({"type": "presence", "status": "asleep", "ref": "q"})
    assert (await next_frame(line, "error", ref="q"))["code"] == "invalid"


async def test_a_colleague_is_looked_up_once_however_many_inboxes_are_told(world, open_inbox, monkeypatch):
    asked = []
    monkeypatch.setattr(queries, "loads", lambda workspace_id: asked.append(workspace_id) or {})
    lines = [await open_inbox(world.supervisor) for _ in range(5)]
    for line in lines:
        await nothing_of(line)  # all have heard who came
    asked.clear()
    await later(presence.set_status)(world.operator, "away", message="Lunch")
    for line in lines:
        while (await next_frame(line, "agent"))["agent"]["uid"] != world.operator.uid.hex:
            pass
    assert asked == [world.workspace.pk]


async def test_another_socket_of_somebody_who_is_there_is_no_news(world, open_inbox):
    await later(Agent.objects.filter(pk=world.operator.pk).update)(lease_until=None)
    colleague, _first = await open_inbox(world.supervisor), await open_inbox(world.operator)
    while (await next_frame(colleague, "agent"))["agent"]["uid"] != world.operator.uid.hex:
        pass
    await next_frame(await open_inbox(world.operator), "hello")
    await nothing_of(colleague, "agent")


async def test_a_visitor_who_is_corrected_is_shown_anew(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    await next_frame(line, "synced")
    await later(visitors.update)(chat.visitor, Actor.of_agent(world.operator), name="Vera V.")
    assert (await next_frame(line, "visitor"))["visitor"]["name"] == "Vera V."


async def test_a_heartbeat_renews_the_lease_and_tells_the_newest(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    last = (await next_frame(line, "synced"))["last_seq"]
    await later(Agent.objects.filter(pk=world.operator.pk).update)(lease_until=None)
    await InboxSocket.beat(list(hub.sockets))
    beat = await next_frame(line, "heartbeat")
    assert beat["seqs"] == {chat.uid.hex: last}
    assert beat["newest"]
    assert (await later(Agent.objects.get)(pk=world.operator.pk)).presence() != "offline"
    await line.send_json_to({"type": "leave", "chat": chat.uid.hex, "ref": "l"})
    await next_frame(line, "ack", ref="l")
    await InboxSocket.beat(list(hub.sockets))
    assert (await next_frame(line, "heartbeat"))["seqs"] == {}


async def log_out(world) -> None:
    await later(Session.objects.all().delete)()


async def deactivate(world) -> None:
    await later(Agent.objects.filter(pk=world.operator.pk).update)(is_active=False)


async def end_sessions(world) -> None:
    await later(type(world.operator.user).objects.update)(session_epoch=7)


async def demote(world) -> None:
    await later(Agent.objects.filter(pk=world.operator.pk).update)(role="supervisor")


async def move(world) -> None:
    await later(Membership.objects.filter(agent=world.operator).update)(department=world.sales)


@pytest.mark.parametrize(
    ("change", "code"), [(log_out, 4401), (deactivate, 4401), (end_sessions, 1012), (demote, 1012), (move, 1012)]
)
async def test_a_socket_ends_with_the_rights_it_stands_on(world, open_inbox, change, code):
    line = await open_inbox(world.operator)
    await next_frame(line, "hello")
    await InboxSocket.recheck(list(hub.sockets))
    await change(world)
    await InboxSocket.recheck(list(hub.sockets))
    assert await closed_with(line) == code


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "open"},
        {"type": "open", "chat": 7},
        {"type": "open", "chat": "nonsense"},
        {"type": "sync", "chat": "0" * 32, "after": -1},
        {"type": "sync", "chat": "0" * 32, "after": True},
        {"type": "read", "chat": "0" * 32, "seq": "1"},
        {"type": "send", "kind": "event", "chat": "0" * 32},
        {"type": "send", "kind": ["text"], "chat": "0" * 32},
        {"type": "presence", "status": 1},
        {"type": "presence", "status": "away", "message": ["x"]},
    ],
)
async def test_what_cannot_be_right_is_an_error_and_the_socket_stays(world, open_inbox, frame):
    line = await open_inbox(world.operator)
    await line.send_json_to({**frame, "ref": "bad"})
    assert (await next_frame(line, "error", ref="bad"))["code"] in ("invalid", "not_found")
    await line.send_json_to({"type": "presence", "status": "available", "ref": "good"})
    assert await next_frame(line, "ack", ref="good")


async def test_a_body_that_cannot_be_stored_is_refused(world, talk, open_inbox):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    for body in ("a\x00b", "", 7, None, "x" * 10_001):
        await line.send_json_to({"type": "send", "chat": chat.uid.hex, "kind": "text", "body": body, "ref": "b"})
        assert (await next_frame(line, "error", ref="b"))["code"] == "invalid"


async def test_an_agent_with_two_seats_gets_the_one_of_the_page(world, open_inbox):
    second = await later(AgentFactory)(workspace=world.elsewhere, user=world.operator.user, name="Otto too")
    line = await open_inbox(world.operator, query=f"?workspace={world.elsewhere.uid.hex}")
    assert (await next_frame(line, "hello"))["agent"]["uid"] == second.uid.hex


async def test_a_chat_that_could_not_be_opened_is_missing_in_the_heartbeat_and_opened_again(
    world, talk, open_inbox, monkeypatch
):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await next_frame(line, "hello")
    synced = doing.synced
    monkeypatch.setattr(doing, "synced", _away)
    await line.send_to(json.dumps({"type": "open", "chat": chat.uid.hex, "after": 0, "ref": "1"}))
    assert (await next_frame(line, "error"))["code"] == "failed"
    monkeypatch.setattr(doing, "synced", synced)
    # At once, not when its turn comes: the line was told that the database answers again.
    heartbeat = await next_frame(line, "heartbeat")
    assert chat.uid.hex not in heartbeat["seqs"]
    await line.send_to(json.dumps({"type": "open", "chat": chat.uid.hex, "after": 0, "ref": "2"}))
    assert (await next_frame(line, "synced", ref="2"))["last_seq"] == chat.last_seq


def _away(*_args) -> None:
    raise OperationalError("the server closed the connection unexpectedly")


async def test_a_chat_that_is_open_is_opened_again_though_no_more_can_be(world, talk, open_inbox, monkeypatch):
    monkeypatch.setattr("chat.inbox.consumer.OPEN_LIMIT", 1)
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await next_frame(line, "hello")
    for _ in range(2):
        await line.send_to(json.dumps({"type": "open", "chat": chat.uid.hex, "after": 0}))
        await next_frame(line, "synced")
    await line.send_to(json.dumps({"type": "open", "chat": "0" * 32, "after": 0}))
    assert (await next_frame(line, "error"))["code"] == "invalid"
