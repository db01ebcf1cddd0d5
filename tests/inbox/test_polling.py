"""The inbox's frames over HTTP, for who cannot have a socket."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent
from chat.access import Actor
from chat.models import Message
from chat.services import messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(sit):
    def ask(agent, frame, browser=None):
        body = frame if isinstance(frame, str) else json.dumps(frame)
        answer = (browser or sit(agent)).post("/inbox/frames", body, content_type="application/json")
        assert answer.status_code == 200
        return answer.json()

    return ask


def test_hello_is_the_sockets_own_and_keeps_the_lease(world, ask):
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=None)
    told = ask(world.operator, {"type": "hello", "ref": "r1"})
    assert (told["type"], told["ref"], told["agent"]["uid"]) == ("hello", "r1", world.operator.uid.hex)
    first = Agent.objects.get(pk=world.operator.pk).lease_until
    assert first > timezone.now()
    ask(world.operator, {"type": "hello"})
    assert Agent.objects.get(pk=world.operator.pk).lease_until >= first


def test_what_came_is_synced_and_an_answer_is_stored_once(world, talk, ask):
    chat = talk(agent=world.operator)
    synced = ask(world.operator, {"type": "open", "chat": chat.uid.hex, "after": 0})
    assert [m["body"] for m in synced["messages"] if m["kind"] == "text"] == ["Hello, where is my order?"]
    send = {"type": "send", "chat": chat.uid.hex, "body": "On its way", "client_id": "c1", "ref": "r2"}
    stored = [ask(world.operator, send)["message"] for _ in range(2)]
    assert stored[0]["seq"] == stored[1]["seq"]
    assert Message.objects.filter(chat=chat, body="On its way").count() == 1
    more = ask(world.operator, {"type": "sync", "chat": chat.uid.hex, "after": synced["last_seq"]})
    assert [m["body"] for m in more["messages"]] == ["On its way"]


def test_reading_is_noted(world, talk, ask):
    chat = talk(agent=world.operator)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Anybody?")
    chat.refresh_from_db()
    told = ask(world.operator, {"type": "read", "chat": chat.uid.hex, "seq": chat.last_seq})
    chat.refresh_from_db()
    assert told["type"] == "ack"
    assert chat.read_by_team_seq == chat.last_seq


def test_a_chat_of_others_is_not_there(world, talk, ask):
    chat = talk(agent=world.operator)
    for frame in (
        {"type": "open"},
        {"type": "send", "body": "x"},
        {"type": "read", "seq": 1},
        {"type": "typing", "on": True},
    ):
        told = ask(world.outsider, {**frame, "chat": chat.uid.hex, "ref": "r"})
        assert (told["type"], told["code"], told["ref"]) == ("error", "not_found", "r")
    assert not Message.objects.filter(chat=chat, body="x").exists()


@pytest.mark.parametrize(
    "bad", ["", "[]", "{", "null", '{"type": 5}', '{"type": "dance"}', '{"type": "_hello"}', "[" * 30_000]
)
def test_a_bad_frame_is_told_so(world, ask, bad):
    assert ask(world.operator, bad)["code"] == "invalid"


def test_another_site_cannot_send_frames(world):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.operator.user)
    answer = browser.post("/inbox/frames", json.dumps({"type": "hello"}), content_type="application/json")
    assert answer.status_code == 403
