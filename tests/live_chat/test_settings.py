"""PUT /v1/chat/widget/config (5.2): admins change the widget, field by field, all or nothing."""

import pytest

from agents.schedule import DAYS
from agents.services import hours
from config.demo.factories import AgentTokenFactory, SecretKeyFactory, WidgetFactory

from .conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def adam(world) -> Caller:
    """The admin, with a token."""
    return Caller(AgentTokenFactory(agent=world.admin).secret)


NEW = {
    "enabled": True,
    "domains": ["shop.example.com", "*.brand.example:8443"],
    "pages": ["/shop/*", "https://shop.example.com/"],
    "appearance": {
        "position": "bottom-left",
        "primaryColor": "#007bff",
        "textColor": "#ffffff",
        "borderRadius": 8,
        "showAgentPhotos": False,
        "headerText": "Xin chào",
        "shape": "rounded",
        "buttonText": "Chat",
        "logoUrl": "https://cdn.example.com/logo.png",
        "showPoweredBy": False,
    },
    "behavior": {
        "autoOpen": True,
        "proactiveMessage": {"enabled": True, "delay": 30, "message": "Cần hỗ trợ gì không?"},
        "welcomeMessage": "Chào bạn",
        "offlineMessage": "Chúng tôi hiện offline. Vui lòng để lại tin nhắn!",
        "triggers": [],
    },
}


def test_every_setting_is_kept_and_shown(adam, widget):
    answer = adam.put("widget/config", NEW)
    assert (answer.status, answer.code) == (200, 1000)
    again = adam.get("widget/config").data
    for shown in (answer.data, again):
        assert {name: shown[name] for name in NEW} == NEW


def test_what_was_read_can_be_sent_back_and_changes_nothing(server, widget):
    before = type(widget).objects.values().get()
    read = server.get("widget/config").data
    read["online"] = not read["online"]
    assert server.put("widget/config", read).status == 200
    after = type(widget).objects.values().get()
    # A first message that is empty is told as switched off.
    assert {**after, "updated_at": 0, "proactive_enabled": 0} == {**before, "updated_at": 0, "proactive_enabled": 0}


def test_a_part_changes_that_part_alone(server, widget):
    server.put("widget/config", {"appearance": {"primaryColor": "#112233"}})
    widget.refresh_from_db()
    assert (widget.primary_color, widget.domains) == ("#112233", ["shop.example.com", "*.brand.example"])


def test_a_text_colour_that_is_the_computed_one_stays_computed(server, widget):
    server.put("widget/config", {"appearance": {"primaryColor": "#000000", "textColor": "#FFFFFF"}})
    assert server.put("widget/config", {"appearance": {"primaryColor": "#ffff00"}}).data["appearance"]["textColor"] == (
        "#000000"
    )


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"colour": "#fff", "appearance": {"zIndex": 1}}, ["colour", "appearance.zIndex"]),
        ({"behavior": {"proactiveMessage": {"after": 3}}}, ["behavior.proactiveMessage.after"]),
        ({"enabled": "yes"}, ["enabled"]),
        ({"appearance": []}, ["appearance"]),
        ({"appearance": {"primaryColor": "blue"}}, ["appearance.primaryColor"]),
        ({"appearance": {"primaryColor": "#fff\x00000"}}, ["appearance.primaryColor"]),
        ({"appearance": {"primaryColor": "#ffffff", "textColor": "#ffffee"}}, ["appearance.textColor"]),
        ({"appearance": {"position": "top"}}, ["appearance.position"]),
        ({"appearance": {"shape": "star"}}, ["appearance.shape"]),
        ({"appearance": {"logoUrl": "http://x.example/l.png"}}, ["appearance.logoUrl"]),
        ({"appearance": {"borderRadius": 33}}, ["appearance.borderRadius"]),
        ({"appearance": {"borderRadius": 1.5}}, ["appearance.borderRadius"]),
        ({"appearance": {"showAgentPhotos": 1}}, ["appearance.showAgentPhotos"]),
        ({"appearance": {"headerText": "x" * 81}}, ["appearance.headerText"]),
        ({"behavior": {"offlineMessage": "x" * 501}}, ["behavior.offlineMessage"]),
        ({"behavior": {"proactiveMessage": {"delay": -1}}}, ["behavior.proactiveMessage.delay"]),
        ({"behavior": {"proactiveMessage": {"enabled": True}}}, ["behavior.proactiveMessage.message"]),
        ({"domains": "shop.example.com"}, ["domains"]),
        ({"domains": ["https://shop.example.com"]}, ["domains"]),
        ({"domains": [7]}, ["domains.0"]),
        ({"pages": ["x" * 501]}, ["pages.0"]),
        ({"pages": ["/x"] * 51}, ["pages"]),
        ({"name": "Another"}, ["name"]),
        ({"maxFileBytes": 1}, ["maxFileBytes"]),
        ({"departments": [{"id": "sales", "name": "Other"}]}, ["departments"]),
        ([], [""]),
        (None, None),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_nothing_changes(server, widget, body, fields):
    before = type(widget).objects.values().get()
    if isinstance(body, dict):
        body = {"enabled": False, **body}
    answer = server.put("widget/config", body) if fields else server.call("PUT", "widget/config", b"{")
    assert (answer.status, answer.code) == (400, 4000)
    assert answer.fields == (fields or [])
    assert type(widget).objects.values().get() == before


def test_owners_and_admins_change_it_and_nobody_else(world, adam, server, otto, sue, page, vera, widget):
    owner = Caller(AgentTokenFactory(agent=world.owner).secret)
    for caller in (adam, owner, server):
        assert caller.put("widget/config", {"enabled": True}).status == 200
    before = type(widget).objects.values().get()
    for caller in (otto, sue, page, vera):
        assert caller.put("widget/config", {"enabled": False}).code == 4030
    assert Caller().put("widget/config", {"enabled": False}).code == 4010
    assert type(widget).objects.values().get() == before


def test_another_workspaces_widget_is_as_one_that_does_not_exist(world, server, widget):
    theirs = WidgetFactory(workspace=world.elsewhere, domains=["shop.example.com"])
    foreign = server.put("widget/config", {"widgetId": f"widget_{theirs.uid.hex}", "enabled": False})
    unknown = server.put("widget/config", {"widgetId": "widget_" + "0" * 32, "enabled": False})
    assert (foreign.status, foreign.code, foreign.body) == (404, 4040, unknown.body)
    stranger = Caller(SecretKeyFactory(workspace=world.elsewhere).secret)
    assert stranger.put("widget/config?domain=shop.example.com", {"enabled": False}).status == 200
    theirs.refresh_from_db()
    widget.refresh_from_db()
    assert (theirs.enabled, widget.enabled) == (False, True)


def test_which_widget_is_said_by_its_id_its_domain_or_its_page(world, server, widget):
    shop = WidgetFactory(workspace=world.workspace, is_default=False, domains=["shop.example.com"], pages=["/shop/*"])
    named = f"widget_{shop.uid.hex}"
    ways = [("", {"widgetId": named}), (f"?widgetId={named}", {}), ("?page=https://shop.example.com/shop/1", {})]
    for number, (query, body) in enumerate(ways):
        answer = server.put(f"widget/config{query}", {**body, "appearance": {"headerText": str(number)}})
        assert answer.data["widgetId"] == named
        shop.refresh_from_db()
        assert shop.header_text == str(number)
    assert server.put("widget/config?domain=evil.example", {"enabled": False}).code == 4030


WEEK = {
    "monday": {"start": "09:00", "end": "18:00"},
    "tuesday": {
        "start": "08:00",
        "end": "17:00",
        "spans": [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}],
    },
    "sunday": {"closed": True},
}


def week_of(caller: Caller) -> dict:
    return caller.get("widget/config").data["businessHours"]["schedule"]


def test_the_week_is_changed_day_by_day(adam, widget, world):
    assert adam.put("widget/config", {"businessHours": {"schedule": WEEK}}).status == 200
    always = {"start": "00:00", "end": "24:00"}
    assert week_of(adam) == dict.fromkeys(DAYS, always) | WEEK
    adam.put("widget/config", {"businessHours": {"schedule": {"monday": {"closed": True}}}})
    assert week_of(adam) == dict.fromkeys(DAYS, always) | WEEK | {"monday": {"closed": True}}
    # a shift is told by its spans alone, too
    spans = WEEK["tuesday"]["spans"]
    adam.put("widget/config", {"businessHours": {"schedule": {"friday": {"spans": spans}}}})
    assert week_of(adam)["friday"] == WEEK["tuesday"]
    assert hours.schedule_of(world.workspace).week is not None


def test_a_workspace_without_hours_gets_none_by_sending_back_what_it_read(adam, widget, world):
    adam.put("widget/config", adam.get("widget/config").data)
    assert hours.schedule_of(world.workspace).week is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ("always", "businessHours"),
        ({"schedule": "always"}, "businessHours.schedule"),
        ({"schedule": {"funday": {"closed": True}}}, "businessHours.schedule.funday"),
        ({"schedule": {"monday": 8}}, "businessHours.schedule.monday"),
        ({"schedule": {"monday": {"start": "08:00"}}}, "businessHours.schedule.monday.end"),
        ({"schedule": {"monday": {"start": 8, "end": "17:00"}}}, "businessHours.schedule.monday.start"),
        ({"schedule": {"monday": {"start": "17:00", "end": "08:00"}}}, "businessHours.schedule.monday"),
        ({"schedule": {"monday": {"start": "25:00", "end": "26:00"}}}, "businessHours.schedule.monday"),
        ({"schedule": {"monday": {"start": "08:00", "end": "17:00", "x": 1}}}, "businessHours.schedule.monday.x"),
        ({"schedule": {"monday": {"closed": True, "start": "08:00"}}}, "businessHours.schedule.monday.closed"),
        ({"schedule": {"monday": {"closed": "yes"}}}, "businessHours.schedule.monday.closed"),
        ({"schedule": {"monday": {"spans": [{"start": "08:00"}]}}}, "businessHours.schedule.monday.spans.0.end"),
        ({"schedule": {"monday": {"start": "07:00", "end": "12:00", "spans": [{"start": "08:00", "end": "12:00"}]}}},
         "businessHours.schedule.monday.start"),
        ({"schedule": {day: {"closed": True} for day in DAYS}}, "businessHours.schedule"),
        ({"timezone": "Europe/Paris"}, "businessHours.timezone"),
        ({"exceptions": [{"from": "2026-12-24"}]}, "businessHours.exceptions"),
        ({"open": True}, "businessHours.open"),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_change_nothing(adam, widget, world, wanted, field):
    before = adam.get("widget/config").data
    answer = adam.put("widget/config", {"appearance": {"headerText": "New"}, "businessHours": wanted})
    assert (answer.status, answer.code) == (400, 4000)
    assert field in [error["field"] for error in answer.body["errors"]]
    assert adam.get("widget/config").data == before
    assert hours.schedule_of(world.workspace).week is None
