"""One webhook's bad day, against the running product: its receiver errs, hangs and is gone, the server is killed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.product import Product, free_port

from .receiver import Answer, Receiver, wait_until

MANY = 40


@pytest.fixture
def own_product(new_product: Callable[[], Product]) -> Iterator[Product]:
    """A product that may be killed."""
    product = new_product()
    product.env["PARLEY_WEBHOOK_TIMEOUT_SECONDS"] = "3"
    product.start()
    yield product
    product.kill()


class Story:
    """A workspace with one chat, whose messages are the events, and what its log says of a webhook."""

    def __init__(self, product: Product) -> None:
        keys = product.manage_json("create_workspace", "Acme")
        head = {"Authorization": f"Bearer {keys['secretKey']}"}
        self.http = httpx2.Client(base_url=product.url, headers=head, timeout=20)
        start = {"visitorId": "v1", "visitor": {"name": "Ali"}, "initialMessage": "Salom"}
        session = self.post("/v1/chat/sessions", start)["data"]["sessionId"]
        self.chat = f"chat_{session.removeprefix('session_')}"
        self.sent: list[str] = []

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.http.post(path, json=body or {})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def hook(self, url: str) -> dict[str, Any]:
        return self.post("/v1/webhooks", {"url": url, "events": ["message.sent"]})

    def say(self, count: int) -> list[str]:
        """Send so many messages and return their ids."""
        made = [self.post(f"/v1/chats/{self.chat}/messages", {"text": f"{n}"})["id"] for n in range(count)]
        self.sent += made
        return made

    def log(self, hook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        return self.http.get(f"/v1/webhooks/{hook['id']}/deliveries", params={"limit": "100", **query}).json()["data"]


def messages(receiver: Receiver, secret: str) -> list[str]:
    """The ids of the messages that came, each request verified by the independent library."""
    return [request.verified(secret)["data"]["message"]["id"] for request in receiver.received]


def test_a_receiver_that_errs_hangs_and_is_gone_misses_nothing_though_the_server_is_killed(own_product):
    story, port = Story(own_product), free_port()
    began = datetime.now(UTC).isoformat()
    mood, woken = ["fail"], threading.Event()

    def answers(request, before):
        if mood[0] == "hang":
            woken.wait(60)
        return Answer(500 if mood[0] == "fail" else 204)

    ill, well = Receiver(answers, port), Receiver()
    tried: list[Any] = []
    try:
        bad, good = story.hook(ill.url), story.hook(well.url)

        story.say(MANY // 4)
        wait_until(lambda: len(ill.received) > 2)
        wait_until(lambda: len(well.received) == len(story.sent))

        mood[0] = "hang"
        before = len(ill.received)
        story.say(MANY // 4)
        wait_until(lambda: len(ill.received) > before)
        wait_until(lambda: len(well.received) == len(story.sent))

        own_product.kill()  # in the middle of an attempt
        tried += ill.received
        ill.close()
        woken.set()
        own_product.start()
        story.say(MANY // 4)
        wait_until(lambda: len(set(messages(well, good["secret"]))) == len(story.sent))
        wait_until(lambda: any(row["last_error"] for row in story.log(bad)))

        ill = Receiver(port=port)
        story.say(MANY - len(story.sent))
        wait_until(lambda: len(set(ill.ids)) == MANY, 120)
        wait_until(lambda: len(story.log(bad, status="delivered")) == MANY)

        assert set(messages(ill, bad["secret"])) == set(messages(well, good["secret"])) == set(story.sent)
        assert {r.id for r in tried} <= set(ill.ids), "what was tried comes again with the id that it had"
        once = {r.id: r.body for r in tried}
        assert all(r.body == once.get(r.id, r.body) for r in ill.received), "and word for word"

        one = ill.ids[0]
        ill.received.clear()
        story.post(f"/v1/webhooks/{bad['id']}/deliveries/{one}/replay")
        wait_until(lambda: ill.ids == [one])
        assert story.post(f"/v1/webhooks/{bad['id']}/replay", {"from": began})["replayed"] == MANY
        wait_until(lambda: len(set(ill.ids)) == MANY)
        assert set(messages(ill, bad["secret"])) == set(story.sent)
        assert json.loads(ill.received[0].body)["type"] == "message.sent"
    finally:
        ill.close()
        well.close()
