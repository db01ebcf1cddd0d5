"""The guide's examples, in its order, against the running product."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2

from tests.contracts import check
from tests.examples import Document

GUIDE = Document("partner")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
# What chance decides; of the rest, every value is as documented.
OURS = {"partnerId", "apiKey", "id", "conversationId", "agentId"}


class Client:
    """Speaks as the guide shows."""

    def __init__(self, url: str, key: str = "") -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = httpx2.request(method, self.url + path, json=body, headers=self.headers, timeout=20)
        sent = json.dumps(body).encode() if body else None
        check(method, path, answer.status_code, answer.content, sent)
        assert answer.status_code == expect, answer.text
        return answer.json()


def like(documented: Any, actual: Any) -> None:
    """Fail unless every documented name is there with a value of its type, and the same one where it can be."""
    for name, value in documented.items():
        assert name in actual, name
        if isinstance(value, str) and MOMENT.match(value):
            assert MOMENT.match(actual[name]), name
        elif name in OURS:
            assert type(actual[name]) is type(value) or name == "id", name
        else:
            assert actual[name] == value, name


def test_the_guide_from_its_first_page_to_its_last(product: Any) -> None:
    made = Client(product.url).call("POST", "/api/partner/register", GUIDE["register.request"], 201)
    like(GUIDE["register.response"], made)

    partner = Client(product.url, made["apiKey"])
    begun = partner.call("POST", "/api/partner/conversations", GUIDE["create-conversation.request"], 201)
    like(GUIDE["create-conversation.response"], begun)

    message = GUIDE["send-message.request"] | {"conversationId": begun["id"]}
    sent = partner.call("POST", "/api/partner/messages", message, 201)
    like(GUIDE["send-message.response"], sent)

    agent = product.manage_json("create_agent", made["workspace"], "an@yourdomain.com", "--name", "An")
    answer = {"conversationId": begun["id"], "content": "Hi there! How can I help you with your order?"}
    answer |= {"senderId": f"agent-{agent['id']}", "isFromAgent": True}
    partner.call("POST", "/api/partner/messages", answer, 201)

    shown = partner.call("GET", "/api/partner/conversations/customer-12345")
    like(GUIDE["conversations.response"][0], shown[0])
    assert shown[0]["agentId"] == agent["id"]

    first, second = partner.call("GET", f"/api/partner/messages/{begun['id']}")
    documented = GUIDE["messages.response"]
    like(documented[0], first)
    like(documented[1] | {"senderId": f"agent-{agent['id']}"}, second)

    changed = partner.call("PATCH", "/api/customers/customer-12345", GUIDE["change-customer.request"])
    like(GUIDE["change-customer.response"], changed)
    assert changed["id"] == "customer-12345"
