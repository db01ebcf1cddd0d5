"""Two companies, three visitors, their agents and keys, on the running product: each finds only what is theirs."""

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import pytest
import websockets

from tests.product import Product

SITE = "https://shop.example.com"


@dataclass
class Person:
    """Somebody with a token; ``sees`` are the names of the sessions that are theirs to see."""

    token: str
    sees: set[str] = field(default_factory=set)


@dataclass
class Town:
    """Two companies: Acme with Vera and Victor, Beyond with Stan."""

    product: Product
    sessions: dict[str, str]
    messages: dict[str, str]
    people: dict[str, Person]

    def call(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Return status and answer of one call of the contract."""
        request = urllib.request.Request(
            self.product.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def town(product: Product) -> Town:
    people: dict[str, Person] = {}
    sessions: dict[str, str] = {}
    town = Town(product, sessions, {}, people)
    for company, visitors in (("Acme", ["vera", "victor"]), ("Beyond", ["stan"])):
        made = product.manage_json("create_workspace", company, "--domain", "shop.example.com")
        slug = company.lower()
        agent = product.manage_json("create_agent", slug, f"an@{slug}.example", "--role", "owner")
        people[f"{slug} server"] = Person(made["secretKey"], set(visitors))
        people[f"{slug} agent"] = Person(agent["token"], set(visitors))
        people[f"{slug} page"] = Person(made["publishableKey"])
        for name in visitors:
            body = {"visitor": {"name": name}, "initialMessage": f"I am {name}"}
            _, answer = town.call("POST", "/v1/chat/sessions", made["publishableKey"], body)
            people[name] = Person(answer["data"]["token"], {name})
            sessions[name] = answer["data"]["sessionId"]
            _, history = town.call("GET", f"/v1/chat/sessions/{sessions[name]}/messages", made["secretKey"])
            town.messages[name] = history["data"][0]["id"]
    return town


PEOPLE = ["vera", "victor", "stan"] + [f"{c} {w}" for c in ("acme", "beyond") for w in ("server", "agent", "page")]
CALLS = [
    ("GET", "", None),
    ("GET", "/messages", None),
    ("POST", "/messages", {"type": "text", "content": "Let me in"}),
    ("PUT", "/messages/{message}/read", {}),
    ("POST", "/typing", {"isTyping": True}),
    ("POST", "/assign", {"agentId": "agent_" + "0" * 32}),
    ("POST", "/transfer", {"targetDepartment": "sales"}),
    ("POST", "/end", {"reason": "mine now", "satisfaction": {"rating": 1}}),
]


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_is_not_of_the_session_can_neither_see_nor_change_it(town, who):
    person = town.people[who]
    for name, session in town.sessions.items():
        if name in person.sees:
            assert town.call("GET", f"/v1/chat/sessions/{session}", person.token)[0] == 200
            continue
        before = everything(town, name)
        for method, path, body in CALLS:
            address = f"/v1/chat/sessions/{session}{path.format(message=town.messages[name])}"
            status, answer = town.call(method, address, person.token, body)
            assert status in (403, 404), (name, method, path, answer)
            assert answer["success"] is False
            assert name not in json.dumps(answer)
        assert everything(town, name) == before


@pytest.mark.parametrize("who", PEOPLE)
async def test_no_socket_opens_on_somebody_elses_session(town, who):
    person = town.people[who]
    for name, session in town.sessions.items():
        async with websockets.connect(f"{town.product.ws_url}/v1/chat/{session}?token={person.token}") as socket:
            if name in person.sees:
                assert json.loads(await asyncio.wait_for(socket.recv(), 10))["type"] == "heartbeat"
                continue
            refusal = json.loads(await asyncio.wait_for(socket.recv(), 10))
            assert (refusal["type"], refusal["data"]["code"]) == ("error", 5002)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 10)
            assert closed.value.rcvd.code in (4401, 4403, 4404)


async def test_what_one_says_only_their_own_company_hears(town):
    async def listen(who: str, session: str) -> list[str]:
        heard = []
        url = f"{town.product.ws_url}/v1/chat/{town.sessions[session]}?token={town.people[who].token}"
        async with websockets.connect(url) as socket:
            await asyncio.wait_for(socket.recv(), 10)
            ready.release()
            try:
                async with asyncio.timeout(3):
                    while True:
                        heard.append(await socket.recv())
            except TimeoutError:
                return [text for text in heard if "A word of Vera" in text]

    ready = asyncio.Semaphore(0)
    places = [
        ("vera", "vera"),
        ("acme agent", "vera"),
        ("victor", "victor"),
        ("stan", "stan"),
        ("beyond agent", "stan"),
    ]
    listeners = [asyncio.create_task(listen(*place)) for place in places]
    for _ in places:
        await ready.acquire()
    path = f"/v1/chat/sessions/{town.sessions['vera']}/messages"
    said = {"type": "text", "content": "A word of Vera's"}
    assert (await asyncio.to_thread(town.call, "POST", path, town.people["vera"].token, said))[0] == 201
    vera, acme, *others = await asyncio.gather(*listeners)
    assert vera
    assert acme
    assert others == [[], [], []]


def everything(town: Town, name: str) -> Any:
    """Return what the session's own company sees of it."""
    company = "beyond" if name == "stan" else "acme"
    token, path = town.people[f"{company} server"].token, f"/v1/chat/sessions/{town.sessions[name]}"
    session = town.call("GET", path, token)[1]["data"]
    session["visitor"].pop("isOnline")
    session["visitor"].pop("lastSeen")
    return session, town.call("GET", f"{path}/messages", token)[1]["data"]
