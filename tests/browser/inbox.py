"""An agent's browser in front of the inbox, and a visitor who writes over REST."""

import json
import time
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from tests.product import Product


@dataclass
class Visitor:
    """Somebody on the site, by the live-chat contract."""

    product: Product
    token: str
    session: str

    @classmethod
    def begin(cls, product: Product, key: str, name: str, says: str) -> "Visitor":
        """Start a session with a first message."""
        start = {
            "visitor": {"name": name, "email": f"{name.lower()}@example.com"},
            "source": {"url": "https://shop.example/tents", "title": "Tents"},
            "initialMessage": says,
            "startKey": uuid.uuid4().hex,
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
