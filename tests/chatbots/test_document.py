"""The document's examples sent as they stand, what Parley says held against its examples and against every table."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from agents.ids import new_uid
from agents.models import Presence
from chat.access import Actor
from chat.models import Attachment, Chat
from chat.services import clicking, lifecycle, messages
from integrations.chatbots import actions
from integrations.setting_up import create_bot
from integrations.webhooks.models import Delivery
from tests.examples import Document

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "document"
TOPIC = {path.stem.split("-")[-1]: json.loads(path.read_text()) for path in FOLDER.glob("2.*.json")}
MODELS = {name.split(" ")[0]: fields for name, fields in json.loads((FOLDER / "models.json").read_text()).items()}
CALLS = Document("chatbots")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
# What may be missing or null: where there is nothing to say.
MAY_BE_NOTHING = {"previous_thread_id", "next_thread_id", "user_id", "queue", "image", "routing_status"}


def is_guid(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))


IS = {
    "Guid": is_guid,
    "DateTime": lambda value: isinstance(value, str) and bool(TIME.match(value)),
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int,
    "long": lambda value: type(value) is int and value > 10**12,
    "object": lambda value: isinstance(value, dict),
    "Event": lambda value: isinstance(value, dict) and isinstance(value["type"], str),
}


def demand_model(name: str, value: Any, where: str = "") -> None:
    """Fail unless the value has every field of the document's table, each of its type."""
    if name.startswith("List<"):
        assert isinstance(value, list), where
        for item in value:
            demand_model(name[5:-1], item, f"{where}[]")
    elif name in IS:
        assert IS[name](value), f"{where}: {value!r} is no {name}"
    else:
        for field, kind in MODELS[name].items():
            if field in MAY_BE_NOTHING and value.get(field) is None:
                continue
            assert field in value, f"{where}.{field} is missing"
            demand_model(kind, value[field], f"{where}.{field}")


def demand_example(shown: Any, value: Any, where: str = "") -> None:
    """Fail unless the value has every field of the example, each of the kind that the example shows."""
    if shown is None or value is None:
        assert where.rpartition(".")[2] in MAY_BE_NOTHING, where
    elif isinstance(shown, dict):
        missing = set(shown) - set(value)
        assert not missing, f"{where}: {missing} missing"
        for key, part in shown.items():
            demand_example(part, value[key], f"{where}.{key}")
    elif isinstance(shown, list):
        assert isinstance(value, list), where
        for item in value:
            known = next((s for s in shown if isinstance(s, dict) and s.get("type") == item.get("type")), shown[0])
            demand_example(known, item, f"{where}[]")
    else:
        alike = [kind for kind in ("Guid", "DateTime", "long", "bool", "int", "string") if IS[kind](shown)]
        assert IS[alike[0]](value), f"{where}: {value!r} is not like {shown!r}"


def heard(bot: Any, action: str) -> list[Any]:
    found = Delivery.objects.filter(subscription=bot.line, event=action).order_by("id")
    return list(found.values_list("payload", flat=True))


def say(bot: Any, action: str, payload: Any, **more: Any) -> Any:
    return actions.take(bot, json.dumps({"action": action, "payload": payload, **more}).encode())


@pytest.fixture
def story(world: Any, bot: Any, begin: Any) -> Any:
    """A conversation in which everything was said that Parley can say to a bot; another bot got it in the end."""
    other = create_bot(world.workspace, "other")
    visitor = Actor.of_visitor(world.visitor)
    lifecycle.close(begin("Before"), visitor)
    chat = begin("Hello")
    file = Attachment.objects.create(
        workspace=world.workspace,
        chat=chat,
        name="a.png",
        size=1,
        content_type="image/png",
        external_url="https://x.example/a.png",
    )
    messages.post(chat, visitor, kind="image", attachments=[file])
    here = str(chat.conversation_uid)
    image = {"url": "https://x.example/b.png", "name": "b", "content_type": "image/png"}
    button = {"text": "Yes", "type": "message", "value": "yes", "postback_id": "yes"}
    rich = {
        "type": "rich_message",
        "template_id": "cards",
        "elements": [{"title": "A", "image": image, "buttons": [button]}],
    }
    assert say(bot, "send_event", {"chat_id": here, "event": rich}) is None
    clicking.click(chat, visitor, chat.messages.get(kind="rich").uid, 0, 0)
    assert (
        say(bot, "send_event", {"chat_id": here, "event": {"type": "file", "url": "https://x.example/c.pdf"}}) is None
    )
    to_bot = {"id": here, "target": {"type": "agent", "ids": [str(other.agent.uid)]}}
    assert say(bot, "transfer_chat", to_bot) is None
    world.workspace.agents.update(lease_until=None)
    waits = {"id": here, "target": {"type": "group", "ids": [str(world.support.uid)]}}
    assert (
        say(other, "transfer_chat", {**waits, "ignore_agents_availability": True, "reason": "agent_unavailable"})
        is None
    )
    return chat, other


def test_what_parley_says_is_as_the_examples_and_the_tables_show(world, bot, story):
    chat, other = story
    closing = str(Chat.objects.get(previous=None).conversation_uid)
    assert closing == str(chat.conversation_uid), "one line, two threads"
    lifecycle.close(Chat.objects.get(pk=chat.pk), Actor.system(world.workspace.pk))
    said = {
        "incoming_chat": ("IncomingChatPayload", heard(bot, "incoming_chat") + heard(other, "incoming_chat")),
        "incoming_event": ("IncomingEventPayload", heard(bot, "incoming_event")),
        "chat_transferred": (
            "TransferredEventPayload",
            heard(bot, "chat_transferred") + heard(other, "chat_transferred"),
        ),
        "chat_deactivated": ("ChatDeactivatedEventPayload", heard(bot, "chat_deactivated")),
    }
    for action, (model, envelopes) in said.items():
        assert envelopes, action
        for envelope in envelopes:
            demand_example(TOPIC[action] | {"tenant_id": str(uuid.uuid4())}, envelope, action)
            demand_model(model, envelope["payload"], action)
    queued = heard(other, "chat_transferred")[-1]["payload"]
    demand_example(TOPIC["chat_transferred"]["payload"]["queue"], queued["queue"])
    assert queued["reason"] == "agent_unavailable"


def test_each_kind_of_event_has_the_fields_of_its_table(bot, story):
    _chat, other = story
    events = [e["payload"]["event"] for e in heard(bot, "incoming_event")]
    events += [e for c in heard(other, "incoming_chat") for e in c["payload"]["chat"]["thread"]["events"]]
    models = {
        "message": "MessageEventResponse",
        "file": "FileEventResponse",
        "rich_message": "RichMessageEventResponse",
    }
    assert {event["type"] for event in events} == {*models, "rich_message_postback"}
    for event in events:
        if event["type"] in models:
            demand_model(models[event["type"]], event, event["type"])
        assert is_guid(event["author_id"])


@pytest.mark.parametrize(
    "action", ["send_typing_indicator", "send_event", "tag_thread", "transfer_chat", "deactivate_chat"]
)
def test_what_the_examples_say_is_done(world, bot, begin, action):
    chat = begin("Hello")
    example = json.loads(json.dumps(TOPIC[action]))
    payload = example["payload"]
    payload["id" if "id" in payload else "chat_id"] = str(chat.conversation_uid)
    if "thread_id" in payload:
        payload["thread_id"] = str(chat.uid)
    if "event" in payload:
        payload["event"]["text"] = "what the example leaves out"
    if "target" in payload:
        payload["target"]["ids"] = [str(world.sales.uid), str(world.support.uid)]
    assert actions.take(bot, json.dumps(example).encode()) is None
    chat.refresh_from_db()
    did = {
        "send_event": chat.messages.filter(agent=bot.agent, body="what the example leaves out").exists,
        "tag_thread": chat.tags.filter(name="important").exists,
        "transfer_chat": lambda: chat.agent == world.teammate,
        "deactivate_chat": lambda: not chat.is_open,
    }
    assert did.get(action, lambda: chat.is_open)()


ASKED = {
    "SendEvent": ("send_event", {"event": {"type": "message", "text": "x"}}),
    "TypingIndicator": ("send_typing_indicator", {"is_typing": True}),
    "TagThread": ("tag_thread", {"thread_id": None, "tag": "x"}),
    "TransferChat": ("transfer_chat", {"target": {"type": "group", "ids": []}}),
    "ChatDeactivated": ("deactivate_chat", {}),
}
EVENTS = {
    "MessageEventRequest": {"type": "message", "text": "x"},
    "FileEventRequest": {"type": "file", "url": "https://x.example/a.pdf"},
    "RichMessageEventRequest": {"type": "rich_message", "template_id": "cards", "elements": [{"title": "x"}]},
}
CARD = {
    "RichMessageElement": lambda part: [part],
    "Image": lambda part: [{"title": "x", "image": part}],
    "Button": lambda part: [{"title": "x", "buttons": [part]}],
}
PARTS = {
    "RichMessageElement": {"title": "x"},
    "Image": {"url": "https://x.example/b.png"},
    "Button": {"text": "x", "type": "message"},
}


def not_a(kind: str) -> Any:
    return {"Guid": 7, "Guid?": "seven", "bool": "true", "List<Guid>": ["seven"]}.get(kind, 7)


def refusal_of(bot: Any, chat: Chat, model: str, field: str) -> Any:
    """Ask for something right but for one field, which is of another type than the table says."""
    wrong = not_a(MODELS[model][field])
    if model in ASKED:
        action, payload = ASKED[model]
        name = "id" if "id" in MODELS[model] else "chat_id"
        return say(bot, action, {name: str(chat.conversation_uid), **payload, field: wrong})
    if model == "Target":
        target = {"type": "group", "ids": [str(new_uid())], field: wrong}
        return say(bot, "transfer_chat", {"id": str(chat.conversation_uid), "target": target})
    if model in EVENTS:
        event = {**EVENTS[model], field: wrong}
    else:
        event = {**EVENTS["RichMessageEventRequest"], "elements": CARD[model]({**PARTS[model], field: wrong})}
    return say(bot, "send_event", {"chat_id": str(chat.conversation_uid), "event": event})


@pytest.mark.parametrize(
    ("model", "field"),
    [(model, field) for model in [*ASKED, "Target", *EVENTS, *PARTS] for field in MODELS[model]],
)
def test_a_field_of_another_type_than_its_table_says_is_named(bot, begin, model, field):
    chat = begin("Hello")
    before = chat.messages.count()
    refusal = refusal_of(bot, chat, model, field)
    assert refusal is not None, "it was taken"
    assert refusal.code == "invalid"
    said = json.dumps(refusal.as_json())
    assert field in said, said
    assert chat.messages.count() == before


def test_the_signed_calls_answer_as_the_examples_and_the_tables_show(world, story, call):
    chat, _other = story
    ask = {"chat_id": str(chat.conversation_uid), "thread_id": str(chat.uid)}
    assert set(TOPIC["get_chat.request"]) == set(ask)
    got = call("get_chat", ask).json()
    shown = CALLS["2.11-get_chat.response"]
    demand_example(shown, got)
    assert set(got) == set(shown)
    demand_model("GetChatResponse", got)
    agents = [user for user in got["users"] if user["type"] == "agent"]
    assert {user["routing_status"] for user in agents} <= set(Presence.values)
    statuses = call("list_routing_statuses", CALLS["2.10-list_routing_statuses.request"]).json()
    demand_example(CALLS["2.10-list_routing_statuses.response"], statuses)
    for status in statuses:
        demand_model("RoutingStatusResponse", status)
    assert call("list_routing_statuses").json() == statuses, "no body asks for everybody too"
    one = call("list_routing_statuses", {"filter": {"group_ids": [str(world.support.uid)]}}).json()
    assert [row["agent_id"] for row in one] == [str(world.operator.uid)]


def test_no_table_of_the_document_is_forgotten():
    sent = {
        "User",
        "Thread",
        "Access",
        "Chat",
        "IncomingChatPayload",
        "IncomingEventPayload",
        "TransferTarget",
        "QueueInfo",
    }
    sent |= {"TransferredEventPayload", "ChatDeactivatedEventPayload", "GetChatResponse", "RoutingStatusResponse"}
    sent |= {"FileEventResponse", "MessageEventResponse", "RichMessageEventResponse"}
    asked = {*ASKED, *EVENTS, *PARTS, "Target", "GetChatRequest", "Filter", "RoutingStatusReq"}
    envelopes = {name for name in MODELS if name.endswith("Dto")}
    assert set(MODELS) == sent | asked | envelopes
