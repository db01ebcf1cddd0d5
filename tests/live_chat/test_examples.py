"""The contract's own examples, replayed in the document's order against the running product."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from websockets.sync.client import connect

from tests import examples
from tests.examples import Document, Replay

DOCUMENT = Document("live_chat")
# What depends on time, on chance or on the machine, by its name; the id of an example stands for the id of ours.
VARYING = {"estimatedWaitTime", "websocketUrl", "avatar", "deliveredAt", "readAt"}


def demand_like(documented: Any, actual: Any) -> None:
    examples.demand_like(documented, actual, VARYING)


@pytest.fixture(scope="module")
def nextflow(product) -> dict[str, Any]:
    """The document's company: its departments, its agent, a technical agent and its widget."""
    keys = product.manage_json(
        "create_workspace", "NextFlow", "--language", "vi", "--timezone", "Asia/Ho_Chi_Minh",
        "--domain", "nextflow-crm.com", "--department", "sales", "--department", "technical_support",
    )  # fmt: skip
    people = {
        "agent_123456789": ("agent1@nextflow-crm.com", "Trần Thị B", "sales"),
        "agent_234567890": ("agent2@nextflow-crm.com", "Lê Văn C", "technical_support"),
    }
    ids = {}
    for documented, (email, name, department) in people.items():
        made = product.manage_json(
            "create_agent", keys["slug"], email, "--name", name, "--department", department,
            "--skill", "sales", "--skill", "enterprise", "--skill", "pricing",
        )  # fmt: skip
        ids[documented] = made["agentId"]
    product.manage("shell", "-v0", "-c", _LOOKS)
    return {"product": product, "keys": keys, "ids": ids, "url": f"{product.url}/v1"}


# What an admin of the document's company has chosen for the widget, and named the departments.
_LOOKS = """
from widget.models import Widget
from agents.models import Department
Widget.objects.update(primary_color='#007bff', border_radius=8, proactive_message='Cần hỗ trợ gì không?',
    proactive_delay=30, offline_message='Chúng tôi hiện offline. Vui lòng để lại tin nhắn!')
Department.objects.filter(slug='sales').update(name='Bán hàng')
"""


def client_of(company: dict[str, Any]) -> Replay:
    return Replay(company["url"], company["keys"]["secretKey"], company["ids"])


def make_the_documents_day(company: dict[str, Any], client: Replay) -> None:
    """Bring about what the examples tell of: another visitor who waits, everybody away, an agent with a face."""
    for agent in company["ids"]:
        client.call("PUT", f"/chat/agents/{agent}/status", {"status": "away"})
    client.call("POST", "/chat/sessions", {"visitor": {"name": "First"}, "department": "sales"}, 201)
    company["product"].manage("shell", "-v0", "-c", _FACE)


_FACE = """
from agents.models import Agent
from agents.services import pictures
for agent in Agent.objects.all():
    pictures.put(agent, b'a picture')
"""


def test_the_documents_examples_in_the_documents_order(nextflow):
    client = client_of(nextflow)
    make_the_documents_day(nextflow, client)

    started = client.call("POST", "/chat/sessions", DOCUMENT["2.1-start-session.request"], 201)
    demand_like(DOCUMENT["2.1-start-session.response"], started)
    client.ids["session_123456789"] = started["data"]["sessionId"]
    session = "/chat/sessions/session_123456789"

    future = {**DOCUMENT["4.2-agent-status.request"], "availableUntil": "2099-10-27T11:30:00Z"}
    demand_like(future, client.call("PUT", "/chat/agents/agent_123456789/status", future)["data"])
    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "away"})

    client.call("POST", f"{session}/assign", DOCUMENT["2.3-assign.request"])
    client.call("POST", f"{session}/typing", DOCUMENT["3.5-typing.request"])
    sent = client.call("POST", f"{session}/messages", DOCUMENT["3.1-send-message.request"], 201)
    demand_like(DOCUMENT["3.1-send-message.response"], sent)
    attached = {name: sent["data"]["attachments"][0][name] for name in ("type", "url", "name", "size")}
    assert attached == DOCUMENT["3.1-send-message.request"]["attachments"][0]

    documented = DOCUMENT["2.2-session.response"]
    told = client.call("GET", session)["data"]["messageCount"]
    for _more in range(told, documented["data"]["messageCount"]):
        client.call("POST", f"{session}/messages", {"type": "text", "content": "And so on"}, 201)
    tags = {"tags": documented["data"]["tags"]}  # by the other contract: this one only shows them
    client.call("PATCH", f"/chats/{started['data']['sessionId'].replace('session', 'chat')}", tags)
    # The example's fields are not those that its visitor was started with.
    documented["data"]["customFields"] = DOCUMENT["2.1-start-session.request"]["visitor"]["customFields"]
    socket = f"{started['data']['websocketUrl']}?token={started['data']['token']}"
    with connect(socket) as line:
        said = {"type": "message.send", "data": {"content": "Hello!", "type": "text"}}
        client.call("GET", session)
        shown = client.call("GET", session)
        demand_like(documented, shown)
        line.send(json.dumps(said))
        while (frame := json.loads(line.recv(10)))["type"] != "message.new":
            pass
        assert (frame["data"]["content"], frame["data"]["senderType"]) == ("Hello!", "visitor")

    waiting = client.call("POST", "/chat/sessions", {"visitor": {"name": "Second"}, "department": "sales"}, 201)
    second = f"/chat/sessions/{waiting['data']['sessionId']}"
    client.call("POST", f"{second}/assign", {"agentId": "agent_123456789"})
    client.call("PUT", "/chat/agents/agent_234567890/status", {"status": "offline"})
    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "available"})
    documented = DOCUMENT["4.1-agents-online.response"]
    # Who becomes available is given the first visitor, who waits still.
    documented["data"][0]["currentChats"] = 3
    demand_like(documented, client.call("GET", "/chat/agents/online"))

    page = client.call("GET", f"{session}/messages?page=1&perPage=1&after={shown['data']['startedAt']}")
    assert len(page["data"]) == 1
    message = sent["data"]["id"]
    assert client.call("PUT", f"{session}/messages/{message}/read")["data"]["id"] == message

    client.call("PUT", "/chat/agents/agent_234567890/status", {"status": "away"})
    moved = client.call("POST", f"{session}/transfer", DOCUMENT["2.4-transfer.request"])
    assert moved["data"]["assignedAgent"]["name"] == "Lê Văn C"
    ended = client.call("POST", f"{session}/end", DOCUMENT["2.5-end.request"])
    assert ended["data"]["status"] == "ended"
    assert ended["data"]["satisfaction"] == DOCUMENT["2.5-end.request"]["satisfaction"]

    overview = counted(client, 3)
    figures = {*DOCUMENT["6.1-overview.response"]["data"]["summary"], "chats", "avgWaitTime", "avgResponseTime"}
    documented = DOCUMENT["6.1-overview.response"]
    documented["data"] |= {"byChannel": {"website": 3}, "byDepartment": {"sales": 2, "technical_support": 1}}
    documented["data"]["trends"] = [{**documented["data"]["trends"][0], "date": overview["data"]["trends"][-1]["date"]}]
    overview["data"]["trends"] = overview["data"]["trends"][-1:]
    examples.demand_like(documented, overview, {*figures, "satisfaction"})
    assert overview["data"]["summary"]["totalChats"] == 3
    assert overview["data"]["summary"]["satisfactionScore"] == 5


def counted(client: Replay, chats: int) -> Any:
    """Return the overview once it knows all chats: a minute at the most, says the design."""
    deadline = time.monotonic() + 60
    while True:
        overview = client.call("GET", "/chat/analytics/overview")
        if overview["data"]["summary"]["totalChats"] == chats and overview["data"]["summary"]["satisfactionScore"]:
            return overview
        assert time.monotonic() < deadline, overview
        time.sleep(0.2)


def test_the_widgets_configuration_as_documented(nextflow):
    client = client_of(nextflow)
    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "available"})
    hours = DOCUMENT["5.1-widget-config.response"]["data"]["businessHours"]
    client.call("PUT", "/chat/widget/config", {"businessHours": hours})
    actual = client.call("GET", "/chat/widget/config?domain=nextflow-crm.com&page=https://nextflow-crm.com/pricing")
    documented = DOCUMENT["5.1-widget-config.response"]
    colour = actual["data"]["appearance"]["textColor"]
    assert re.match(r"#[0-9a-f]{6}\Z", colour), "computed for contrast, never assumed"
    documented["data"]["appearance"]["textColor"] = colour
    documented["data"]["departments"] = actual["data"]["departments"][:1]
    is_open = actual["data"]["businessHours"]["isOpen"]  # by the clock of this minute
    assert {"id": "sales", "name": "Bán hàng", "available": is_open} in actual["data"]["departments"]
    demand_like({**documented, "data": {**documented["data"], "departments": []}}, actual)
    demand_like(documented["data"]["behavior"]["proactiveMessage"], actual["data"]["behavior"]["proactiveMessage"])
    assert actual["data"]["behavior"]["proactiveMessage"]["message"] == "Cần hỗ trợ gì không?"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/chat/sessions/session_123456789", None, 404, 4001),
        ("PUT", "/chat/agents/agent_1/status", {"status": "busy"}, 404, 4002),
        ("POST", "/chat/sessions", [], 400, 4000),
        ("GET", "/chat/nothing", None, 404, 4040),
    ],
)
def test_the_error_envelope(nextflow, method, path, body, status, code):
    answer = client_of(nextflow).call(method, path, body, status)
    assert (answer["success"], answer["code"]) == (False, code)
    assert answer["message"]
    assert isinstance(answer["errors"], list)
