"""Agents: who is there (4.1), and what they say of themselves (4.2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.ids import encode
from agents.models import Agent
from agents.services import pictures
from chat.access import Actor
from chat.services import assigning
from config.demo.factories import BotFactory

pytestmark = pytest.mark.django_db


def status_of(agent: Agent) -> str:
    return f"agents/{encode('agent', agent.uid)}/status"


def test_those_who_are_there_with_their_load(server, world, chat):
    Agent.objects.filter(pk=world.teammate.pk).update(lease_until=None)
    Agent.objects.filter(pk=world.operator.pk).update(skills=["pricing"])
    BotFactory(workspace=world.workspace)
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    answer = server.get("agents/online")
    assert [a["name"] for a in answer.data] == ["Adam", "Olga", "Otto", "Sue"]
    otto = answer.data[2]
    assert (otto["department"], otto["skills"], otto["currentChats"], otto["maxChats"]) == (
        "support",
        ["pricing"],
        1,
        5,
    )
    assert otto["email"] == world.operator.user.email


def test_a_picture_has_an_address_that_works_from_anywhere(client, server, world, chat):
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    session = f"sessions/{encode('session', chat.uid)}"
    assert server.get(session).data["assignedAgent"]["avatar"] is None
    pictures.put(world.operator, b"the bytes of a picture")
    address = server.get(session).data["assignedAgent"]["avatar"]
    assert address.startswith("http://testserver/pictures/") and address.endswith(".jpg")
    assert {a["name"]: a["avatar"] for a in server.get("agents/online").data}["Otto"] == address
    assert client.get(address).content == b"the bytes of a picture"


def test_somebody_who_says_they_are_offline_is_not_there(server, world):
    server.put(status_of(world.operator), {"status": "offline"})
    assert "Otto" not in [a["name"] for a in server.get("agents/online").data]


def test_the_list_is_the_teams(page, vera, otto, world):
    assert page.get("agents/online").code == 4030
    assert vera.get("agents/online").code == 4030
    assert {a["email"] for a in otto.get("agents/online").data}.isdisjoint({world.outsider.user.email})


def test_a_status_holds_until_its_end(server, world):
    until = (timezone.now() + timedelta(hours=1)).replace(microsecond=0)
    body = {
        "status": "busy",
        "statusMessage": "In a meeting",
        "availableUntil": until.isoformat().replace("+00:00", "Z"),
    }
    answer = server.put(status_of(world.operator), body)
    assert (answer.status, answer.code) == (200, 1000)
    assert (answer.data["status"], answer.data["statusMessage"]) == ("busy", "In a meeting")
    assert answer.data["availableUntil"] == body["availableUntil"]
    world.operator.refresh_from_db()
    assert world.operator.presence(until - timedelta(seconds=1)) == "busy"


def test_a_status_set_over_the_api_makes_the_agent_present(server, world, settings):
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=None)
    server.put(status_of(world.operator), {"status": "available"})
    world.operator.refresh_from_db()
    left = world.operator.lease_until - timezone.now()
    assert abs(left.total_seconds() - settings.API_PRESENCE_SECONDS) < 60


@pytest.mark.django_db(transaction=True)  # the queue moves after the commit
def test_an_agent_who_becomes_available_gets_what_waits(otto, session, world, vera):
    assert vera.get(session).data["status"] == "waiting"
    otto.put(status_of(world.operator), {"status": "available"})
    assert vera.get(session).data["assignedAgent"]["name"] == "Otto"


def test_agents_speak_for_themselves_and_supervisors_for_others(otto, sue, world):
    assert otto.put(status_of(world.operator), {"status": "away"}).status == 200
    assert otto.put(status_of(world.teammate), {"status": "away"}).code == 4030
    assert sue.put(status_of(world.teammate), {"status": "away"}).status == 200


def test_an_agent_of_elsewhere_is_as_one_that_does_not_exist(server, otto, world):
    for caller in (server, otto):
        foreign = caller.put(status_of(world.outsider), {"status": "busy"})
        unknown = caller.put("agents/agent_" + "0" * 32 + "/status", {"status": "busy"})
        assert (foreign.status, foreign.code) == (404, 4002)
        assert foreign.body == unknown.body
    world.outsider.refresh_from_db()
    assert world.outsider.status == "available"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "asleep"}, "status"),
        ({"status": "busy", "statusMessage": "x" * 201}, "statusMessage"),
        ({"status": "busy", "availableUntil": "tomorrow"}, "availableUntil"),
        ({"status": "busy", "availableUntil": "2020-01-01T00:00:00Z"}, "availableUntil"),
        ({"status": "busy", "availableUntil": 7}, "availableUntil"),
    ],
)
def test_a_status_that_cannot_be_is_refused_and_nothing_changes(server, world, body, field):
    answer = server.put(status_of(world.operator), body)
    assert (answer.status, answer.code, answer.fields) == (400, 4000, [field])
    world.operator.refresh_from_db()
    assert world.operator.status == "available"
