"""GET /v1/chat/widget/config (5.1): which widget a page gets, and who may ask."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from agents.models import Agent
from agents.schedule import Different
from agents.services import hours
from config.demo.factories import WidgetFactory
from widget.colours import text_on

from .conftest import Caller

pytestmark = pytest.mark.django_db


def test_a_page_reads_how_its_widget_looks(world, page, widget):
    type(widget).objects.update(
        primary_color="#007bff", border_radius=8, proactive_message="Cần hỗ trợ gì không?", proactive_delay=30
    )
    data = page.get("widget/config?domain=shop.example.com&page=https://shop.example.com/a").data
    assert data["widgetId"] == f"widget_{widget.uid.hex}"
    assert (data["appearance"]["primaryColor"], data["appearance"]["borderRadius"]) == ("#007bff", 8)
    assert data["behavior"]["proactiveMessage"] == {"enabled": True, "delay": 30, "message": "Cần hỗ trợ gì không?"}
    assert [(d["id"], d["available"]) for d in data["departments"]] == [("sales", True), ("support", True)]
    assert data["online"] is True


def test_a_department_without_anybody_free_is_not_available(world, page):
    Agent.objects.filter(pk=world.teammate.pk).update(status="away")
    departments = page.get("widget/config").data["departments"]
    assert [(d["id"], d["available"]) for d in departments] == [("sales", False), ("support", True)]


def test_business_hours_are_the_workspaces(world, page):
    """Always open without hours; with them, the contract's days, closed ones, several spans, and what comes."""
    always = page.get("widget/config").data["businessHours"]
    assert always["schedule"]["sunday"] == {"start": "00:00", "end": "24:00"}
    assert (always["isOpen"], always["opensAt"], always["exceptions"]) == (True, None, [])
    week = {"monday": [("08:00", "17:00")], "tuesday": [("08:00", "12:00"), ("13:00", "17:00")]}
    hours.set_week(world.workspace, week)
    hours.set_exceptions(world.workspace, [Different(date(2026, 11, 23), date(2026, 11, 23), (), "Off")])
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        Agent.objects.update(lease_until=datetime(2027, 1, 1, tzinfo=UTC))
        data = page.get("widget/config").data
    told = data["businessHours"]
    assert told["schedule"]["monday"] == {"start": "08:00", "end": "17:00"}
    spans = [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]
    assert told["schedule"]["tuesday"] == {"start": "08:00", "end": "17:00", "spans": spans}
    assert told["schedule"]["wednesday"] == {"closed": True}
    assert told["exceptions"] == [{"from": "2026-11-23", "to": "2026-11-23", "name": "Off", "closed": True}]
    assert (told["isOpen"], told["opensAt"]) == (False, "2026-11-24T08:00:00Z")
    assert data["online"] is False
    assert not any(department["available"] for department in data["departments"])


def test_the_most_exact_widget_is_the_pages(world, page):
    exact = WidgetFactory(workspace=world.workspace, is_default=False, domains=["vip.brand.example"])
    assert page.get("widget/config?domain=vip.brand.example").data["widgetId"] == f"widget_{exact.uid.hex}"
    assert page.get("widget/config?page=https://vip.brand.example/x").data["widgetId"] == f"widget_{exact.uid.hex}"
    assert page.get("widget/config?domain=a.brand.example").data["widgetId"] != f"widget_{exact.uid.hex}"


@pytest.mark.parametrize(
    "query",
    ["domain=evil.example", "domain=shop.example.com.evil.example", "domain=%00", "domain=.", "page=javascript:x"],
)
def test_a_site_that_no_widget_lists_gets_nothing(server, widget, query):
    answer = server.get(f"widget/config?{query}")
    assert answer.status in (400, 403)
    assert "widgetId" not in str(answer.body)


def test_a_disabled_widget_says_so_to_the_server_and_lets_no_page_in(server, page, widget):
    type(widget).objects.update(enabled=False)
    assert server.get("widget/config?domain=shop.example.com").data["enabled"] is False
    assert page.get("widget/config").code == 4030


def test_another_workspace_has_its_own(world, widget):
    WidgetFactory(workspace=world.elsewhere, domains=["shop.example.com"])
    from config.demo.factories import SecretKeyFactory

    theirs = Caller(SecretKeyFactory(workspace=world.elsewhere).secret).get("widget/config?domain=shop.example.com")
    assert theirs.data["widgetId"] != f"widget_{widget.uid.hex}"


def test_a_workspace_without_a_widget_has_no_configuration(server):
    assert (server.get("widget/config").status, server.get("widget/config").code) == (404, 4040)


@pytest.mark.parametrize(
    ("background", "text"),
    [("#007bff", "#000000"), ("#4F46E5", "#ffffff"), ("#000000", "#ffffff"), ("#FFFF00", "#000000")],
)
def test_the_text_on_the_colour_can_be_read(background, text):
    assert text_on(background) == text


def test_the_page_decides_among_the_widgets_of_a_site(world, page, widget):
    shop = WidgetFactory(
        workspace=world.workspace, is_default=False, domains=["shop.example.com"], pages=["/shop/*", "/bảng-giá"]
    )
    both = {address: page.get(f"widget/config?domain=shop.example.com&page={address}") for address in PAGES}
    assert {address: answer.data["widgetId"] == f"widget_{shop.uid.hex}" for address, answer in both.items()} == PAGES
    assert page.get("widget/config?domain=shop.example.com").data["widgetId"] == f"widget_{widget.uid.hex}"


PAGES = {
    "https://shop.example.com/shop/shoes": True,
    "https://shop.example.com/b%25E1%25BA%25A3ng-gi%25C3%25A1/": True,
    "https://shop.example.com/workshop/": False,
    "https://shop.example.com/": False,
}


def test_on_a_page_that_no_widget_is_for_it_is_not_enabled(page, server, widget):
    type(widget).objects.update(pages=["/shop/*"])
    there, elsewhere = (f"widget/config?page=https://shop.example.com/{path}" for path in ("shop/1", "about"))
    assert page.get(there).data["enabled"] is True
    assert page.get(elsewhere).data["enabled"] is False
    assert server.get(elsewhere).data["enabled"] is True, "the team reads the setting"


def test_without_parameters_the_calling_page_tells_its_site(world, page, widget):
    exact = WidgetFactory(workspace=world.workspace, is_default=False, domains=["vip.brand.example"])
    found = page.get("widget/config", Origin="https://vip.brand.example")
    assert found.data["widgetId"] == f"widget_{exact.uid.hex}"
