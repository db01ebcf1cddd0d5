"""The document's example, against the running product: a chat is had over the live-chat contract, then exported."""

from __future__ import annotations

import re
from typing import Any

import httpx2

from tests.examples import Document

LOCAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
CLOCK = re.compile(r"\d\d:\d\d:\d\d\Z")
# Empty in the document: a value or null alike.
OPTIONAL = {"landing_page", "referrer", "facebook_page_id", "service_id"}


def test_a_chat_that_was_had_is_exported_as_the_document_shows(product: Any) -> None:
    keys = product.manage_json(
        "create_workspace", "CareSoft", "--timezone", "Asia/Ho_Chi_Minh", "--department", "agent"
    )  # fmt: skip
    agent = product.manage_json(
        "create_agent", keys["slug"], "dungntt1110@gmail.com", "--name", "dungntt", "--department", "agent"
    )  # fmt: skip
    server = httpx2.Client(base_url=product.url, headers={"Authorization": f"Bearer {keys['secretKey']}"}, timeout=20)
    session = server.post(
        "/v1/chat/sessions",
        json={"visitorId": "cstest", "visitor": {"name": "cstest"}, "department": "agent", "initialMessage": "Hi"},
    ).json()["data"]["sessionId"]
    server.put(f"/v1/chat/agents/{agent['agentId']}/status", json={"status": "available"}).raise_for_status()
    reply = {"content": "Hello", "senderId": agent["agentId"]}
    server.post(f"/v1/chat/sessions/{session}/messages", json=reply).raise_for_status()
    assert server.get("/api/v1/chats").json() == {"code": "OK", "numFound": 0, "chats": []}
    server.post(f"/v1/chat/sessions/{session}/end", json={}).raise_for_status()

    documented = Document("history")["chats.response"]
    answer = server.get("/api/v1/chats?page=1&count=500&chat_status=1").json()
    assert (answer["code"], answer["numFound"], len(answer["chats"])) == (documented["code"], 1, 1)
    (shown,), (row,) = documented["chats"], answer["chats"]
    assert set(row) == set(shown)
    for name, value in shown.items():
        if name not in OPTIONAL:
            assert type(row[name]) is type(value), name
    for pattern in (LOCAL, CLOCK):
        names = [name for name, value in shown.items() if isinstance(value, str) and pattern.match(value)]
        assert names and all(pattern.match(row[name]) for name in names)
    for name in ("cus_email", "cus_name", "cus_phone", "agent_email", "agent_name", "chat_status", "is_trigger"):
        assert row[name] == shown[name], name
