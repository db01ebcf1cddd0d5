"""GET /v1/chat/widget/config (5.1): which widget a page gets, and who may ask."""

import pytest

from agents.models import Agent
from config.demo.factories import WidgetFactory
from integrations.live_chat.configuration import text_colour

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
    assert text_colour(background) == text
