"""Messages over REST: sending (3.1), reading (3.4), typing (3.5), and in whose name."""

import pytest

from agents.ids import encode
from chat.access import Actor
from chat.models import Chat, Message
from chat.services import assigning, lifecycle, messages
from config.demo.factories import AgentFactory, BotFactory

pytestmark = pytest.mark.django_db


def test_a_visitor_writes_and_the_message_is_as_the_contract_shows_it(vera, session, world):
    answer = vera.post(f"{session}/messages", {"content": "I need help", "clientMessageId": "c-1"})
    assert (answer.status, answer.code) == (201, 1001)
    assert answer.data["senderId"] == encode("visitor", world.visitor.uid)
    assert (answer.data["senderType"], answer.data["status"], answer.data["clientMessageId"]) == (
        "visitor",
        "sent",
        "c-1",
    )
    assert answer.data["sentAt"].endswith("Z")
    assert (answer.data["deliveredAt"], answer.data["readAt"]) == (None, None)
    assert (answer.data["seq"], answer.data["prev"]) == (2, 1)


def test_the_same_message_sent_again_is_stored_once(vera, session):
    body = {"content": "Once", "clientMessageId": "c-1"}
    first, again = vera.post(f"{session}/messages", body), vera.post(f"{session}/messages", body)
    assert first.data == again.data
    other = vera.post(f"{session}/messages", {"content": "Other", "clientMessageId": "c-1"})
    assert (other.status, other.code) == (409, 4090)
    assert Message.objects.filter(client_id="c-1").count() == 1


def test_the_same_message_sent_again_after_the_end_is_still_acknowledged(vera, session):
    body = {"content": "Once", "clientMessageId": "c-1"}
    first = vera.post(f"{session}/messages", body)
    vera.post(f"{session}/end")
    assert vera.post(f"{session}/messages", body).data["id"] == first.data["id"]


def test_a_server_names_the_agent_who_writes(server, session, world):
    body = {"content": "Hello", "senderId": encode("agent", world.operator.uid), "senderType": "agent"}
    answer = server.post(f"{session}/messages", body)
    assert (answer.data["senderId"], answer.data["senderName"]) == (body["senderId"], "Otto")
    assert Chat.objects.get().agent == world.operator, "who answers a waiting chat has it"


def test_a_server_that_names_nobody_writes_for_the_sessions_agent(server, session, world, chat):
    assert server.post(f"{session}/messages", {"content": "Hi"}).data["senderType"] == "system"
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    assert server.post(f"{session}/messages", {"content": "Hi"}).data["senderId"] == encode("agent", world.operator.uid)


def test_a_server_relays_the_visitors_words(server, session, world):
    body = {"content": "From the app", "senderId": encode("visitor", world.visitor.uid), "senderType": "visitor"}
    assert server.post(f"{session}/messages", body).data["senderType"] == "visitor"
    assert server.post(f"{session}/messages", {**body, "senderId": None}).data["senderType"] == "visitor"


def test_a_server_cannot_write_as_another_visitor(server, session, world):
    for visitor in (world.other_visitor, world.stranger):
        body = {"content": "Hi", "senderId": encode("visitor", visitor.uid), "senderType": "visitor"}
        answer = server.post(f"{session}/messages", body)
        assert (answer.status, answer.code, answer.fields) == (404, 4040, ["senderId"])


def test_an_agent_of_elsewhere_is_as_one_that_does_not_exist(server, session, world):
    gone = AgentFactory(workspace=world.workspace, is_active=False)
    ids = [encode("agent", world.outsider.uid), "agent_" + "0" * 32, encode("agent", gone.uid), "agent_1", "x"]
    answers = [server.post(f"{session}/messages", {"content": "Hi", "senderId": i}) for i in ids]
    assert {(a.status, a.code) for a in answers} == {(404, 4002)}
    assert len({str(a.body) for a in answers}) == 1
    assert Message.objects.count() == 1


def test_the_type_of_a_sender_must_fit(server, session, world):
    bot = BotFactory(workspace=world.workspace).agent
    wrong = [
        {"senderId": encode("agent", world.operator.uid), "senderType": "bot"},
        {"senderId": encode("agent", bot.uid), "senderType": "agent"},
        {"senderId": encode("agent", bot.uid), "senderType": "system"},
        {"senderId": encode("agent", bot.uid), "senderType": "robot"},
    ]
    for body in wrong:
        assert server.post(f"{session}/messages", {"content": "Hi", **body}).code == 4000


@pytest.mark.parametrize("who", ["vera", "otto"])
def test_nobody_writes_in_anothers_name(who, request, session, world):
    caller = request.getfixturevalue(who)
    for other in (world.supervisor, world.outsider):
        body = {"content": "Hi", "senderId": encode("agent", other.uid)}
        assert caller.post(f"{session}/messages", body).code == 4030
    assert caller.post(f"{session}/messages", {"content": "Hi", "senderType": "system"}).code == 4030


def test_an_internal_message_is_a_note_that_the_visitor_never_sees(otto, vera, session):
    note = otto.post(f"{session}/messages", {"content": "VIP!", "metadata": {"isInternal": True}})
    assert (note.data["type"], note.data["metadata"]["isInternal"]) == ("text", True)
    vera.post(f"{session}/messages", {"content": "Hello??"})
    seen = vera.get(f"{session}/messages").data
    assert [m["content"] for m in seen] == ["Hello?", "Hello??"]
    assert [(m["seq"], m["prev"]) for m in seen] == [(1, 0), (3, 1)]
    assert "VIP" not in str(vera.get(session).body)
    assert vera.get(session).data["messageCount"] == 2
    # marked in the wrong place it is a note all the same: it must never become public for that
    beside = otto.post(f"{session}/messages", {"content": "Between us", "isInternal": True})
    assert beside.data["metadata"]["isInternal"] is True
    assert "Between us" not in str(vera.get(f"{session}/messages").body)
    hidden = vera.put(f"{session}/messages/{note.data['id']}/read")
    assert (hidden.status, hidden.code) == (404, 4003)


def test_a_visitor_cannot_write_a_note(vera, session):
    answer = vera.post(f"{session}/messages", {"content": "x", "metadata": {"isInternal": True}})
    assert (answer.status, answer.code) == (403, 4030)
    assert Message.objects.count() == 1


def test_metadata_comes_back_as_it_was_sent(server, session):
    metadata = {"isInternal": False, "priority": "normal", "order": {"no": 7, "items": ["a"]}}
    assert server.post(f"{session}/messages", {"content": "x", "metadata": metadata}).data["metadata"] == metadata


def test_reading_and_delivery_are_real(otto, vera, session, chat, world):
    answer = vera.post(f"{session}/messages", {"content": "Hi"})
    messages.mark_delivered(chat, Actor.of_agent(world.operator), answer.data["seq"])
    delivered = vera.get(f"{session}/messages").data[-1]
    assert (delivered["status"], delivered["readAt"]) == ("delivered", None)
    read = otto.put(f"{session}/messages/{answer.data['id']}/read")
    assert (read.status, read.code, read.data["status"]) == (200, 1000, "read")
    assert read.data["readAt"] >= delivered["deliveredAt"] >= answer.data["sentAt"]
    assert [m["status"] for m in vera.get(f"{session}/messages").data] == ["read", "read"]


def test_reading_ones_own_message_is_no_receipt(vera, session):
    answer = vera.post(f"{session}/messages", {"content": "Hi"})
    assert vera.put(f"{session}/messages/{answer.data['id']}/read").data["status"] == "sent"


def test_a_message_of_another_session_is_not_found(vera, victor, session):
    started = victor.post("sessions", {"initialMessage": "Mine"}).data
    theirs = victor.get(f"sessions/{started['sessionId']}/messages").data[0]["id"]
    for message_id in (theirs, "msg_" + "0" * 32, "msg_1", "nonsense"):
        answer = vera.put(f"{session}/messages/{message_id}/read")
        assert (answer.status, answer.code) == (404, 4003)


def test_typing_is_told_and_not_stored(vera, otto, server, session, world):
    for caller in (vera, otto, server):
        answer = caller.post(f"{session}/typing", {"isTyping": True})
        assert (answer.status, answer.data["isTyping"]) == (200, True)
    named = {"isTyping": False, "senderId": encode("agent", world.operator.uid)}
    assert server.post(f"{session}/typing", named).status == 200
    assert server.post(f"{session}/typing", {**named, "senderId": encode("agent", world.outsider.uid)}).code == 4002
    assert Message.objects.count() == 1


def test_after_the_end_only_reading_is_left(vera, otto, server, session, world, chat):
    lifecycle.close(chat, Actor.of_agent(world.operator))
    agent = {"agentId": encode("agent", world.operator.uid)}
    calls = [
        vera.post(f"{session}/messages", {"content": "x"}),
        server.post(f"{session}/messages", {"content": "x"}),
        otto.post(f"{session}/messages", {"content": "x", "metadata": {"isInternal": True}}),
        vera.post(f"{session}/typing", {"isTyping": True}),
        vera.upload(f"{session}/upload", "a.txt", b"text"),
        server.post(f"{session}/assign", agent),
        server.post(f"{session}/transfer", {"targetDepartment": "sales"}),
        otto.post(f"{session}/end", {}),
        vera.post(f"{session}/end", {}),
        server.post(f"{session}/end", {"satisfaction": {"rating": 5}}),
    ]
    assert {(a.status, a.code) for a in calls} == {(409, 4005)}
    last = vera.get(f"{session}/messages").data[-1]
    assert vera.get(session).data["status"] == "ended"
    assert last["type"] == "system"
    assert vera.put(f"{session}/messages/{last['id']}/read").status == 200


def test_a_link_to_a_file_elsewhere_is_the_teams(server, vera, session):
    file = {"type": "file", "url": "https://cdn.example.com/p.pdf", "name": "Bảng giá.pdf", "size": 245760}
    sent = server.post(f"{session}/messages", {"content": "x", "attachments": [file]}).data["attachments"][0]
    assert {name: sent[name] for name in file} == file
    assert sent["contentType"] == "application/pdf"
    assert vera.post(f"{session}/messages", {"content": "x", "attachments": [file]}).code == 4030
    for url in ("javascript:alert(1)", "ftp://x.example/a", "//x", "x", "https://"):
        answer = server.post(f"{session}/messages", {"content": "x", "attachments": [{**file, "url": url}]})
        assert (answer.status, answer.code) == (400, 4000), url
    assert Message.objects.count() == 2
