"""The document's own examples, replayed in the document's order against the running product."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.examples import Document, Replay, demand_like

DOCUMENT = Document("chatflow")
# What depends on time and on what happened before.
VARYING = {
    "unread_count", "total", "pages", "active_chats", "total_chats", "resolved_chats", "csat_score", "csat_responses",
    "avg_response_time_seconds", "avg_resolution_time_minutes", "first_contact_resolution_rate",
    "chats_change_percent", "response_time_change_percent", "from", "to", "status", "assigned_to", "secret",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(product) -> dict[str, Any]:
    """The document's company: Sara, a colleague, and Ali who writes."""
    keys = product.manage_json("create_workspace", "Company", "--language", "uz", "--domain", "company.uz")
    ids = {}
    for documented, (email, name) in {
        "agent_xyz789": ("sara@company.uz", "Sara"),
        "agent_new123": ("bek@company.uz", "Bek"),
    }.items():
        ids[documented] = product.manage_json("create_agent", keys["slug"], email, "--name", name)["agentId"]
    client = Replay(f"{product.url}/v1", keys["secretKey"], ids)
    for agent in ids.values():
        client.call("PUT", f"/chat/agents/{agent}/status", {"status": "away"})
    ali = {"name": "Ali", "email": "ali@example.com", "phone": "+998901234567"}
    started = client.call("POST", "/chat/sessions", {"visitor": ali, "initialMessage": "Salom"}, 201)
    client.ids["chat_abc123"] = started["data"]["sessionId"].replace("session_", "chat_")
    return {"client": client, "url": product.url}


@pytest.fixture
def client(company) -> Replay:
    return company["client"]


def test_chats(client):
    started = client.call("PATCH", "/chats/chat_abc123", {"status": "assigned", "assigned_to": "agent_xyz789"})
    assert started["status"] == "assigned"
    tagged = {"tags": ["vip", "premium"], "notes": DOCUMENT["read-chat.response"]["notes"]}
    client.call("PATCH", "/chats/chat_abc123", tagged)
    documented = DOCUMENT["read-chat.response"]
    shown = client.call("GET", "/chats/chat_abc123")
    demand_like({**documented, "tags": sorted(documented["tags"])}, shown, VARYING)
    assert shown["tags"] == sorted(documented["tags"])
    demand_like(DOCUMENT["list-chats.response"], client.call("GET", "/chats?status=assigned&page=1&limit=20"), VARYING)

    sent = client.call("POST", "/chats/chat_abc123/messages", DOCUMENT["send-message.request"], 201)
    demand_like(DOCUMENT["send-message.response"], sent)
    assert [a["url"] for a in sent["attachments"]] == [DOCUMENT["send-message.request"]["attachments"][0]["url"]]

    change = DOCUMENT["change-chat.request"]
    changed = client.call("PATCH", "/chats/chat_abc123", change)
    assert changed == client.call("GET", "/chats/chat_abc123")
    assert (changed["status"], changed["notes"]) == (change["status"], change["notes"])
    assert (changed["assigned_to"], changed["tags"]) == (client.ids["agent_new123"], sorted(change["tags"]))


def test_agents_and_their_figures(client):
    listed = client.call("GET", "/agents")
    sara = [row for row in listed["data"] if row["name"] == "Sara"]
    demand_like(DOCUMENT["list-agents.response"], {"data": sara}, VARYING)
    today = datetime.now(UTC).date()
    days = f"from={today - timedelta(days=10)}&to={today}"
    stats = client.call("GET", f"/agents/agent_xyz789/stats?{days}")
    demand_like(DOCUMENT["agent-stats.response"], stats, VARYING)
    assert stats["period"] == {"from": str(today - timedelta(days=10)), "to": str(today)}
    demand_like(DOCUMENT["analytics-overview.response"], client.call("GET", f"/analytics/overview?{days}"), VARYING)
    rows = client.call("GET", f"/analytics/agents?{days}&sort_by=csat_score")["data"]
    sara = [row for row in rows if row["name"] == "Sara"]
    demand_like(DOCUMENT["analytics-agents.response"], {"data": sara}, VARYING)


def test_webhooks(client):
    made = client.call("POST", "/webhooks", DOCUMENT["create-webhook.request"], 201)
    demand_like(DOCUMENT["create-webhook.response"], made, VARYING)
    assert "*" not in made["secret"], "shown once, whole"
    listed = client.call("GET", "/webhooks")
    documented = DOCUMENT["list-webhooks.response"]
    documented["data"][0]["events"] = DOCUMENT["create-webhook.request"]["events"]
    demand_like(documented, listed, VARYING)
    assert made["secret"] not in str(listed)
    client.call("DELETE", f"/webhooks/{made['id']}", expect=204)


def test_the_widget(client):
    documented = DOCUMENT["read-widget.response"]
    assert client.call("PATCH", "/widget/config", documented) == documented
    assert client.call("GET", "/widget/config") == documented
    changed = client.call("PATCH", "/widget/config", DOCUMENT["change-widget.request"])
    assert changed == {**documented, **DOCUMENT["change-widget.request"]}


def test_triggers(client):
    asked = DOCUMENT["create-trigger.request"]
    made = client.call("POST", "/automation/triggers", asked, 201)
    assert {name: made[name] for name in asked} == asked
    listed = client.call("GET", "/automation/triggers")
    demand_like({"data": [{**DOCUMENT["list-triggers.response"]["data"][0], **asked}]}, listed)


def test_the_error_object(company, client):
    wrong = Replay(client.base_url, "sk_wrong")
    error = wrong.call("GET", "/chats", expect=401)["error"]
    assert set(error) == {"code", "message", "message_en", "details", "request_id"}
    assert (error["code"], error["details"]) == ("AUTH-001", {})
    refused = client.call("GET", "/chats?limit=101", expect=400)["error"]
    assert (refused["message"], refused["message_en"]) == ("Soʻrov notoʻgʻri.", "The request is not valid.")
