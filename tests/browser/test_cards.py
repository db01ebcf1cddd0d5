"""Action cards in a real browser: filled while the agent looks, tried again by a button, strangers' text only text."""

import json
import uuid

import pytest

from tests.webhooks.receiver import Answer

from .inbox import PHONE, bubbles, call, open_first, until, wait_live

DEFINE = """
from agents.models import Workspace
from chat.models import Command
slug, url = {slug!r}, {url!r}
Command.objects.create(workspace=Workspace.objects.get(slug=slug), name="order_lookup", title="Order", url=url)
"""


@pytest.fixture
def shop(new_receiver):
    """The site's own server: broken at first, then well."""
    return new_receiver(lambda request, before: Answer(400) if before == 0 else found())


def found():
    said = {"Status": "On its way", "Note": "<img src=x onerror=alert(1)>"}
    return Answer(200, {"content-type": "application/json"}, json.dumps(said).encode())


def ask(visitor, text, **metadata):
    data = {"type": "text", "content": text, "metadata": metadata, "clientMessageId": uuid.uuid4().hex}
    call(visitor.product, "POST", f"sessions/{visitor.session}/messages", visitor.token, data)


def test_a_card_is_filled_while_the_agent_looks(office, shop):
    slug = office.workspace["slug"]
    office.product.manage("shell", "-c", DEFINE.format(slug=slug, url=f"http://127.0.0.1:{shop.port}/{{value}}"))
    page = office.open()
    vera = office.visitor()
    open_first(page)
    ask(vera, "Where is it?", commandType="order_lookup", value="ORD-12345")
    card = bubbles(page, "Where is it?").locator("[data-card]")
    card.get_by_text("ORD-12345").wait_for()
    card.get_by_text("The address answered with an error.").wait_for()
    card.get_by_role("button", name="Try again").click()
    card.get_by_text("On its way").wait_for()
    # Another seat that opens the chat now sees the same, drawn by the server.
    page.reload()
    wait_live(page)
    card.get_by_text("On its way").wait_for()
    assert page.locator("#entries img").count() == 0
    assert [request.path for request in shop.received] == ["/ORD-12345", "/ORD-12345"]
    ask(vera, "And this?", commandType="bonus<b>", value={"points": 7})
    bubbles(page, "And this?").get_by_text('{"points": 7}').wait_for()


def test_a_card_whose_frame_was_lost_is_complete_after_the_line_came_back(office, shop):
    slug = office.workspace["slug"]
    office.product.manage("shell", "-c", DEFINE.format(slug=slug, url=f"http://127.0.0.1:{shop.port}/{{value}}"))
    shop.answers = lambda request, before: found()
    page = office.open(viewport=PHONE)
    vera = office.visitor()
    open_first(page)
    ask(vera, "Where is it?", commandType="order_lookup", value="ORD-1")
    card = bubbles(page, "Where is it?").locator("[data-card]")
    card.get_by_text("On its way").wait_for()
    # As if the frame had been lost.
    card.evaluate("e => { e.dataset.state = 'owed'; e.querySelector('dl').hidden = true; }")
    page.context.set_offline(True)
    page.locator("#connection").get_by_text("You are offline").wait_for()
    page.context.set_offline(False)
    card.get_by_text("On its way").wait_for()
    until(lambda: page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])
