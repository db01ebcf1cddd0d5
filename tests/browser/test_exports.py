"""Exports in a real browser: asked for, watched without a reload, fetched; cancelled; on a phone, in the dark."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.product import Product

from .inbox import Visitor, sign_in, wait_live
from .test_reports import problems


@pytest.fixture
def office(product: Product) -> dict[str, Any]:
    """A workspace of the test's own with a supervisor, and two chats of today that have ended."""
    made = product.manage_json("create_workspace", "Exports", "--domain", "localhost", "--department", "support")
    sue = product.manage_json(
        "create_agent", made["slug"], f"sue@{made['slug']}.example", "--name", "Sue", "--role", "supervisor"
    )
    for name in ("=Vera", "Victor"):
        Visitor.begin(product, made["publishableKey"], name, "Hello there").rates(4, "@fine")
    return {**made, "sue": sue}


def test_a_supervisor_asks_watches_and_fetches(product, office, new_context):
    context = new_context(viewport={"width": 1280, "height": 900}, locale="en-US", accept_downloads=True)
    page = sign_in(context.new_page(), product, office["sue"])
    page.locator('.rail-item[data-place="exports"]').click()
    wait_live(page)
    assert page.get_by_text("No exports yet").is_visible()
    assert problems(page) == []
    page.check("#export-kind_1")
    with page.expect_navigation() as shown:
        page.get_by_role("button", name="Start the export").click()
    # The row changes by itself, and says so to who hears the page, unless it was done before the page was there.
    page.locator('[data-export][data-state="done"]').wait_for()
    if 'data-state="done"' not in shown.value.text():
        page.locator("#toasts", has_text="Ready").wait_for()
    assert "2 chats" in page.locator("[data-export]").inner_text()
    assert problems(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith(f"{office['slug']}-chats-")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [(row["Visitor"], row["Comment"], row["Rating"]) for row in rows] == [
        ("'=Vera", "'@fine", "4"), ("Victor", "'@fine", "4"),
    ]  # fmt: skip
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("No exports yet").wait_for()


def test_it_works_by_keyboard_on_a_phone_in_the_dark(product, office, new_context):
    context = new_context(
        viewport={"width": 390, "height": 844}, locale="vi-VN", color_scheme="dark", has_touch=True, is_mobile=True
    )
    page = sign_in(context.new_page(), product, office["sue"])
    page.goto(f"{product.url}/inbox/exports/")
    wait_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#export-kind_0").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator('[data-export][data-state="done"]').wait_for()
    assert page.locator("[data-export] .chip").inner_text() == "CSV"
    assert problems(page) == []
