"""A session: reading (2.2), assigning (2.3), transferring (2.4), ending and rating (2.5)."""

import pytest

from agents.ids import encode
from agents.models import Agent
from chat.access import Actor
from chat.models import Chat, Message
from chat.services import assigning, lifecycle, tagging
from config.demo.factories import AgentTokenFactory

from .conftest import Caller

pytestmark = pytest.mark.django_db


def agent_id(agent: Agent) -> str:
    return encode("agent", agent.uid)


def test_the_team_sees_tags_and_fields_and_the_visitor_does_not(world, otto, vera, session, chat):
    tagging.set_tags(chat, Actor.of_agent(world.operator), ["pricing", "enterprise"])
    Chat.objects.update(custom_fields={"leadScore": 85})
    assert otto.get(session).data["tags"] == ["enterprise", "pricing"]
    assert otto.get(session).data["customFields"] == {"leadScore": 85}
    assert (vera.get(session).data["tags"], vera.get(session).data["customFields"]) == ([], {})


def test_the_visitor_who_reads_is_online(otto, vera, session):
    assert otto.get(session).data["visitor"]["isOnline"] is False
    vera.get(session)
    visitor = otto.get(session).data["visitor"]
    assert visitor["isOnline"] is True
    assert visitor["lastSeen"].endswith("Z")


def test_a_session_tells_its_place_in_the_queue(vera, session):
    assert vera.get(session).data["queuePosition"] == 1


def test_the_team_assigns(server, session, world):
    answer = server.post(f"{session}/assign", {"agentId": agent_id(world.operator), "transferReason": "Skills"})
    assert (answer.status, answer.code, answer.data["status"]) == (200, 1000, "active")
    assert answer.data["assignedAgent"]["name"] == "Otto"
    assert Message.objects.get(kind="event").payload["reason"] == "Skills"


def test_a_visitor_is_not_told_why(server, vera, session, world):
    server.post(f"{session}/assign", {"agentId": agent_id(world.operator), "transferReason": "Difficult one"})
    event = vera.get(f"{session}/messages").data[-1]
    assert event["type"] == "system"
    assert event["event"] == {"event": "assigned", "agent": {"id": agent_id(world.operator), "name": "Otto"}}
    assert "Difficult" not in str(vera.get(f"{session}/messages").body)


def test_an_unknown_agent_cannot_be_assigned_nor_one_of_elsewhere(server, session, world):
    for name in (agent_id(world.outsider), "agent_" + "0" * 32, "agent_1", "nobody"):
        answer = server.post(f"{session}/assign", {"agentId": name})
        assert (answer.status, answer.code) == (404, 4002)
        answer = server.post(f"{session}/transfer", {"targetAgentId": name})
        assert (answer.status, answer.code) == (404, 4002)


def test_an_agent_who_is_away_for_good_or_full_is_unavailable(server, session, world):
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=None)
    answer = server.post(f"{session}/assign", {"agentId": agent_id(world.operator)})
    assert (answer.status, answer.code) == (409, 4004)
    Agent.objects.filter(pk=world.supervisor.pk).update(max_chats=0)
    assert server.post(f"{session}/assign", {"agentId": agent_id(world.supervisor)}).code == 4004


def test_a_transfer_to_a_department_queues_it_there_with_a_note(server, vera, session, chat, world):
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    body = {"targetDepartment": "sales", "reason": "Pricing", "notes": "Wants a discount"}
    answer = server.post(f"{session}/transfer", body)
    assert (answer.data["status"], answer.data["department"]) == ("waiting", "sales")
    assert Message.objects.get(kind="note").body == "Wants a discount"
    assert "discount" not in str(vera.get(f"{session}/messages").body)


def test_a_transfer_to_an_agent_in_a_department(server, session, world):
    body = {"targetAgentId": agent_id(world.teammate), "targetDepartment": "sales"}
    answer = server.post(f"{session}/transfer", body)
    assert (answer.data["assignedAgent"]["name"], answer.data["department"]) == ("Tina", "sales")


def test_a_transfer_needs_a_target_and_an_existing_one(server, session):
    assert server.post(f"{session}/transfer", {"reason": "x"}).code == 4000
    missing = server.post(f"{session}/transfer", {"targetDepartment": "nowhere"})
    assert (missing.status, missing.code, missing.fields) == (404, 4040, ["targetDepartment"])
    assert Message.objects.count() == 1


def test_an_operator_may_send_a_session_out_of_their_own_sight(otto, session, chat, world):
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    assert otto.post(f"{session}/transfer", {"targetDepartment": "sales"}).status == 200
    assert otto.get(session).code == 4001


def test_an_operator_does_not_see_the_sessions_of_other_departments(otto, sue, session, chat, world):
    Chat.objects.update(department=world.sales)
    assert (otto.get(session).status, otto.get(session).code) == (404, 4001)
    assert sue.get(session).status == 200


def test_a_visitor_can_neither_assign_nor_transfer(vera, session, world):
    assert vera.post(f"{session}/assign", {"agentId": agent_id(world.operator)}).code == 4030
    assert vera.post(f"{session}/transfer", {"targetDepartment": "sales"}).code == 4030


def test_the_team_ends_a_session_with_a_note(otto, vera, session):
    body = {"reason": "resolved", "notes": "Answered", "followUpRequired": True}
    answer = otto.post(f"{session}/end", body)
    assert (answer.status, answer.data["status"]) == (200, "ended")
    assert answer.data["endedAt"].endswith("Z")
    chat = Chat.objects.get()
    assert (chat.close_reason, chat.follow_up) == ("resolved", True)
    assert Message.objects.get(kind="note").body == "Answered"
    assert vera.get(f"{session}/messages").data[-1]["event"]["reason"] == "resolved"


def test_a_server_ends_and_tells_the_visitors_rating_at_once(server, session):
    answer = server.post(f"{session}/end", {"satisfaction": {"rating": 5, "feedback": "Excellent support!"}})
    assert answer.data["satisfaction"] == {"rating": 5, "feedback": "Excellent support!"}


def test_a_visitor_ends_and_rates_later(vera, session):
    vera.post(f"{session}/end", {"reason": "done"})
    rated = vera.post(f"{session}/end", {"satisfaction": {"rating": 4}})
    assert (rated.status, rated.data["satisfaction"]["rating"]) == (200, 4)
    assert vera.post(f"{session}/end", {"satisfaction": {"rating": 2}}).data["satisfaction"]["rating"] == 2


def test_an_agent_does_not_rate_their_own_work_and_nothing_ends(otto, session):
    answer = otto.post(f"{session}/end", {"notes": "x", "satisfaction": {"rating": 5}})
    assert (answer.status, answer.code) == (403, 4030)
    assert Chat.objects.get().status == "waiting"
    assert Message.objects.count() == 1


def test_a_visitor_leaves_no_note(vera, session):
    assert vera.post(f"{session}/end", {"notes": "x"}).code == 4030
    assert vera.post(f"{session}/end", {"followUpRequired": True}).code == 4030
    assert Chat.objects.get().is_open


def test_a_deactivated_agents_token_is_dead(world, session):
    token = AgentTokenFactory(agent=world.operator).secret
    assert Caller(token).get(session).status == 200
    Agent.objects.filter(pk=world.operator.pk).update(is_active=False)
    assert Caller(token).get(session).code == 4010


def test_the_message_is_in_the_callers_language_then_the_workspaces(world, session, server):
    from django.utils import translation

    type(world.workspace).objects.update(language="vi")
    header = server.get(session).headers["Content-Language"]
    assert header == "vi"
    assert server.get(session, Accept_Language="uz-Latn, vi;q=0.5").headers["Content-Language"] == "uz"
    assert server.get(session, Accept_Language="fr").headers["Content-Language"] == "vi"
    translation.activate("en")


def test_an_ended_chat_stays_with_its_visitor(vera, session, chat, world):
    lifecycle.close(chat, Actor.of_agent(world.operator))
    assert vera.get(session).data["status"] == "ended"
