"""Triggers in the live-chat contract: which a page is told of, and the chat that begins with an answer to one."""

import pytest

from agents.ids import encode
from chat.models import Chat
from config.demo.factories import TriggerFactory, WidgetFactory

pytestmark = pytest.mark.django_db
PAGE = "https://shop.example.com/pricing"


@pytest.fixture
def trigger(world):
    return TriggerFactory(
        workspace=world.workspace, name="Prices", message="Questions?", messages={"vi": "Bạn cần hỏi gì?"}
    )


def triggers(caller, page=PAGE, **headers):
    answer = caller.get(f"widget/config?domain=shop.example.com&page={page}", **headers)
    return answer.data["behavior"]["triggers"]


def test_a_page_is_told_what_to_watch_for(world, page, trigger):
    scroll = TriggerFactory(
        workspace=world.workspace, condition="scroll", threshold=70, repeat="hours", repeat_hours=6, url_pattern="/p*"
    )
    first, second = triggers(page)
    assert first == {
        "id": encode("trigger", trigger.uid),
        "name": "Prices",
        "condition": "page_load",
        "delay": 3,
        "threshold": None,
        "urlPattern": "*",
        "message": "Questions?",
        "repeat": "visitor",
        "repeatHours": None,
    }
    assert (second["id"], second["threshold"], second["repeatHours"]) == (encode("trigger", scroll.uid), 70, 6)


def test_it_is_told_in_its_own_language(page, trigger):
    assert triggers(page, Accept_Language="vi")[0]["message"] == "Bạn cần hỏi gì?"
    assert triggers(page, Accept_Language="uz")[0]["message"] == "Questions?"


def test_the_page_decides(world, page, widget):
    TriggerFactory(workspace=world.workspace, url_pattern="/pricing*")
    TriggerFactory(workspace=world.workspace, active=False)
    TriggerFactory(workspace=world.elsewhere)
    assert len(triggers(page)) == 1
    assert triggers(page, "https://shop.example.com/about") == []
    sales = WidgetFactory(
        workspace=world.workspace, is_default=False, domains=["shop.example.com"], pages=["/pricing"], shape="square"
    )
    data = page.get(f"widget/config?page={PAGE}").data
    assert (data["widgetId"], data["byPage"]) == (encode("widget", sales.uid), True)
    assert data["appearance"]["shape"] == "square"


def test_a_widget_of_other_pages_is_not_shown(page, widget):
    type(widget).objects.update(pages=["/shop/*"])
    assert page.get("widget/config?page=https://shop.example.com/about").data["enabled"] is False
    assert page.get("widget/config?page=https://shop.example.com/shop/1").data["enabled"] is True
    assert page.get("widget/config?domain=shop.example.com").data["enabled"] is True


def test_a_site_without_triggers_need_not_ask_again(page, widget):
    data = page.get("widget/config?domain=shop.example.com").data
    assert (data["byPage"], data["behavior"]["triggers"]) == (False, [])


def test_an_answer_begins_a_chat_with_what_it_answers(world, page, trigger, otto):
    body = {"initialMessage": "Yes, one", "triggerId": encode("trigger", trigger.uid), "source": {"url": PAGE}}
    started = page.post("sessions", body, Accept_Language="vi").data
    chat = Chat.objects.get()
    assert (chat.trigger_uid, chat.trigger_name) == (trigger.uid, "Prices")
    session = otto.get(f"sessions/{started['sessionId']}").data
    assert session["trigger"] == {"id": encode("trigger", trigger.uid), "name": "Prices"}
    assert started["session"]["trigger"] is None
    said = [m for m in otto.get(f"sessions/{started['sessionId']}/messages").data if not m["event"]]
    assert [(m["senderType"], m["content"]) for m in said] == [
        ("system", "Bạn cần hỏi gì?"),
        ("visitor", "Yes, one"),
    ]
    assert chat.unread_by_visitor == 0 and chat.unread_by_team == 1
    assert chat.first_response_at is None


def test_the_same_answer_sent_twice_says_everything_once(page, trigger, otto):
    body = {"initialMessage": "Yes", "triggerId": encode("trigger", trigger.uid), "startKey": "k" * 20}
    first, second = page.post("sessions", body).data, page.post("sessions", body).data
    assert first["sessionId"] == second["sessionId"]
    said = [m["content"] for m in otto.get(f"sessions/{first['sessionId']}/messages").data if not m["event"]]
    assert said == ["Questions?", "Yes"]


def test_an_answer_in_a_running_chat_neither_marks_it_nor_speaks(vera, world, trigger):
    vera.post("sessions", {"initialMessage": "Hello"})
    again = vera.post("sessions", {"initialMessage": "Hello?", "triggerId": encode("trigger", trigger.uid)}).data
    assert again["resumed"] is True
    chat = Chat.objects.get()
    assert chat.trigger_uid is None
    assert not chat.messages.filter(body="Questions?").exists()


def test_a_trigger_of_elsewhere_or_gone_costs_no_message(world, page, trigger):
    theirs = TriggerFactory(workspace=world.elsewhere, message="Theirs")
    trigger.delete()
    for number, uid in enumerate((theirs.uid, trigger.uid)):
        body = {"initialMessage": f"Hi {number}", "triggerId": encode("trigger", uid)}
        assert page.post("sessions", body).status == 201
    for chat in Chat.objects.all():
        assert chat.trigger_uid is None
        assert next(m.body for m in chat.messages.exclude(kind="event")).startswith("Hi ")


def test_a_trigger_that_is_no_text_is_refused(page, trigger):
    answer = page.post("sessions", {"initialMessage": "Hi", "triggerId": ["x"]})
    assert (answer.status, answer.fields) == (400, ["triggerId"])
    assert not Chat.objects.exists()


def test_the_widgets_own_message_is_the_simplest_trigger(page, widget, otto):
    type(widget).objects.update(proactive_message="Need help?")
    body = {"initialMessage": "Yes", "triggerId": encode("widget", widget.uid)}
    session = page.post("sessions", body).data["sessionId"]
    said = [m["content"] for m in otto.get(f"sessions/{session}/messages").data if not m["event"]]
    assert said == ["Need help?", "Yes"]
    assert Chat.objects.get().trigger_uid == widget.uid
