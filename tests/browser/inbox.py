"""An agent's browser in front of the inbox, and a visitor who writes over REST."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.product import Product

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
TRIGGER = """
from agents.ids import encode
from widget.models import Trigger
from agents.models import Workspace
workspace = Workspace.objects.get(slug={0!r})
made = Trigger.objects.filter(workspace=workspace, name={1!r}).first()
made = made or Trigger.objects.create(workspace=workspace, name={1!r}, message="Help?", condition="page_load")
print(encode("trigger", made.uid))
"""


@dataclass
class Visitor:
    """Somebody on the site, by the live-chat contract."""

    product: Product
    token: str
    session: str

    @classmethod
    def begin(cls, product: Product, key: str, name: str, says: str, **more: str) -> "Visitor":
        """Start a session with a first message, and with ``more`` of the contract's fields."""
        start = {
            "visitor": {"name": name, "email": f"{name.lower()}@example.com"},
            "source": {"url": "https://shop.example/tents", "title": "Tents"},
            "initialMessage": says,
            "startKey": uuid.uuid4().hex,
            **more,
        }
        data = call(product, "POST", "sessions", key, start)
        return cls(product, data["token"], data["sessionId"])

    def say(self, text: str) -> dict[str, Any]:
        """Write a message."""
        return call(
            self.product, "POST", f"sessions/{self.session}/messages", self.token, {"type": "text", "content": text}
        )

    def hears(self) -> list[str]:
        """Return what the visitor sees in the timeline."""
        found = call(self.product, "GET", f"sessions/{self.session}/messages?perPage=100", self.token)
        return [message["content"] for message in found]

    def waits_for(self, text: str) -> None:
        """Wait until the visitor can read this."""
        until(lambda: text in self.hears())

    def types(self) -> None:
        """Let the team know that the visitor writes."""
        call(self.product, "POST", f"sessions/{self.session}/typing", self.token, {"isTyping": True})

    def rates(self, rating: int, feedback: str) -> None:
        """End the chat with a rating."""
        call(
            self.product,
            "POST",
            f"sessions/{self.session}/end",
            self.token,
            {"satisfaction": {"rating": rating, "feedback": feedback}},
        )


def call(product: Product, method: str, path: str, token: str, body: object = None) -> Any:
    """Call the live-chat contract; return the answer's data."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Origin": "http://localhost"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{product.url}/v1/chat/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.loads(answer.read())["data"]


def until(holds: Any, seconds: float = 15) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def sign_in(page: Any, product: Product, agent: dict[str, Any]) -> Any:
    """Open the inbox through the login page, and wait until it is live."""
    page.goto(f"{product.url}/inbox/")
    page.fill("input[name=login]", agent["email"])
    page.fill("input[name=password]", agent["password"])
    page.keyboard.press("Enter")
    return wait_live(page)


def wait_live(page: Any) -> Any:
    """Wait until the scripts run and the line is open."""
    page.locator("html[data-ready]").wait_for(state="attached")
    page.locator("html[data-line=open]").wait_for(state="attached")
    return page


class Office:
    """A workspace of the product with two agents; the first one's inbox is open."""

    def __init__(self, product: Product, new_context: Callable[..., Any]) -> None:
        self.product = product
        self.new_context = new_context
        self.count = 0
        name = f"Acme {Office.made}"
        Office.made += 1
        self.workspace = product.manage_json(
            "create_workspace", name, "--domain", "localhost", "--department", "support"
        )
        self.an = self.hire("An", "owner")

    made = 0

    def hire(self, name: str, role: str = "operator") -> dict[str, Any]:
        """Add an agent."""
        address = f"{name.lower()}{Office.made}@example.com"
        slug = self.workspace["slug"]
        return self.product.manage_json(
            "create_agent", slug, address, "--name", name, "--role", role, "--department", "support"
        )

    def open(self, agent: dict[str, Any] | None = None, **options: Any) -> Any:
        """Open the inbox in a browser of its own."""
        context = self.new_context(**{"viewport": DESKTOP, "locale": "en-US", **options})
        return sign_in(context.new_page(), self.product, agent or self.an)

    def visitor(self, name: str = "Vera", says: str = "Hello there", trigger: str = "") -> Visitor:
        """Let a visitor begin a chat, answering the message of ``trigger`` if one is named."""
        answered = {"triggerId": self.trigger(trigger)} if trigger else {}
        return Visitor.begin(self.product, self.workspace["publishableKey"], name, says, **answered)

    def trigger(self, name: str) -> str:
        """Return the id of the trigger of this name; made if there is none."""
        return self.product.manage(
            "shell", "-v", "0", "-c", TRIGGER.format(self.workspace["slug"], name)
        ).stdout.strip()


def open_first(page: Any) -> None:
    page.locator("a.row").first.click()
    page.locator("#composer").wait_for()


def bubbles(page: Any, text: str) -> Any:
    return page.locator("#entries .entry").filter(has_text=text)
