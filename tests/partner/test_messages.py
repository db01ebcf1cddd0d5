"""``/api/partner/messages``: who writes as whom, what is kept, what a client without a socket needs."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.access import Actor
from chat.models import Chat, Message
from chat.services import assigning, lifecycle, messages
from config.demo.factories import AgentFactory, AttachmentFactory

from .conftest import CUSTOMER

pytestmark = pytest.mark.django_db
METADATA = {"commandType": "order_lookup", "value": "ORD-12345"}


@pytest.fixture
def chat(conversation):
    return Chat.objects.get(pk=conversation["id"])


def test_a_customers_message_is_as_documented(server, chat):
    sent = server.say(chat.pk, "Hello, I need help", senderId=CUSTOMER, isFromAgent=False, metadata=METADATA)
    assert set(sent) == {
        "id", "conversationId", "senderId", "content", "isFromAgent", "timestamp", "readStatus", "metadata",
    }  # fmt: skip
    assert (sent["senderId"], sent["isFromAgent"], sent["readStatus"]) == (CUSTOMER, False, False)
    assert sent["metadata"] == METADATA
    assert sent["timestamp"][-5] == "." and sent["timestamp"][-1] == "Z"
    assert server.get(f"partner/messages/{chat.pk}") == [sent]


@pytest.mark.parametrize(
    "metadata", [METADATA, {}, {"value": None}, {"value": [1, 2.5, {"deep": "ă"}], "x": True}, {"commandType": "<b>"}]
)
def test_metadata_comes_back_as_it_was(server, chat, metadata):
    assert server.say(chat.pk, metadata=metadata)["metadata"] == metadata
    assert server.get(f"partner/messages/{chat.pk}")[0]["metadata"] == metadata


def test_without_metadata_there_is_none(server, chat):
    assert "metadata" not in server.say(chat.pk)


@pytest.mark.parametrize(
    "metadata", [5, "x", [], {"x": "y" * 9000}, {str(i): i for i in range(60)}, {"a": "\0"}, {"a": 10**20}]
)
def test_metadata_that_cannot_be_kept_is_refused(server, chat, metadata):
    assert server.say(chat.pk, metadata=metadata, expect=400)["fields"][0]["field"] == "metadata"
    assert not Message.objects.filter(chat=chat).exclude(kind="event").exists()


def test_an_agent_of_the_workspace_answers_by_their_number(world, server, chat):
    agent = AgentFactory(workspace=world.workspace, online=True)
    answer = server.say(chat.pk, "Hi there!", senderId=f"agent-{agent.pk}", isFromAgent=True)
    assert (answer["senderId"], answer["isFromAgent"]) == (f"agent-{agent.pk}", True)
    shown = server.get(f"partner/conversations/{CUSTOMER}")[0]
    assert (shown["agentId"], shown["status"]) == (agent.pk, "active")


def test_nobody_answers_as_an_agent_of_elsewhere(world, server, chat):
    refusals = [
        server.say(chat.pk, senderId=name, isFromAgent=True, expect=404)
        for name in (
            f"agent-{world.outsider.pk}",
            "agent-987654321",
            "agent-0",
            "agent-x",
            "agent-",
            str(world.owner.pk),
        )
    ]
    assert all(refusal == refusals[0] for refusal in refusals)
    assert server.heard(chat.pk) == []


def test_an_agent_who_has_left_answers_no_more(world, server, chat):
    gone = AgentFactory(workspace=world.workspace, is_active=False)
    server.say(chat.pk, senderId=f"agent-{gone.pk}", isFromAgent=True, expect=404)


def test_without_a_name_it_is_the_conversations_agent_or_the_company(world, server, chat):
    assert server.say(chat.pk, isFromAgent=True)["senderId"] == "workspace"
    world.workspace.agents.update(status="available")
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    assert server.say(chat.pk, isFromAgent=True)["senderId"] == f"agent-{world.operator.pk}"


def test_another_customers_name_is_refused(server, chat):
    server.begin("customer-2")
    for name in ("customer-2", "nobody"):
        assert server.say(chat.pk, senderId=name, expect=404)["fields"][0]["field"] == "senderId"


def test_a_customer_writes_as_themselves_alone(world, customer, chat):
    assert customer.say(chat.pk, senderId=CUSTOMER)["senderId"] == CUSTOMER
    customer.say(chat.pk, isFromAgent=True, expect=403)
    customer.say(chat.pk, senderId="customer-2", expect=403)
    customer.say(chat.pk, senderId=f"agent-{world.operator.pk}", expect=403)


def test_an_agent_with_a_token_writes_as_themselves_alone(world, otto, chat):
    assert otto.say(chat.pk)["senderId"] == f"agent-{world.operator.pk}"
    otto.say(chat.pk, senderId=f"agent-{world.operator.pk}", isFromAgent=True)
    otto.say(chat.pk, senderId=f"agent-{world.teammate.pk}", expect=403)
    otto.say(chat.pk, isFromAgent=False, expect=403)


def test_sent_again_it_is_stored_once(server, chat):
    first = server.say(chat.pk, "Hello", clientMessageId="a", metadata=METADATA)
    assert server.say(chat.pk, "Hello", clientMessageId="a", metadata=METADATA) == first
    assert first["clientMessageId"] == "a"
    assert server.say(chat.pk, "Other", clientMessageId="a", expect=409)["error"] == "conflict"
    assert server.heard(chat.pk) == ["Hello"]


def test_a_closed_conversation_is_only_read(server, chat):
    server.say(chat.pk, "Hello")
    lifecycle.close(chat, Actor.of_workspace(chat.workspace))
    assert server.say(chat.pk, expect=409)["error"] == "conversation_closed"
    assert server.heard(chat.pk) == ["Hello"]


def test_a_poller_asks_for_what_came_after(server, chat):
    ids = [server.say(chat.pk, str(n))["id"] for n in range(5)]
    assert server.heard(chat.pk) == list("01234")
    assert server.heard(chat.pk, f"?after={ids[2]}") == list("34")
    assert server.heard(chat.pk, f"?after={ids[-1]}") == []
    assert server.heard(chat.pk, "?after=0&limit=2") == list("01")
    assert server.heard(chat.pk, "?limit=2") == list("34")


def test_after_a_message_of_another_conversation_is_after_nothing(server, elsewhere, chat):
    other = server.say(server.begin("customer-2")["id"])["id"]
    foreign = elsewhere.say(elsewhere.begin()["id"])["id"]
    refusals = [server.get(f"partner/messages/{chat.pk}?after={n}", expect=404) for n in (other, foreign, 987654321)]
    assert refusals[0] == refusals[1] == refusals[2]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=501", "?limit=x", "?after=-1", "?after=x", "?after=" + "9" * 30])
def test_a_slice_that_is_none_is_refused(server, chat, query):
    server.get(f"partner/messages/{chat.pk}{query}", expect=400)


def test_notes_and_what_happened_are_not_shown(world, server, chat):
    messages.post(chat, Actor.of_workspace(world.workspace), kind="note", body="Careful")
    server.say(chat.pk, "Hello")
    world.workspace.agents.update(status="available")
    assigning.assign(chat, world.operator, Actor.of_workspace(world.workspace))
    assert server.heard(chat.pk) == ["Hello"]


def test_a_file_has_its_name_and_address(server, chat):
    said = messages.post(
        chat, Actor.of_visitor(chat.visitor), kind="file", attachments=[AttachmentFactory(chat=chat, name="a.pdf")]
    )
    shown = server.get(f"partner/messages/{chat.pk}")[0]
    assert (shown["id"], shown["content"]) == (said.pk, "a.pdf")
    assert shown["attachments"][0]["url"].startswith(("http://testserver/files/", "https://"))


def test_reading_is_told_to_the_other_side(world, server, customer, chat):
    asked = server.say(chat.pk, "Hello")
    answered = server.say(chat.pk, "Hi", isFromAgent=True)
    assert not answered["readStatus"]
    assert customer.post(f"partner/messages/{answered['id']}/read", expect=200)["readStatus"] is True
    shown = {m["id"]: m["readStatus"] for m in server.get(f"partner/messages/{chat.pk}")}
    assert shown == {asked["id"]: False, answered["id"]: True}
    assert server.post(f"partner/messages/{asked['id']}/read", expect=200)["readStatus"] is True
    chat.refresh_from_db()
    assert (chat.unread_by_visitor, chat.unread_by_team) == (0, 0)


def test_nobody_marks_what_they_cannot_see(server, elsewhere, chat):
    said = server.say(chat.pk)["id"]
    note = messages.post(chat, Actor.of_workspace(chat.workspace), kind="note", body="Careful").pk
    for name in (str(said), "987654321", "x", "9" * 40):
        elsewhere.post(f"partner/messages/{name}/read", expect=404)
    server.post(f"partner/messages/{note}/read", expect=404)
    assert not Message.objects.get(pk=said).read_at


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "x", 5, None, {"content": "x"}, {"conversationId": 1}, {"conversationId": "x", "content": "x"},
        {"conversationId": True, "content": "x"}, {"conversationId": 1.5, "content": "x"},
        {"conversationId": -1, "content": "x"}, {"conversationId": 10**30, "content": "x"},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_by_its_fields(server, body):
    assert server.post("partner/messages", json.dumps(body), expect=400)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "more",
    [
        {"content": ""}, {"content": " "}, {"content": 5}, {"content": "x" * 10_001}, {"content": "\0"},
        {"isFromAgent": "yes"}, {"senderId": 5}, {"clientMessageId": "x" * 101}, {"clientMessageId": 5},
    ],
)  # fmt: skip
def test_what_no_message_can_be_is_refused_and_nothing_is_stored(server, chat, more):
    refusal = server.post("partner/messages", {"conversationId": chat.pk, "content": "x", **more}, expect=400)
    assert refusal["fields"][0]["field"] in more
    assert server.heard(chat.pk) == []


def test_bytes_that_are_no_json_are_refused(server):
    for body in (b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000):
        assert server.post("partner/messages", body, expect=400)["error"] == "invalid_request"


def test_a_conversations_number_may_be_text(server, chat):
    assert server.say(str(chat.pk))["conversationId"] == chat.pk


def test_a_longer_conversation_costs_no_more_queries(world, server, chat):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            server.get(f"partner/messages/{chat.pk}")
        return len(queries)

    server.say(chat.pk)
    server.get(f"partner/messages/{chat.pk}")
    few = cost()
    for n in range(10):
        server.say(chat.pk, str(n), isFromAgent=bool(n % 2))
    assert cost() == few <= 4
