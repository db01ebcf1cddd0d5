"""The team, its statistics and the analytics: the figures of the rollups, in the contract's words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.ids import encode
from agents.models import Agent
from analytics import rollups
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, lifecycle, messages, rating
from config.demo.factories import VisitorFactory

from .conftest import start_chat

pytestmark = pytest.mark.django_db


def served(world, agent, *, waited, stars=0, days_ago=0):
    """A chat that this agent answered after so many seconds, and closed."""
    chat = start_chat(VisitorFactory(workspace=world.workspace))
    began = timezone.now() - timedelta(days=days_ago, seconds=600)
    assigning.assign(chat, agent, Actor.of_workspace(world.workspace))
    chat.messages.filter(kind="text").update(created_at=timezone.now() - timedelta(seconds=waited))
    messages.post(Chat.objects.get(pk=chat.pk), Actor.of_agent(agent), body="Hi")
    if stars:
        rating.rate(Chat.objects.get(pk=chat.pk), Actor.of_visitor(chat.visitor), stars)
    lifecycle.close(Chat.objects.get(pk=chat.pk), Actor.of_agent(agent))
    Chat.objects.filter(pk=chat.pk).update(created_at=began, queued_at=began, first_assigned_at=began)
    return chat


@pytest.fixture
def week(world):
    world.workspace.agents.update(status="away")
    served(world, world.operator, waited=100, stars=5)
    served(world, world.operator, waited=50, stars=4)
    served(world, world.teammate, waited=10)
    served(world, world.teammate, waited=40, days_ago=2)
    rollups.catch_up()


def today(back=0):
    return (timezone.now() - timedelta(days=back)).date().isoformat()


def test_the_team_is_as_documented(world, server, week):
    assigning.assign(start_chat(world.visitor), world.operator, Actor.of_workspace(world.workspace))
    Agent.objects.filter(pk=world.owner.pk).update(status="available")
    Agent.objects.filter(pk=world.admin.pk).update(lease_until=None)
    Agent.objects.filter(pk=world.supervisor.pk).update(status="busy")
    rows = {row["name"]: row for row in server.get("agents").data}
    assert list(rows) == ["Adam", "Olga", "Otto", "Sue", "Tina"]
    assert rows["Otto"] == {
        "id": encode("agent", world.operator.uid),
        "name": "Otto",
        "email": world.operator.user.email,
        "role": "operator",
        "status": "away",
        "active_chats": 1,
        "total_chats": 2,
    }
    assert [rows[name]["status"] for name in ("Olga", "Adam", "Sue")] == ["online", "offline", "busy"]


def test_an_agents_statistics(world, server, otto, sue, week):
    path = f"agents/{encode('agent', world.operator.uid)}/stats?from={today(1)}&to={today()}"
    answer = server.get(path)
    assert answer.body["period"] == {"from": today(1), "to": today()}
    stats = answer.body["stats"]
    assert (stats["total_chats"], stats["resolved_chats"]) == (2, 2)
    assert stats["avg_response_time_seconds"] in range(74, 79)
    assert stats["avg_resolution_time_minutes"] == 10
    assert (stats["csat_score"], stats["csat_responses"]) == (4.5, 2)
    assert otto.get(path).body == answer.body == sue.get(path).body
    other = f"agents/{encode('agent', world.teammate.uid)}/stats"
    assert otto.get(other).code == "AUTH-003"
    empty = server.get(f"agents/{encode('agent', world.owner.uid)}/stats").body["stats"]
    assert (empty["total_chats"], empty["csat_score"], empty["avg_response_time_seconds"]) == (0, None, None)


def test_the_overview_is_compared_with_as_many_days_before(world, server, week):
    body = server.get(f"analytics/overview?from={today(1)}&to={today()}").body
    assert body["metrics"]["total_chats"] == 3
    assert body["metrics"]["csat_score"] == 4.5
    assert body["metrics"]["first_contact_resolution_rate"] == 1.0
    assert body["trends"]["chats_change_percent"] == 200.0
    assert body["trends"]["response_time_change_percent"] > 0
    alone = server.get("analytics/overview?from=2020-01-01&to=2020-01-02").body
    assert alone["metrics"]["avg_response_time_seconds"] is None
    assert alone["trends"] == {"chats_change_percent": None, "response_time_change_percent": None}


def test_the_best_agent_first_and_who_cannot_be_compared_last(server, week):
    def names(sort):
        return [row["name"] for row in server.get(f"analytics/agents?from={today(1)}&sort_by={sort}").data]

    assert names("total_chats")[:2] == ["Otto", "Tina"]
    assert names("response_time")[:2] == ["Tina", "Otto"]
    assert names("csat_score")[0] == "Otto"
    assert list(server.get("analytics/agents?sort_by=name").details) == ["sort_by"]


@pytest.mark.parametrize("path", ["analytics/overview", "analytics/agents", "agents/OTTO/stats"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("from=20260202", "from"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(world, server, path, query, field):
    answer = server.get(f"{path.replace('OTTO', encode('agent', world.operator.uid))}?{query}")
    assert (answer.status, answer.code) == (400, "VAL-001")
    assert field in answer.details


def test_only_the_own_workspace_can_be_asked_for(world, server):
    own, foreign = world.workspace, world.elsewhere
    for name in (str(own.uid), encode("workspace", own.uid), own.slug):
        assert server.get(f"analytics/overview?workspace_id={name}").status == 200
    answers = [server.get(f"analytics/overview?workspace_id={n}", X_Request_Id="r") for n in (foreign.uid, "nothing")]
    assert answers[0].status == 404
    assert answers[0].body == answers[1].body


def test_who_may_read_what(world, otto, sue, foreigners, strangers, week):
    assert otto.get("agents").status == 200
    for path in ("analytics/overview", "analytics/agents"):
        assert otto.get(path).code == "AUTH-003"
        assert sue.get(path).status == 200
        for caller in strangers.values():
            assert caller.get(path).status in (401, 403)
    for caller in foreigners.values():
        assert caller.get("analytics/overview").body["metrics"]["total_chats"] == 0
        assert [row["name"] for row in caller.get("agents").data] == ["Oscar"]
        assert caller.get(f"agents/{encode('agent', world.operator.uid)}/stats").code == "AGENT-001"
