"""What happens at another company moves nobody's place in a queue, nobody's wait and nobody's load."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Agent
from chat import queries, routing
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, lifecycle, starting
from config.demo.factories import VisitorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def busy(world):
    """Everybody is there and takes no new chats, so that all of them wait."""
    Agent.objects.update(status="busy")


def waits(workspace, **options):
    visitor = VisitorFactory(workspace=workspace)
    return starting.start(workspace=workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **options).chat


def handled(workspace, agent, hours):
    """A chat that waited and was handled for so long, a moment ago."""
    agent.refresh_from_db()
    chat = assigning.assign(waits(workspace), agent, Actor.system(workspace.pk))
    lifecycle.close(chat, Actor.of_agent(agent))
    now = timezone.now()
    met, created = now - timedelta(hours=hours), now - timedelta(hours=2 * hours)
    Chat.objects.filter(pk=chat.pk).update(
        created_at=created, first_assigned_at=met, closed_at=now, last_message_at=now, unparked_at=None
    )


def test_the_queue_is_the_companys_own(world):
    mine = waits(world.workspace)
    alone = (queries.queue_position(mine), queries.estimated_wait(mine), queries.workload(world.operator))
    assert alone[0] == 1
    others = [waits(world.elsewhere) for _ in range(3)]
    Chat.objects.filter(workspace=world.elsewhere).update(queued_at=timezone.now() - timedelta(hours=1), priority=4)
    assert (queries.queue_position(mine), queries.estimated_wait(mine), queries.workload(world.operator)) == alone
    others[-1].refresh_from_db()
    assert queries.queue_position(others[-1]) == 3


def test_waits_are_reckoned_from_the_companys_own_chats(world):
    mine = waits(world.workspace)
    expected = queries.estimated_wait(mine)
    handled(world.elsewhere, world.outsider, hours=1)
    assert queries.estimated_wait(mine) == expected
    handled(world.workspace, world.operator, hours=1)
    assert queries.estimated_wait(mine) != expected


def test_loads_are_of_the_companys_own_people(world):
    for workspace, agent in ((world.workspace, world.operator), (world.elsewhere, world.outsider)):
        agent.refresh_from_db()
        assigning.assign(waits(workspace), agent, Actor.system(workspace.pk))
    assert queries.loads(world.workspace.pk) == {world.operator.pk: 1}


def test_an_agent_who_comes_is_given_the_companys_own_chats(world):
    theirs, mine = waits(world.elsewhere), waits(world.workspace)
    Agent.objects.filter(pk=world.operator.pk).update(status="available")
    assert routing.route(world.workspace.pk) == 1
    for chat in (theirs, mine):
        chat.refresh_from_db()
    assert (theirs.agent, mine.agent) == (None, world.operator)
