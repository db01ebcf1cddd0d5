"""One chat: GET, and PATCH of exactly status, assigned_to, tags and notes, all or nothing."""

import pytest

from agents.ids import encode
from agents.models import Agent
from chat.access import Actor
from chat.models import Assignment, Chat, Message
from chat.services import assigning, lifecycle
from integrations.webhooks import services as webhooks
from integrations.webhooks.models import Delivery

from .conftest import start_chat

pytestmark = pytest.mark.django_db


def agent_id(agent):
    return encode("agent", agent.uid)


def give(chat, agent):
    return assigning.assign(chat, agent, Actor.of_workspace(chat.workspace))


def close(chat):
    return lifecycle.close(chat, Actor.of_workspace(chat.workspace))


def everything():
    return (
        list(Chat.objects.order_by("id").values()),
        list(Message.objects.order_by("id").values()),
        list(Assignment.objects.order_by("id").values()),
        sorted(Chat.objects.values_list("id", "tags__name")),
    )


def test_a_chat_is_as_documented(world, server, path, chat):
    give(chat, world.operator)
    world.visitor.phone, world.visitor.custom_fields = "+998901234567", {"plan": "premium"}
    world.visitor.save()
    answer = server.get(path)
    chat.refresh_from_db()
    assert (answer.status, answer.body) == (
        200,
        {
            "id": encode("chat", chat.uid),
            "visitor": {
                "name": "Vera",
                "email": world.visitor.email,
                "phone": "+998901234567",
                "metadata": {"plan": "premium"},
            },
            "status": "assigned",
            "assigned_to": agent_id(world.operator),
            "tags": [],
            "notes": "",
            "created_at": chat.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": chat.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    )


def test_everything_that_can_change_changes_at_once(world, server, path, chat):
    give(chat, world.operator)
    events = ["chat.transferred", "chat.closed"]
    hook = webhooks.create(world.workspace, url="https://hooks.example.com/", events=events)
    answer = server.patch(
        path,
        {"status": "closed", "assigned_to": agent_id(world.teammate), "tags": ["Billing", "resolved"], "notes": "Done"},
    )
    assert answer.status == 200
    shown = {name: answer.body[name] for name in ("status", "assigned_to", "tags", "notes")}
    assert shown == {
        "status": "closed",
        "assigned_to": agent_id(world.teammate),
        "tags": ["billing", "resolved"],
        "notes": "Done",
    }
    assert server.get(path).body == answer.body
    assert list(Delivery.objects.filter(subscription=hook).order_by("id").values_list("event", flat=True)) == events


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"assigned_to": "agent_" + "0" * 32}, 404, "AGENT-001", "assigned_to"),
        ({"assigned_to": "OUTSIDER"}, 404, "AGENT-001", "assigned_to"),
        ({"assigned_to": "TEAMMATE"}, 409, "AGENT-002", None),
        ({"assigned_to": "SUPERVISOR"}, 409, "AGENT-003", None),
        ({"assigned_to": 7}, 400, "VAL-001", "assigned_to"),
        ({"assigned_to": ""}, 400, "VAL-001", "assigned_to"),
        ({"status": "open"}, 400, "VAL-001", "status"),
        ({"status": ["closed"]}, 400, "VAL-001", "status"),
        ({"status": "assigned"}, 400, "VAL-001", "assigned_to"),
        ({"status": "assigned", "assigned_to": None}, 400, "VAL-001", "assigned_to"),
        ({"tags": "vip"}, 400, "VAL-001", "tags"),
        ({"tags": ["ok", ""]}, 400, "VAL-001", "tags.1"),
        ({"tags": ["ok", 7]}, 400, "VAL-001", "tags.1"),
        ({"tags": ["x" * 61]}, 400, "VAL-001", "tags.0"),
        ({"tags": [str(n) for n in range(51)]}, 400, "VAL-001", "tags"),
        ({"notes": "x" * 10_001}, 400, "VAL-001", "notes"),
        ({"notes": "nul\0"}, 400, "VAL-001", "notes"),
        ({"notes": {}}, 400, "VAL-001", "notes"),
        ({"visitor": {"name": "Mallory"}}, 400, "VAL-001", "visitor"),
        ({"id": "chat_" + "0" * 32}, 400, "VAL-001", "id"),
        ({"workspace_id": 2, "priority": "urgent"}, 400, "VAL-001", "workspace_id"),
        ([], 400, "VAL-001", ""),
        (b"{", 400, "VAL-002", None),
    ],
)
def test_one_wrong_field_and_nothing_changes(world, server, path, chat, wrong, status, code, field):
    Agent.objects.filter(pk=world.teammate.pk).update(lease_until=None)
    Agent.objects.filter(pk=world.supervisor.pk).update(max_chats=0)
    before = everything()
    if isinstance(wrong, dict):
        names = {"OUTSIDER": world.outsider, "TEAMMATE": world.teammate, "SUPERVISOR": world.supervisor}
        named = names.get(str(wrong.get("assigned_to")))
        right = {"notes": "Changed", "tags": ["changed"]}
        wrong = {**right, **wrong, **({"assigned_to": agent_id(named)} if named else {})}
    answer = server.patch(path, wrong)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert field is None or field in answer.details
    assert everything() == before


def test_a_closed_chat_takes_notes_and_tags_but_no_agent(world, server, path, chat):
    give(chat, world.operator)
    close(chat)
    refused = server.patch(path, {"assigned_to": agent_id(world.teammate), "notes": "Too late"})
    assert (refused.status, refused.code) == (409, "CHAT-002")
    assert server.patch(path, {"assigned_to": None}).code == "CHAT-002"
    answer = server.patch(path, {"notes": "Later", "tags": ["late"], "status": "closed"})
    assert (answer.status, answer.body["notes"], answer.body["tags"]) == (200, "Later", ["late"])
    assert server.patch(path, {"status": "closed", "assigned_to": agent_id(world.operator)}).status == 200


def test_a_closed_chat_reopens_in_place_with_its_agent_or_in_the_queue(world, server, path, chat):
    give(chat, world.operator)
    close(chat)
    answer = server.patch(path, {"status": "active"})
    assert (answer.body["status"], answer.body["assigned_to"]) == ("assigned", agent_id(world.operator))
    close(Chat.objects.get(pk=chat.pk))
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=None)
    refused = server.patch(path, {"status": "assigned", "notes": "No"})
    assert (refused.status, refused.code) == (409, "AGENT-002")
    assert server.get(path).body["status"] == "closed"
    answer = server.patch(path, {"status": "active"})
    assert (answer.body["status"], answer.body["assigned_to"]) == ("active", None)
    close(Chat.objects.get(pk=chat.pk))
    answer = server.patch(path, {"status": "active", "assigned_to": agent_id(world.teammate)})
    assert (answer.body["status"], answer.body["assigned_to"]) == ("assigned", agent_id(world.teammate))
    assert Message.objects.filter(chat=chat, payload__event="reopened").count() == 3


def test_a_chat_is_not_reopened_beside_the_visitors_new_one(world, server, path, chat):
    close(chat)
    start_chat(world.visitor)
    answer = server.patch(path, {"status": "active"})
    assert (answer.status, answer.code) == (409, "CHAT-003")


@pytest.mark.parametrize("change", [{"assigned_to": None}, {"status": "active"}])
def test_a_chat_goes_back_to_the_queue(world, server, path, chat, change):
    give(chat, world.operator)
    answer = server.patch(path, change)
    assert (answer.status, answer.body["status"], answer.body["assigned_to"]) == (200, "active", None)
    assert not Assignment.objects.filter(chat=chat, ended_at=None).exists()
    before = everything()
    assert server.patch(path, change).status == 200
    assert everything() == before, "it waits already"


def test_what_is_so_already_is_no_change(world, server, path, chat):
    give(chat, world.operator)
    same = {"status": "assigned", "assigned_to": agent_id(world.operator), "tags": [], "notes": ""}
    before = everything()
    assert server.patch(path, same).status == 200
    assert server.patch(path, {}).status == 200
    assert everything() == before


def test_an_agent_changes_what_their_role_lets_them(world, otto, chat, path):
    answer = otto.patch(path, {"assigned_to": agent_id(world.operator), "notes": "Mine"})
    assert (answer.status, answer.body["assigned_to"]) == (200, agent_id(world.operator))
    line = Message.objects.get(chat=chat, payload__event="assigned")
    assert line.payload["by"]["name"] == "Otto"
    hidden = start_chat(world.other_visitor, department=world.sales)
    answer = otto.patch(f"chats/{encode('chat', hidden.uid)}", {"notes": "Mine too"})
    assert (answer.status, answer.code) == (404, "CHAT-001")


def test_a_chat_of_elsewhere_is_one_that_does_not_exist(world, foreigners, strangers, path, chat):
    unknown = f"chats/chat_{'0' * 32}"
    before = everything()
    calls = [("GET", "", None), ("PATCH", "", {"notes": "x"}), ("POST", "/messages", {"text": "x"})]
    for method, rest, body in calls:
        for caller in foreigners.values():
            answer, none = (caller.call(method, p + rest, body, X_Request_Id="same") for p in (path, unknown))
            assert (answer.status, answer.body) == (none.status, none.body)
            assert answer.code == "CHAT-001"
        for caller in strangers.values():
            assert caller.call(method, path + rest, body).status in (401, 403)
    assert everything() == before


@pytest.mark.parametrize("id_", ["1", "chat_1", "chat_" + "g" * 32, "session_" + "0" * 32, "%00", "chat_" + "A" * 32])
def test_what_is_no_id_is_no_chat(server, id_):
    answer = server.get(f"chats/{id_}")
    assert (answer.status, answer.code) == (404, "CHAT-001")
