"""Presence: a lease and a word."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from agents.errors import Invalid
from agents.models import Agent, Presence
from agents.services import presence
from config.demo.factories import AgentFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


def later(**kwargs):
    return time_machine.travel(timezone.now() + timedelta(**kwargs), tick=False)


def both(agent):
    """Return the presence as the row and as the querysets see it: they must agree."""
    agent = Agent.objects.get(pk=agent.pk)
    listed = Agent.objects.filter(pk=agent.pk)
    assert listed.available().exists() == (agent.presence() == Presence.AVAILABLE)
    assert listed.reachable().exists() == (agent.presence() != Presence.OFFLINE)
    return agent.presence()


def test_without_a_lease_an_agent_is_offline_whatever_they_said():
    agent = AgentFactory(status=Presence.AVAILABLE)
    assert both(agent) == "offline"


def test_a_renewed_lease_makes_present_and_runs_out_by_itself():
    agent = AgentFactory(status=Presence.BUSY)
    presence.renew([agent.pk])
    assert both(agent) == "busy"
    with later(seconds=44):
        assert both(agent) == "busy"
    with later(seconds=46):
        assert both(agent) == "offline"


def test_one_update_renews_many(django_assert_num_queries):
    agents = AgentFactory.create_batch(5, workspace=WorkspaceFactory())
    with django_assert_num_queries(1):
        assert presence.renew([agent.pk for agent in agents]) == 5
    assert Agent.objects.available().count() == 5
    assert all(agent.last_active_at for agent in Agent.objects.all())


def test_a_heartbeat_never_shortens_the_lease_of_an_api():
    agent = AgentFactory()
    presence.set_status(agent, "available", lease_seconds=1800)
    presence.renew([agent.pk])
    with later(minutes=29):
        assert both(agent) == "available"


def test_a_deactivated_agent_is_not_renewed():
    agent = AgentFactory(is_active=False)
    assert presence.renew([agent.pk]) == 0
    assert both(agent) == "offline"


def test_offline_is_a_word_too():
    agent = AgentFactory(online=True)
    presence.set_status(agent, "offline")
    assert both(agent) == "offline"


def test_after_its_end_a_status_gives_way_to_the_one_before_it():
    agent = AgentFactory(online=True, status=Presence.AVAILABLE)
    presence.set_status(agent, "away", "Lunch", until=timezone.now() + timedelta(minutes=30))
    assert both(agent) == "away"
    with later(minutes=29):
        assert both(agent) == "away"
        assert agent.said_message() == "Lunch"
    with later(minutes=31):
        assert both(agent) == "available"
        assert agent.said_message() == ""


def test_a_second_dated_status_does_not_make_the_first_one_lasting():
    agent = AgentFactory(online=True, status=Presence.AVAILABLE)
    presence.set_status(agent, "away", until=timezone.now() + timedelta(minutes=10))
    presence.set_status(agent, "busy", until=timezone.now() + timedelta(minutes=20))
    with later(minutes=15):
        assert both(agent) == "busy"
    with later(minutes=21):
        assert both(agent) == "available"


def test_a_dated_status_after_a_finished_one_falls_back_to_what_holds_by_then():
    agent = AgentFactory(lease_until=timezone.now() + timedelta(days=1), status=Presence.BUSY)
    presence.set_status(agent, "away", until=timezone.now() + timedelta(minutes=10))
    with later(minutes=15):
        presence.set_status(agent, "available", until=timezone.now() + timedelta(minutes=10))
    with later(minutes=30):
        assert both(agent) == "busy"


def test_a_lasting_status_ends_a_dated_one():
    agent = AgentFactory(lease_until=timezone.now() + timedelta(days=1))
    presence.set_status(agent, "away", until=timezone.now() + timedelta(minutes=10))
    presence.set_status(agent, "busy")
    with later(minutes=15):
        assert both(agent) == "busy"


def test_over_an_api_a_dated_status_is_its_own_lease():
    agent = AgentFactory()
    presence.set_status(agent, "available", until=timezone.now() + timedelta(hours=3), lease_seconds=1800)
    with later(hours=2):
        assert both(agent) == "available"
        presence.touch(agent)
    with later(hours=3, minutes=1):
        assert both(agent) == "offline"


def test_over_an_api_presence_holds_for_thirty_minutes_after_the_last_request():
    agent = AgentFactory()
    presence.set_status(agent, "available", lease_seconds=1800)
    with later(minutes=25):
        presence.touch(agent)
    with later(minutes=50):
        assert both(agent) == "available"
    with later(minutes=56):
        assert both(agent) == "offline"


def test_touching_again_at_once_writes_nothing(django_assert_num_queries):
    agent = AgentFactory()
    presence.touch(agent)
    with django_assert_num_queries(0):
        presence.touch(agent)


def test_what_lapsed_by_the_clock_can_be_asked_for():
    start = timezone.now()
    gone, back, there = AgentFactory(), AgentFactory(online=True), AgentFactory(online=True)
    presence.renew([gone.pk])
    presence.set_status(back, "away", until=start + timedelta(minutes=1))
    with later(minutes=2):
        ids = {agent_id for _, agent_id in presence.lapsed(since=start)}
    assert ids == {gone.pk, back.pk}
    assert there.pk not in ids


@pytest.mark.parametrize("status", ["", "sleeping", "AVAILABLE"])
def test_an_unknown_status_is_refused(status):
    agent = AgentFactory(online=True)
    with pytest.raises(Invalid):
        presence.set_status(agent, status)
    assert both(agent) == "available"


def test_an_end_in_the_past_is_refused():
    agent = AgentFactory(online=True)
    with pytest.raises(Invalid):
        presence.set_status(agent, "busy", until=timezone.now() - timedelta(seconds=1))
    assert both(agent) == "available"


def test_leaving_at_once_ends_the_lease():
    agent = AgentFactory(online=True)
    presence.release(agent)
    assert both(agent) == "offline"
