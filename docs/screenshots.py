"""Takes the pictures of the README from the running product: ``make run`` first, then ``python docs/screenshots.py``.

Needs the demo data (its demo.json tells the login) and Chromium (CHROMIUM, /usr/bin/chromium).
"""

import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

PORT = os.environ.get("PORT", "8000")
PARLEY = f"http://127.0.0.1:{PORT}"
SITE = f"http://localhost:{PORT}/demo-site/"
IMAGES = Path(__file__).parent / "images"
DEMO = Path(os.environ.get("PARLEY_DATA", "data")) / "demo.json"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def page_of(browser: Browser, viewport: dict[str, int], scheme: str) -> Any:
    """Return a fresh person's page."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-US")  # type: ignore[arg-type]
    return context.new_page()


def sign_in(page: Any, role: str) -> None:
    """Log in as the demo team's first member with this role."""
    login = next(login for login in json.loads(DEMO.read_text())["logins"] if login["role"] == role)
    page.goto(f"{PARLEY}/accounts/login/?next=/inbox/all")
    page.fill("input[name=login]", login["email"])
    page.fill("input[name=password]", login["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/**")


def take_inbox(browser: Browser, name: str, viewport: dict[str, int], scheme: str) -> None:
    """The inbox with a conversation open."""
    page = page_of(browser, viewport, scheme)
    sign_in(page, "supervisor")
    page.locator("a.row").nth(4).click()
    page.locator("#body").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / name)


def take_widget(browser: Browser, name: str, viewport: dict[str, int], scheme: str) -> None:
    """The demo site with the widget open, a question and its answer."""
    desk = page_of(browser, DESKTOP, "light")
    sign_in(desk, "owner")
    page = page_of(browser, viewport, scheme)
    page.goto(SITE)
    page.wait_for_load_state("load")
    page.evaluate("ChatWidget.open()")
    frame = page.frame_locator("iframe")
    frame.locator("#field").fill("Hi! Does the Langbiang tent fit a bike pannier?")
    frame.locator("#field").press("Enter")
    desk.locator("a.row", has_text="bike pannier").first.click()
    desk.locator("#body").fill("It does: packed it is 42 cm long, and 1.9 kg. Shall I put one aside for you?")
    page.wait_for_timeout(500)
    desk.locator("#body").press("Enter")
    frame.locator(".theirs .bubble").last.wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / name)
    for each in (desk, page):
        each.context.close()


def main() -> None:
    """Take them all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        take_inbox(browser, "inbox.png", DESKTOP, "light")
        take_inbox(browser, "inbox-dark.png", DESKTOP, "dark")
        take_inbox(browser, "inbox-phone.png", PHONE, "light")
        take_widget(browser, "widget.png", DESKTOP, "light")
        take_widget(browser, "widget-phone.png", PHONE, "dark")


if __name__ == "__main__":
    main()
