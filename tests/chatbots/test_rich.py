"""Rich messages: what passes the door, what a visitor's client is shown, and a click that counts once."""

import json

import pytest

from agents.ids import encode
from chat.models import Kind, Message
from integrations.chatbots import actions, mapping
from integrations.webhooks.models import Delivery
from tests.live_chat.conftest import Caller
from widget import tokens

pytestmark = pytest.mark.django_db

BUTTONS = [
    {"type": "message", "text": "Track", "value": "track", "postback_id": "p-1"},
    {"type": "url", "text": "Shop", "value": "https://shop.example.com/"},
    {"type": "phone", "text": "Call", "value": "+84 24 1234 567"},
    {"type": "webview", "text": "Form", "value": "https://shop.example.com/form"},
]
CARD = {"title": "Tent", "image": {"url": "https://cdn.example.com/tent.png"}, "buttons": BUTTONS}


def send(bot, chat, template="cards", elements=(CARD,)):
    event = {"type": "rich_message", "template_id": template, "elements": list(elements)}
    payload = {"chat_id": str(chat.conversation_uid), "event": event}
    return actions.take(bot, json.dumps({"action": "send_event", "payload": payload}).encode())


def visitor(world, who=None):
    return Caller(tokens.issue(who or world.visitor)[0])


def click(caller, chat, message, element=0, button=0):
    place = {"messageId": encode("msg", message.uid), "element": element, "button": button}
    session = encode("session", chat.uid)
    return caller.post(f"sessions/{session}/messages", {"content": "", "metadata": {"postback": place}})


def test_a_visitors_client_gets_all_of_it_and_its_words(world, bot, begin):
    chat = begin("Hello")
    assert send(bot, chat, elements=[CARD, {**CARD, "title": "Stove"}]) is None
    listed = visitor(world).get(f"sessions/{encode('session', chat.uid)}/messages").data
    rich = next(message for message in listed if message["type"] == "rich")
    assert rich["content"] == "Tent\n[Track] [Shop] [Call] [Form]\nStove\n[Track] [Shop] [Call] [Form]"
    assert [element["title"] for element in rich["metadata"]["rich"]["elements"]] == ["Tent", "Stove"]


def test_a_click_comes_to_the_bot_once(world, bot, begin):
    chat = begin("Hello")
    send(bot, chat)
    shown = Message.objects.get(chat=chat, kind=Kind.RICH)
    assert [click(visitor(world), chat, shown).status for _ in range(3)] == [201, 201, 201]
    heard = Delivery.objects.filter(event=mapping.INCOMING_EVENT, payload__payload__event__type=mapping.POSTBACK)
    event = heard.get().payload["payload"]["event"]
    assert event["text"] == "Track"
    assert event["postback"] == {"id": "p-1", "event_id": str(shown.uid), "value": "track"}
    assert event["author_id"] == str(world.visitor.uid)


def test_of_quick_replies_one_can_be_given(world, bot, begin):
    chat = begin("Hello")
    replies = [{"type": "message", "text": text, "value": text} for text in ("Yes", "No")]
    send(bot, chat, "quick_replies", [{"title": "Sure?", "buttons": replies}])
    shown = Message.objects.get(chat=chat, kind=Kind.RICH)
    assert click(visitor(world), chat, shown, 0, 1).status == 201
    assert click(visitor(world), chat, shown, 0, 0).status == 409


@pytest.mark.parametrize(("element", "button"), [(0, 1), (0, 4), (1, 0)])
def test_a_button_that_is_not_there_or_only_a_link_cannot_be_clicked(world, bot, begin, element, button):
    chat = begin("Hello")
    send(bot, chat)
    shown = Message.objects.get(chat=chat, kind=Kind.RICH)
    assert click(visitor(world), chat, shown, element, button).status == 400


def test_nobody_clicks_in_anothers_chat(world, bot, begin):
    chat = begin("Hello")
    send(bot, chat)
    shown = Message.objects.get(chat=chat, kind=Kind.RICH)
    assert click(visitor(world, world.other_visitor), chat, shown).status == 404
    other = begin("Hello", visitor=world.other_visitor)
    assert click(visitor(world, world.other_visitor), other, shown).status == 400


HOSTILE = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>",
    "//evil.example.com",
    "https://user@evil.example.com/",
    "https://a b",
    'https://a"onclick="x',
    "http://",
    "",
    7,
    None,
]


@pytest.mark.parametrize("url", HOSTILE)
@pytest.mark.parametrize("place", ["url", "webview", "image"])
def test_a_hostile_address_is_refused_at_the_door(world, bot, begin, url, place):
    chat = begin("Hello")
    button = {"type": place, "text": "x", "value": url}
    element = {"title": "x", "image": {"url": url}} if place == "image" else {"title": "x", "buttons": [button]}
    refusal = send(bot, chat, elements=[element])
    assert refusal.code == "invalid"
    assert refusal.errors[0]["field"].startswith("payload.event.elements.0.")
    assert not Message.objects.filter(chat=chat, kind=Kind.RICH).exists()


WRONG = {
    "a template that is none": ("tiles", [CARD]),
    "no elements": ("cards", []),
    "too many elements": ("cards", [CARD] * 11),
    "an element that is none": ("cards", ["x"]),
    "an empty element": ("cards", [{}]),
    "a sticker without an image": ("sticker", [{"title": "x"}]),
    "quick replies without buttons": ("quick_replies", [{"title": "x"}]),
    "a button that is none": ("cards", [{"title": "x", "buttons": [{"type": "bomb", "text": "x"}]}]),
    "a button without words": ("cards", [{"title": "x", "buttons": [{"type": "message", "value": "x"}]}]),
    "a number that is none": ("cards", [{"title": "x", "buttons": [{"type": "phone", "text": "x", "value": "ring"}]}]),
    "a title too long": ("cards", [{"title": "x" * 501}]),
}


@pytest.mark.parametrize(("template", "elements"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_rich_message_is_refused(world, bot, begin, template, elements):
    assert send(bot, begin("Hello"), template, elements).code == "invalid"
