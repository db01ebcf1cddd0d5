"""POST /v1/chat/widget/events, what widgets count: all of a request or nothing, on the workspace's own sites only."""

import pytest

from analytics.models import WidgetHour, WidgetPage
from config.demo.factories import WidgetFactory
from integrations.live_chat.requests import EVENTS_LIMIT

pytestmark = pytest.mark.django_db
HOME = "https://shop.example.com/"
VIEW = {"event": "view", "page": HOME}


def counted() -> dict[str, int]:
    return dict(WidgetHour.objects.values_list("event", "count"))


def test_what_happened_is_counted_by_hour_and_page(page, vera, widget):
    opened = {"event": "open", "page": f"{HOME}tents?colour=blue#top"}
    for caller in (page, vera):
        assert caller.post("widget/events", {"events": [VIEW, VIEW, opened]}).status == 200
    assert counted() == {"view": 4, "open": 2}
    by_page = dict(WidgetPage.objects.filter(event="open").values_list("page", "count"))
    assert by_page == {"/tents": 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({}, "events"),
        ({"events": []}, "events"),
        ({"events": "view"}, "events"),
        ({"events": {"0": VIEW}}, "events"),
        ({"events": [VIEW] * (EVENTS_LIMIT + 1)}, "events"),
        ({"events": [VIEW, "view"]}, "events.1"),
        ({"events": [VIEW, {"event": "chat", "page": HOME}]}, "events.1.event"),
        ({"events": [VIEW, {"event": 1, "page": HOME}]}, "events.1.event"),
        ({"events": [VIEW, {"page": HOME}]}, "events.1.event"),
        ({"events": [VIEW, {"event": "view"}]}, "events.1.page"),
        ({"events": [VIEW, {"event": "view", "page": "/tents"}]}, "events.1.page"),
        ({"events": [VIEW, {"event": "view", "page": "javascript:alert(1)"}]}, "events.1.page"),
        ({"events": [VIEW, {"event": "view", "page": f"{HOME}\u0000"}]}, "events.1.page"),
        ({"events": [VIEW, {"event": "trigger_shown", "page": HOME, "triggerId": 7}]}, "events.1.triggerId"),
        ({"events": [VIEW, {"event": "trigger_shown", "page": HOME, "triggerId": "t" * 101}]}, "events.1.triggerId"),
    ],
)
def test_one_wrong_event_and_nothing_is_counted(page, widget, body, field):
    answer = page.post("widget/events", body)
    assert (answer.status, answer.code) == (400, 4000)
    assert field in [error["field"] for error in answer.body["errors"]]
    assert counted() == {}


def test_a_page_of_another_site_and_a_trigger_of_another_workspace_count_for_nothing(page, world, widget):
    foreign = WidgetFactory(workspace=world.elsewhere, domains=["other.example.com"])
    events = [
        {"event": "view", "page": "https://other.example.com/"},
        {"event": "view", "page": "https://shop.example.com.evil.example/"},
        {"event": "trigger_shown", "page": HOME, "triggerId": f"widget_{foreign.uid.hex}"},
        {"event": "trigger_shown", "page": HOME},
    ]
    assert page.post("widget/events", {"events": events}).status == 200
    assert counted() == {}
