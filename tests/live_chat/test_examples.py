"""The contract's own examples, replayed in the document's order against the running product."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

EXAMPLES = Path(__file__).parent / "examples"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
# What depends on time, on chance or on the machine, by its name; the id of an example stands for the id of ours.
VARYING = {
    "queuePosition", "estimatedWaitTime", "websocketUrl", "avatar", "messageCount", "currentChats", "isOnline",
    "email", "deliveredAt", "readAt", "satisfaction", "leadScore", "source", "message", "customFields",
}  # fmt: skip


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def demand_like(documented: Any, actual: Any, where: str = "") -> None:
    """Fail unless the answer has every documented name, with values of the same type or the same values."""
    name = where.rpartition(".")[2]
    if isinstance(documented, dict):
        assert isinstance(actual, dict), where
        missing = set(documented) - set(actual)
        assert not missing or name == "customFields", f"{where}: {missing}"
        for key, value in documented.items():
            if key in actual:
                demand_like(value, actual[key], f"{where}.{key}")
    elif isinstance(documented, list):
        assert isinstance(actual, list), where
        if documented and isinstance(documented[0], dict):
            assert actual, where
            for item in actual:
                demand_like(documented[0] if len(documented) == 1 else item, item, f"{where}.0")
    elif isinstance(documented, str) and TIME.match(documented):
        assert actual is None if name in VARYING and actual is None else TIME.match(actual), f"{where}: {actual}"
    elif isinstance(documented, str) and (id_ := re.match(r"([a-z]+_)\d+\Z", documented)):
        assert re.match(id_.group(1) + r"[0-9a-f]{32}\Z", actual), f"{where}: {actual}"
    elif name in VARYING:
        assert actual is None or documented is None or type(actual) is type(documented), f"{where}: {actual!r}"
    else:
        assert actual == documented, f"{where}: {actual!r} is not {documented!r}"


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
    return {"keys": keys, "ids": ids, "url": f"{product.url}/v1"}


# What an admin of the document's company has chosen for the widget, and named the departments.
_LOOKS = """
from widget.models import Widget
from agents.models import Department
Widget.objects.update(primary_color='#007bff', border_radius=8, proactive_message='Cần hỗ trợ gì không?',
    proactive_delay=30, offline_message='Chúng tôi hiện offline. Vui lòng để lại tin nhắn!')
Department.objects.filter(slug='sales').update(name='Bán hàng')
"""


class Client:
    """Speaks as the document shows, with its ids put for ours."""

    def __init__(self, company: dict[str, Any]) -> None:
        self.company = company
        self.ids: dict[str, str] = dict(company["ids"])

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> dict[str, Any]:
        text = json.dumps(body, ensure_ascii=False) if body is not None else ""
        for documented, ours in self.ids.items():
            path, text = path.replace(documented, ours), text.replace(documented, ours)
        answer = httpx2.request(
            method,
            self.company["url"] + path,
            content=text.encode(),
            headers={
                "Authorization": f"Bearer {self.company['keys']['secretKey']}",
                "Content-Type": "application/json",
            },
            timeout=20,
        )
        assert answer.status_code == expect, answer.text
        return answer.json()


def test_the_documents_examples_in_the_documents_order(nextflow):
    client = Client(nextflow)

    started = client.call("POST", "/chat/sessions", example("2.1-start-session.request"), 201)
    demand_like(example("2.1-start-session.response"), started)
    assert started["data"]["status"] == "waiting"
    client.ids["session_123456789"] = started["data"]["sessionId"]

    future = {**example("4.2-agent-status.request"), "availableUntil": "2099-10-27T11:30:00Z"}
    demand_like(future, client.call("PUT", "/chat/agents/agent_123456789/status", future)["data"])
    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "away"})
    client.call("PUT", "/chat/agents/agent_234567890/status", {"status": "away"})

    client.call("POST", "/chat/sessions/session_123456789/assign", example("2.3-assign.request"))
    client.call("POST", "/chat/sessions/session_123456789/typing", example("3.5-typing.request"))
    sent = client.call("POST", "/chat/sessions/session_123456789/messages", example("3.1-send-message.request"), 201)
    demand_like(example("3.1-send-message.response"), sent)
    attached = {name: sent["data"]["attachments"][0][name] for name in ("type", "url", "name", "size")}
    assert attached == example("3.1-send-message.request")["attachments"][0]

    shown = client.call("GET", "/chat/sessions/session_123456789")
    documented = example("2.2-session.response")
    documented["data"]["tags"] = []  # tags come by other calls than this contract's
    demand_like(documented, shown)
    assert shown["data"]["customFields"] == {"company": "ABC Corp", "interest": "Enterprise plan"}

    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "available"})
    client.call("PUT", "/chat/agents/agent_234567890/status", {"status": "offline"})
    online = client.call("GET", "/chat/agents/online")
    documented = example("4.1-agents-online.response")
    demand_like(documented, online)
    assert online["data"][0]["currentChats"] == 1

    page = client.call(
        "GET", f"/chat/sessions/session_123456789/messages?page=1&perPage=1&after={shown['data']['startedAt']}"
    )
    assert len(page["data"]) == 1
    message = sent["data"]["id"]
    assert client.call("PUT", f"/chat/sessions/session_123456789/messages/{message}/read")["data"]["id"] == message

    client.call("PUT", "/chat/agents/agent_234567890/status", {"status": "away"})
    moved = client.call("POST", "/chat/sessions/session_123456789/transfer", example("2.4-transfer.request"))
    assert moved["data"]["assignedAgent"]["name"] == "Lê Văn C"
    ended = client.call("POST", "/chat/sessions/session_123456789/end", example("2.5-end.request"))
    assert ended["data"]["status"] == "ended"
    assert ended["data"]["satisfaction"] == example("2.5-end.request")["satisfaction"]


def test_the_widgets_configuration_as_documented(nextflow):
    client = Client(nextflow)
    client.call("PUT", "/chat/agents/agent_123456789/status", {"status": "available"})
    actual = client.call("GET", "/chat/widget/config?domain=nextflow-crm.com&page=https://nextflow-crm.com/pricing")
    documented = example("5.1-widget-config.response")
    colour = actual["data"]["appearance"]["textColor"]
    assert re.match(r"#[0-9a-f]{6}\Z", colour), "computed for contrast, never assumed"
    documented["data"]["appearance"]["textColor"] = colour
    # The document's company closes at night; a workspace of ours is open as long as it has no other hours.
    hours = actual["data"]["businessHours"]
    assert set(hours["schedule"]) == set(documented["data"]["businessHours"]["schedule"])
    assert all(re.match(r"\d\d:\d\d\Z", day["start"] + "") for day in hours["schedule"].values())
    documented["data"]["businessHours"]["schedule"] = hours["schedule"]
    documented["data"]["departments"] = actual["data"]["departments"][:1]
    assert {"id": "sales", "name": "Bán hàng", "available": True} in actual["data"]["departments"]
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
    answer = Client(nextflow).call(method, path, body, status)
    assert (answer["success"], answer["code"]) == (False, code)
    assert answer["message"]
    assert isinstance(answer["errors"], list)
