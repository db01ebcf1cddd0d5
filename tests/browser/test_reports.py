"""The reports in a real browser: a filter, the chats behind a figure, a file to take away, the table, the dark, axe."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.product import Product

from .inbox import Visitor, sign_in, wait_live

# What is told by the browser's own drawing (canvas) or by the native controls is not axe's to judge.
SERIOUS = {"moderate", "serious", "critical"}


@pytest.fixture(scope="module")
def office(product: Product) -> dict[str, Any]:
    """A workspace with two departments, a supervisor, and two chats of today that are counted."""
    made = product.manage_json(
        "create_workspace", "Reports", "--domain", "localhost", "--department", "support", "--department", "sales"
    )
    sue = product.manage_json("create_agent", made["slug"], "sue@example.com", "--name", "Sue", "--role", "supervisor")
    for name in ("Vera", "Victor"):
        Visitor.begin(product, made["publishableKey"], name, "Hello there")
    product.manage("rollup")
    return {**made, "sue": sue}


def problems(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}" for each in found if each["impact"] in SERIOUS for node in each["nodes"]
    ]


def test_a_supervisor_reads_filters_opens_and_takes_away_a_report(product, office, new_context):
    context = new_context(viewport={"width": 1440, "height": 900}, locale="en-US", accept_downloads=True)
    page = sign_in(context.new_page(), product, office["sue"])
    page.locator('.rail-item[data-place="analytics"]').click()
    wait_live(page)
    card = page.locator(".figure", has_text="Chats").first
    assert card.locator(".figure-value").inner_text() == "2"
    # The definition is there on focus, and Escape hides it.
    card.locator(".info-button").focus()
    card.locator(".info-text").wait_for(state="visible")
    page.keyboard.press("Escape")
    card.locator(".info-text").wait_for(state="hidden")
    # The chart is a picture of a table, which a button shows.
    page.locator(".chart-plot canvas").first.wait_for()
    page.locator("[data-toggle-table]").first.click()
    page.locator(".chart-table").first.get_by_role("row").nth(1).wait_for(state="visible")
    assert problems(page) == []
    # A filter applies at once, stands in the address, and the way back leads out of it.
    page.select_option("select[name=department]", index=1)
    page.wait_for_url("**department=**")
    assert page.locator(".figure-value").first.inner_text() == "0"
    page.go_back()
    page.wait_for_url(lambda url: "department=" not in url)
    # The figure opens its chats, and a chat the inbox.
    page.locator(".figure-value a").first.click()
    page.wait_for_url("**figure=total**")
    assert page.locator(".behind-row").count() == 2
    assert problems(page) == []
    page.locator("[data-go-back]").click()
    page.wait_for_url(lambda url: "figure=" not in url)
    page.locator(".report-export summary").click()
    with page.expect_download() as download:
        page.get_by_text("Everything here as XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_the_reports_read_well_in_the_dark_and_on_a_phone(product, office, new_context):
    context = new_context(
        viewport={"width": 390, "height": 844}, locale="en-US", color_scheme="dark", has_touch=True, is_mobile=True
    )
    page = sign_in(context.new_page(), product, office["sue"])
    page.locator("#me summary").click()
    page.locator("#me .only-phone", has_text="Reports").click()
    for name in ("overview", "people", "satisfaction"):
        page.goto(f"{product.url}/inbox/analytics/{name}")
        wait_live(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for info in page.locator(".figure .info").all():
            info.locator(".info-button").focus()
            info.locator(".info-text").wait_for(state="visible")
            box = info.locator(".info-text").bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 390, "a definition is on the page, whole"
        assert problems(page) == []
