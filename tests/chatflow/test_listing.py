"""GET /v1/chats."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.ids import encode
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, lifecycle
from config.demo.factories import VisitorFactory
from integrations.chatflow import listing

from .conftest import start_chat

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(world):
    """One waiting, one with Otto, one closed; the newest message first is the other way round."""
    world.workspace.agents.update(status="away")
    chats = [start_chat(VisitorFactory(workspace=world.workspace, name=f"V{i}")) for i in range(3)]
    assigning.assign(chats[1], world.operator, Actor.of_workspace(world.workspace))
    lifecycle.close(chats[2], Actor.of_workspace(world.workspace))
    start_chat(world.stranger)
    return [Chat.objects.get(pk=chat.pk) for chat in chats]


def ids(answer):
    return [row["id"] for row in answer.data]


def test_a_row_is_as_documented(world, server, three):
    answer = server.get("chats?status=assigned")
    assert answer.status == 200
    assert set(answer.body) == {"data", "pagination"}
    chat = three[1]
    assert answer.data == [
        {
            "id": encode("chat", chat.uid),
            "visitor_name": "V1",
            "visitor_email": chat.visitor.email,
            "status": "assigned",
            "assigned_to": encode("agent", world.operator.uid),
            "unread_count": 1,
            "last_message_at": chat.last_message_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "created_at": chat.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ]


def test_the_three_statuses_are_those_of_the_table(server, three):
    found = {status: ids(server.get(f"chats?status={status}")) for status in ("active", "assigned", "closed")}
    wanted = {s: [encode("chat", c.uid)] for s, c in zip(("active", "assigned", "closed"), three, strict=True)}
    assert found == wanted
    answer = server.get("chats?status=waiting")
    assert (answer.status, answer.code, list(answer.details)) == (400, "VAL-001", ["status"])


def test_pages_have_no_gap_and_exact_totals(server, three):
    pages = [server.get(f"chats?limit=2&page={n}") for n in (1, 2, 3)]
    assert [id_ for page in pages for id_ in ids(page)] == [encode("chat", c.uid) for c in reversed(three)]
    assert pages[0].body["pagination"] == {"page": 1, "limit": 2, "total": 3, "pages": 2}
    assert pages[2].data == []
    assert server.get("chats").body["pagination"] == {"page": 1, "limit": 20, "total": 3, "pages": 1}


def test_beyond_the_limit_of_counting_the_total_is_still_exact(server, three, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED_AT_ONCE", 1)
    assert server.get("chats").body["pagination"]["total"] == 3


@pytest.fixture
def seven(world, monkeypatch):
    """Seven chats in a list where two are many and six are the most that is counted; the latest message first."""
    monkeypatch.setattr(listing, "COUNTED_AT_ONCE", 2)
    monkeypatch.setattr(listing, "COUNTED_AT_MOST", 6)
    world.workspace.agents.update(status="away")
    chats = [start_chat(VisitorFactory(workspace=world.workspace)) for _ in range(7)]
    return [encode("chat", chat.uid) for chat in reversed(chats)]


def test_who_reads_page_after_page_gets_every_chat_once_though_others_come_in(world, server, seven):
    seen, page, pages = [], 1, 1
    while page <= pages:
        answer = server.get(f"chats?limit=2&page={page}")
        seen += ids(answer)
        page, pages = page + 1, answer.body["pagination"]["pages"]
        if len(seen) == 4:
            start_chat(VisitorFactory(workspace=world.workspace))
    assert seen == seven


def test_a_total_ends_at_the_most_that_is_counted_and_grows_as_one_reads_on(server, seven):
    totals = [server.get(f"chats?limit=3&page={n}").body["pagination"]["total"] for n in (1, 2, 3)]
    assert totals == [6, 7, 7]
    assert ids(server.get("chats?limit=3&page=3")) == seven[6:]


def test_a_page_of_nothing_before_it_is_found_by_skipping(server, seven):
    assert ids(server.get("chats?limit=2&page=3")) == seven[4:6]
    # Another size of page knows of no end there.
    assert ids(server.get("chats?limit=3&page=2")) == seven[3:6]
    beyond = server.get("chats?limit=100&page=50")
    assert (beyond.data, beyond.body["pagination"]["total"]) == ([], 6)


def test_a_known_total_is_not_counted_again(server, seven):
    server.get("chats")
    with CaptureQueriesContext(connection) as queries:
        server.get("chats")
    assert not [query for query in queries.captured_queries if "COUNT(" in query["sql"]]


def test_an_operators_place_is_not_that_of_who_sees_more(world, otto, server, seven):
    hidden = start_chat(VisitorFactory(workspace=world.workspace), department=world.sales)
    assert ids(server.get("chats?limit=3&page=1")) == [encode("chat", hidden.uid), *seven[:2]]
    assert ids(otto.get("chats?limit=3&page=1")) == seven[:3]
    assert ids(otto.get("chats?limit=3&page=2")) == seven[3:6]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=one", "limit=0", "limit=101", "limit=1.5", "page=9999999999", "agent_id=" + "x" * 101],
)
def test_a_page_that_cannot_be_is_refused_by_name(server, query):
    answer = server.get(f"chats?{query}")
    assert (answer.status, answer.code, list(answer.details)) == (400, "VAL-001", [query.partition("=")[0]])


def test_one_agents_chats(world, server, three):
    assert ids(server.get(f"chats?agent_id={encode('agent', world.operator.uid)}")) == [encode("chat", three[1].uid)]
    assert ids(server.get(f"chats?agent_id={encode('agent', world.teammate.uid)}")) == []
    foreign = server.get(f"chats?agent_id={encode('agent', world.outsider.uid)}")
    unknown = server.get("chats?agent_id=agent_" + "0" * 32)
    assert (foreign.status, foreign.code) == (unknown.status, unknown.code) == (404, "AGENT-001")


def test_an_operator_sees_what_the_inbox_shows_them(world, otto, sue, three):
    hidden = start_chat(world.visitor, department=world.sales)
    assert encode("chat", hidden.uid) not in ids(otto.get("chats"))
    assert otto.get("chats").body["pagination"]["total"] == 3
    assert encode("chat", hidden.uid) in ids(sue.get("chats"))


def test_nobody_of_elsewhere_sees_them(foreigners, three):
    for caller in foreigners.values():
        assert not {encode("chat", c.uid) for c in three} & set(ids(caller.get("chats")))


def test_the_number_of_queries_does_not_grow_with_the_page(world, server):
    def cost(path):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            server.get(path)
        return len(queries)

    for _ in range(2):
        start_chat(VisitorFactory(workspace=world.workspace))
    server.get("chats")  # notes that the key was used
    few = cost("chats?limit=1")
    assert cost("chats?limit=100") == few <= 5
