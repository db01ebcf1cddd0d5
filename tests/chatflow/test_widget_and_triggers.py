"""The widget's configuration and the triggers: only what is documented can be set, and it is what the widget shows."""

import pytest

from agents.ids import encode
from config.demo.factories import WidgetFactory
from widget.models import Trigger, Widget
from widget.services import triggers

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Exit Intent",
    "condition": "exit_intent",
    "delay_seconds": 0,
    "message": "Ketayapsizmi? Yordam beraylikmi?",
    "url_pattern": "/pricing",
    "active": True,
}


@pytest.fixture
def widget(world):
    return WidgetFactory(workspace=world.workspace, is_default=True, domains=["company.uz"])


@pytest.fixture
def trigger(world):
    return triggers.create(world.workspace, name="Hello", condition="page_load", message="Hi")


def test_what_is_set_is_what_the_widget_shows(server, widget):
    change = {
        "color": "#6366F1",
        "shape": "rounded",
        "position": "bottom-left",
        "button_text": "Yordam beramizmi?",
        "welcome_message": "Xush kelibsiz!",
        "offline_message": "Hozir offline holatdamiz",
        "domains": ["company.uz", "*.company.uz"],
        "branding": {"show_powered_by": True, "logo_url": "https://cdn.example.com/logo.png"},
    }
    answer = server.patch("widget/config", change)
    assert (answer.status, answer.body) == (200, change)
    assert server.get("widget/config").body == change
    shown = server.get("chat/widget/config?domain=www.company.uz")
    appearance = shown.body["data"]["appearance"]
    assert (appearance["primaryColor"], appearance["shape"], appearance["buttonText"]) == (
        "#6366F1",
        "rounded",
        "Yordam beramizmi?",
    )
    assert shown.body["data"]["behavior"]["welcomeMessage"] == "Xush kelibsiz!"
    assert server.patch("widget/config", {"branding": {"logo_url": None}}).body["branding"]["logo_url"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"color": "red"}, "color"),
        ({"color": "#fff"}, "color"),
        ({"color": "#6366F1;x"}, "color"),
        ({"shape": "hexagon"}, "shape"),
        ({"position": "top"}, "position"),
        ({"button_text": "x" * 41}, "button_text"),
        ({"welcome_message": "x" * 501}, "welcome_message"),
        ({"offline_message": 7}, "offline_message"),
        ({"domains": "company.uz"}, "domains"),
        ({"domains": ["https://company.uz/"]}, "domains"),
        ({"domains": [7]}, "domains.0"),
        ({"branding": {"logo_url": "http://company.uz/a.png"}}, "branding.logo_url"),
        ({"branding": {"logo_url": "javascript:alert(1)"}}, "branding.logo_url"),
        ({"branding": {"show_powered_by": "no"}}, "branding.show_powered_by"),
        ({"branding": {"owner": "me"}}, "branding.owner"),
        ({"enabled": False}, "enabled"),
        ({"workspace": 2}, "workspace"),
    ],
)
def test_one_wrong_field_and_the_widget_is_as_before(server, widget, change, field):
    before = Widget.objects.values().get()
    answer = server.patch("widget/config", {"welcome_message": "Changed", **change})
    assert (answer.status, answer.code) == (400, "VAL-001")
    assert field in answer.details
    assert Widget.objects.values().get() == before


def test_another_widget_is_named_and_a_foreign_one_is_none(world, server, otto, adam, foreigners, widget):
    other = WidgetFactory(workspace=world.workspace, is_default=False, welcome_message="Other")
    path = f"widget/config?widget_id={encode('widget', other.uid)}"
    assert server.get(path).body["welcome_message"] == "Other"
    assert otto.patch("widget/config", {"welcome_message": "x"}).code == "AUTH-003"
    assert adam.patch("widget/config", {"welcome_message": "x"}).status == 200
    for caller in foreigners.values():
        for answer in (caller.get(path), caller.patch(path, {"welcome_message": "x"}), caller.get("widget/config")):
            assert (answer.status, answer.code) == (404, "VAL-004")


def test_a_trigger_is_created_as_documented_changed_and_deleted(server, otto):
    made = server.post("automation/triggers", NEW)
    assert made.status == 201
    assert {name: made.body[name] for name in NEW} == NEW
    path = f"automation/triggers/{made.body['id']}"
    assert server.get("automation/triggers").data == [made.body] == otto.get("automation/triggers").data
    changed = server.patch(path, {"condition": "scroll", "threshold": 80, "active": False})
    assert (changed.body["condition"], changed.body["threshold"], changed.body["active"]) == ("scroll", 80, False)
    assert server.get(path).body == changed.body
    assert server.delete(path).status == 204
    assert server.get(path).code == "VAL-004"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"condition": "full_moon"}, "condition"),
        ({"condition": None}, "condition"),
        ({"message": "x" * 501}, "message"),
        ({"message": "nul\0"}, "message"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": 1.5}, "delay_seconds"),
        ({"delay_seconds": True}, "delay_seconds"),
        ({"url_pattern": "x" * 501}, "url_pattern"),
        ({"threshold": 50}, "threshold"),
        ({"repeat": "hours"}, "repeat_hours"),
        ({"repeat_hours": 3}, "repeat_hours"),
        ({"messages": {"xx": "?"}}, "messages"),
        ({"active": 1}, "active"),
        ({"workspace": 2}, "workspace"),
        ({"id": "trigger_1"}, "id"),
    ],
)
def test_a_trigger_that_cannot_be_is_refused_by_name(world, server, change, field):
    answer = server.post("automation/triggers", {**NEW, **change})
    assert (answer.status, answer.code) == (400, "VAL-001"), answer.body
    assert field in answer.details
    assert not Trigger.objects.exists()


def test_there_is_a_limit_of_triggers(server, trigger, monkeypatch):
    monkeypatch.setattr(triggers, "MOST_TRIGGERS", 1)
    answer = server.post("automation/triggers", NEW)
    assert (answer.status, answer.code) == (409, "VAL-008")


def test_triggers_are_their_workspaces_and_changed_by_admins(world, otto, sue, adam, foreigners, strangers, trigger):
    path = f"automation/triggers/{encode('trigger', trigger.uid)}"
    foreign = WidgetFactory(workspace=world.elsewhere)
    calls = [("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)]
    for method, body in calls:
        for caller in foreigners.values():
            assert caller.call(method, path, body).code == "VAL-004"
        for caller in strangers.values():
            assert caller.call(method, path, body).status in (401, 403)
        for caller in (otto, sue):
            assert (caller.call(method, path, body).status == 200) is (method == "GET")
    assert adam.patch(path, {"widget_id": encode("widget", foreign.uid)}).code == "VAL-004"
    trigger.refresh_from_db()
    assert (trigger.name, trigger.widget) == ("Hello", None)
