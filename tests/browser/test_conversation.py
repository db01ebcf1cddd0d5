"""The whole path: a visitor on another origin's page and an agent in the inbox, in two browsers.

Each message is there once, in one order, on both sides: also when the server is killed, and when a network is cut.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.network import Site, Wire
from tests.product import Product

WAIT = 20_000
RECOVER = 30_000


@dataclass
class Visitor:
    """The visitor's browser: the shop's page, and Parley's frame in it."""

    page: Any

    @property
    def frame(self) -> Any:
        return self.page.frame_locator("iframe")

    def open(self) -> None:
        deadline = time.monotonic() + 20
        while self.page.evaluate("typeof (window.ChatWidget || {}).open") != "function":
            assert time.monotonic() < deadline, "the loader did not load"
            time.sleep(0.1)
        self.page.evaluate("ChatWidget.open()")
        self.frame.locator("#field").wait_for(timeout=WAIT)

    def say(self, text: str) -> None:
        self.frame.locator("#field").fill(text)
        self.frame.locator("#field").press("Enter")

    def sees(self, text: str, timeout: int = WAIT) -> None:
        self.frame.locator("#list").get_by_text(text, exact=True).first.wait_for(timeout=timeout)

    def texts(self) -> list[str]:
        return numbered(self.frame.locator("#list").inner_text())


@dataclass
class Agent:
    """The agent's browser: the inbox."""

    page: Any

    @property
    def timeline(self) -> Any:
        return self.page.locator("#timeline")

    def say(self, text: str) -> None:
        self.page.locator("#body").fill(text)
        self.page.locator("#body").press("Enter")

    def sees(self, text: str, timeout: int = WAIT) -> None:
        self.timeline.get_by_text(text, exact=True).first.wait_for(timeout=timeout)

    def texts(self) -> list[str]:
        return numbered(self.timeline.inner_text())


def numbered(text: str) -> list[str]:
    """Return the messages of the story, which all look like `v12` or `a7`, in the order in which they stand."""
    return re.findall(r"^\s*([va]\d+)\s*$", text, re.MULTILINE)


@dataclass
class Stage:
    """A product, a shop, and a wire to the product for each side."""

    product: Product
    visitors_wire: Wire
    agents_wire: Wire
    visitor: Visitor
    agent: Agent


@pytest.fixture
def stage(new_product: Callable[[], Product], new_context: Callable[..., Any]) -> Iterator[Stage]:
    """Everything set up by the operators' commands, and both people there: the agent logged in, the widget open."""
    product = new_product().start()
    domains = ["--domain", "localhost", "--domain", "127.0.0.1"]
    workspace = product.manage_json("create_workspace", "Acme", *domains, "--department", "support")
    agent = product.manage_json("create_agent", "acme", "an@example.com", "--name", "An", "--department", "support")
    wires = Wire(product.port), Wire(product.port)
    site = Site(wires[0].url, json.dumps({"apiKey": workspace["publishableKey"], "baseUrl": wires[0].url}))
    inbox = new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
    log_in(inbox, wires[1].url, agent)
    shop = new_context(viewport={"width": 1200, "height": 800}, locale="en-US").new_page()
    shop.goto(site.url)
    stage = Stage(product, wires[0], wires[1], Visitor(shop), Agent(inbox))
    stage.visitor.open()
    yield stage
    if folder := os.environ.get("PARLEY_SCREENSHOTS"):
        shop.screenshot(path=f"{folder}/visitor.png")
        inbox.screenshot(path=f"{folder}/agent.png")
    site.close()
    for wire in wires:
        wire.close()
    product.kill()  # the next story needs the processor


def log_in(page: Any, url: str, agent: dict[str, Any]) -> None:
    page.goto(f"{url}/inbox/")
    page.fill("input[name=login]", agent["email"])
    page.fill("input[name=password]", agent["password"])
    page.click("button[type=submit], form button.primary")
    page.wait_for_url("**/inbox/**")
    page.locator("body").wait_for()


def begin(stage: Stage) -> None:
    """The visitor writes; the agent sees it without a reload and opens the chat."""
    stage.visitor.say("v1")
    stage.visitor.sees("v1")
    row = stage.agent.page.locator("a.row:visible").first
    row.wait_for(timeout=WAIT)
    row.click()
    stage.agent.sees("v1")


def settle(stage: Stage, expected: set[str], timeout: float = 30) -> list[str]:
    """Wait until both sides show exactly these; return the one order. Each stands once."""
    deadline = time.monotonic() + timeout
    while True:
        visitor, agent = stage.visitor.texts(), stage.agent.texts()
        if set(visitor) == set(agent) == expected and visitor == agent:
            break
        assert time.monotonic() < deadline, f"visitor {visitor}\nagent   {agent}\nexpected {sorted(expected)}"
        time.sleep(0.25)
    assert len(visitor) == len(expected)
    return visitor


def until_true(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not look():
        assert time.monotonic() < deadline, "this did not come to be"
        time.sleep(0.1)


def writing(field: Any, sign: Any) -> None:
    """Type until the other side shows it: a first signal may be lost, the next follows while somebody writes on."""
    deadline = time.monotonic() + 30
    while not sign.count():
        assert time.monotonic() < deadline, "the other side never saw that somebody is writing"
        field.press_sequentially("so ", delay=100)


def of(side: str, order: list[str]) -> list[str]:
    return [text for text in order if text.startswith(side)]


def picture() -> dict[str, Any]:
    """A file as a person would choose it."""
    out = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": out.getvalue()}


def test_a_customer_and_an_agent_talk(stage):
    begin(stage)
    visitor, agent = stage.visitor, stage.agent
    # the agent has a face
    agent.page.locator("#picture").set_input_files(picture())
    agent.page.locator("#me img.face").wait_for(timeout=WAIT)
    agent.page.locator("#body").wait_for(timeout=WAIT)
    # both see the other writing
    writing(visitor.frame.locator("#field"), agent.page.locator("#typing:visible"))
    visitor.say("v2")
    agent.sees("v2")
    writing(agent.page.locator("#body"), visitor.frame.locator("#typing:not(:empty)"))
    agent.say("a1")
    visitor.sees("a1")
    # the visitor sees whom they talk with
    visitor.page.reload()
    visitor.open()
    visitor.frame.locator("#face img.face").wait_for(timeout=WAIT)
    face = visitor.frame.locator("#list .theirs img.face").last
    face.wait_for(timeout=WAIT)
    until_true(lambda: face.evaluate("(image) => image.naturalWidth") == 192)
    # both see that the other has read
    agent.timeline.locator("[data-mark=read], .mark.read, [data-state=read]").first.wait_for(timeout=WAIT)
    visitor.frame.locator("#list [data-state=read], #list .read").first.wait_for(timeout=WAIT)
    assert settle(stage, {"v1", "v2", "a1"}) == ["v1", "v2", "a1"]
    # the agent closes, the visitor rates, the agent sees the rating
    agent.page.locator("details[data-menu=close] summary").click()
    agent.page.locator("details[data-menu=close] button.primary").click()
    visitor.frame.locator("[name=rating]").first.wait_for(state="attached", timeout=WAIT)
    visitor.frame.locator("label:has([name=rating][value='5']), [name=rating][value='5']").first.click()
    visitor.frame.locator("#list textarea, .rating textarea").first.fill("Quick and kind")
    visitor.frame.locator(".rating button.primary, form.rating button, .rating button").last.click()
    agent.timeline.get_by_text("Quick and kind").first.wait_for(timeout=WAIT)
    # after the end, writing goes on in the same conversation
    visitor.say("v3")
    visitor.sees("v3")
    agent.page.get_by_text("v3", exact=True).first.wait_for(timeout=WAIT)
    # and everything is still there after a reload
    visitor.page.reload()
    visitor.open()
    visitor.sees("v3")


def test_the_server_is_killed_in_the_middle(stage):
    begin(stage)
    stage.agent.say("a1")
    stage.visitor.sees("a1")
    stage.product.kill()
    stage.visitor.say("v2")
    stage.visitor.say("v3")
    stage.agent.say("a2")
    stage.product.start()
    order = settle(stage, {"v1", "v2", "v3", "a1", "a2"}, timeout=60)
    assert of("v", order) == ["v1", "v2", "v3"]
    assert of("a", order) == ["a1", "a2"]
    stage.visitor.say("v4")
    stage.agent.sees("v4")
    stage.agent.say("a3")
    stage.visitor.sees("a3")


@pytest.mark.parametrize("side", ["visitor", "agent"])
@pytest.mark.parametrize("how", ["cut", "stall"])
def test_one_side_loses_its_network_for_a_while(stage, side, how):
    begin(stage)
    wire = stage.visitors_wire if side == "visitor" else stage.agents_wire
    stage.agent.say("a1")
    stage.visitor.sees("a1")
    getattr(wire, how)()
    stage.visitor.say("v2")
    stage.agent.say("a2")
    time.sleep(2)
    stage.visitor.say("v3")
    stage.agent.say("a3")
    time.sleep(1)
    wire.mend()
    order = settle(stage, {"v1", "v2", "v3", "a1", "a2", "a3"}, timeout=60)
    assert of("v", order) == ["v1", "v2", "v3"]
    assert of("a", order) == ["a1", "a2", "a3"]
