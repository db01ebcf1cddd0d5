"""GET /v1/chat/sessions/{id}/messages: pages, times, numbers and types (3.2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Kind
from config.demo.factories import ChatFactory, MessageFactory

pytestmark = pytest.mark.django_db
START = timezone.now() - timedelta(hours=3)


@pytest.fixture
def session(world):
    """A hundred and twenty messages a minute apart; each tenth is a note."""
    chat = ChatFactory(workspace=world.workspace, visitor=world.visitor)
    for i in range(120):
        kind = {"kind": Kind.NOTE, "agent": world.operator} if i % 10 == 9 else {}
        MessageFactory(chat=chat, body=str(i), created_at=START + timedelta(minutes=i), **kind)
    return f"sessions/session_{chat.uid.hex}"


def bodies(answer):
    return [int(m["content"]) for m in answer.data]


def test_pages_count_from_the_beginning_and_say_how_many_there_are(server, session):
    first, third = server.get(f"{session}/messages"), server.get(f"{session}/messages?page=3")
    assert bodies(first) == list(range(50))
    assert bodies(third) == list(range(100, 120))
    assert first.body["pagination"] == {"page": 1, "perPage": 50, "total": 120, "totalPages": 3}
    assert bodies(server.get(f"{session}/messages?page=4")) == []


def test_a_visitors_pages_are_full_though_notes_are_left_out(vera, session):
    answer = vera.get(f"{session}/messages?perPage=100")
    assert len(answer.data) == 100
    assert answer.body["pagination"]["total"] == 108
    assert all(i % 10 != 9 for i in bodies(answer))
    for before, after in zip(answer.data, answer.data[1:], strict=False):
        assert after["prev"] == before["seq"]


def test_before_and_after_a_time(server, session):
    at = (START + timedelta(minutes=60)).isoformat().replace("+00:00", "Z")
    assert bodies(server.get(f"{session}/messages?before={at}&perPage=3")) == [57, 58, 59]
    assert bodies(server.get(f"{session}/messages?before={at}&perPage=3&page=2")) == [54, 55, 56]
    assert bodies(server.get(f"{session}/messages?after={at}&perPage=3")) == [61, 62, 63]


def test_before_and_after_a_number(server, session):
    assert bodies(server.get(f"{session}/messages?beforeSeq=61&perPage=3")) == [57, 58, 59]
    assert bodies(server.get(f"{session}/messages?afterSeq=61&perPage=3")) == [61, 62, 63]
    assert bodies(server.get(f"{session}/messages?afterSeq=10&beforeSeq=13")) == [10, 11]


def test_by_type(server, session, world):
    assert len(server.get(f"{session}/messages?type=text&perPage=100").data) == 100
    assert server.get(f"{session}/messages?type=image").data == []
    server.post(f"{session}/end")
    assert [m["event"]["event"] for m in server.get(f"{session}/messages?type=system").data] == ["closed"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=99999999999999999999", "page"),
        ("perPage=101", "perPage"),
        ("perPage=-1", "perPage"),
        ("before=yesterday", "before"),
        ("after=2023-13-45T00:00:00Z", "after"),
        ("after=0001-01-01T00:00:00%2B14:00", "after"),
        ("afterSeq=1e3", "afterSeq"),
        ("type=note", "type"),
        ("type=%00", "type"),
    ],
)
def test_a_wrong_parameter_is_named(server, session, query, field):
    answer = server.get(f"{session}/messages?{query}")
    assert (answer.status, answer.code, answer.fields) == (400, 4000, [field])


def test_a_page_costs_the_same_however_much_is_in_it(server, session):
    server.get(session)  # notes that the key is in use
    counts = []
    for size in (1, 100):
        with CaptureQueriesContext(connection) as queries:
            server.get(f"{session}/messages?perPage={size}")
        counts.append(len(queries))
    assert counts == [5, 5], "key, session, page, attachments, total"


def test_a_time_as_it_is_shown_loses_no_message_of_its_second(server, session):
    shown = server.get(f"{session}/messages?beforeSeq=61&perPage=1").data[0]
    before = server.get(f"{session}/messages?before={shown['sentAt']}&perPage=1").data[0]
    after = server.get(f"{session}/messages?after={shown['sentAt']}&perPage=1").data[0]
    assert before["id"] == after["id"] == shown["id"]
