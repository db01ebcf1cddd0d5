"""What the export's parameters may look like."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.http import QueryDict

from chat.errors import Invalid
from integrations.history.requests import parse


def test_without_parameters_it_is_the_first_page_of_live_chats() -> None:
    asked = parse(QueryDict(""))
    assert (asked.page, asked.count, asked.channel) == (1, 50, "website")
    assert (asked.met, asked.proactive, asked.ticket_no, asked.agent_ids) == (None, None, None, ())


@pytest.mark.parametrize(
    "query",
    [
        "assignees=1,2,30",
        "assignees=1&assignees=2&assignees=30",
        "assignees[]=1&assignees[]=2&assignees[]=30",
        "assignees[0]=1&assignees[1]=2&assignees[2]=30",
        "assignees=[1,2,30]",
        "assignees=%5B1%2C%202%2C%2030%5D",
        "assignees=1,2&assignees[]=30&assignees=2",
    ],
)
def test_an_array_may_be_written_in_any_usual_way(query: str) -> None:
    assert parse(QueryDict(query)).agent_ids == (1, 2, 30)


def test_times_are_utc_to_the_second() -> None:
    asked = parse(QueryDict("start_time_since=2023-04-22T02:48:30Z&end_time_to=2023-04-22T03:00:00Z"))
    assert asked.started_since == datetime(2023, 4, 22, 2, 48, 30, tzinfo=UTC)
    assert asked.ended_until == datetime(2023, 4, 22, 3, tzinfo=UTC)


def test_each_conversation_type_is_a_channel() -> None:
    channels = [parse(QueryDict(f"conversation_type={n}")).channel for n in (0, 1, 3)]
    assert channels == ["website", "facebook", "zalo"]


def test_a_conversation_that_cannot_be_ours_is_no_mistake() -> None:
    assert parse(QueryDict("conversation_id=20230422094830-AIVGTIVI-503996")).conversation_id == UUID(int=0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start_time_since=2023-04-22", "start_time_since"),
        ("start_time_to=2023-04-22 09:48:30", "start_time_to"),
        ("end_time_since=2023-13-22T09:48:30Z", "end_time_since"),
        ("end_time_to=2023-04-22T09:48:30%2B07:00", "end_time_to"),
        ("end_time_to=٢٠٢٣-04-22T09:48:30Z", "end_time_to"),
        ("ticket_no=seven", "ticket_no"),
        ("ticket_no=-1", "ticket_no"),
        ("ticket_no=99999999999999999999", "ticket_no"),
        ("conversation_type=2", "conversation_type"),
        ("chat_status=2", "chat_status"),
        ("chat_type=yes", "chat_type"),
        ("page=0", "page"),
        ("page=1&count=501", "count"),
        ("page=1&count=0", "count"),
        ("page=1&page=2", "page"),
        ("assignees=1,two", "assignees"),
        ("groups=[1", "groups"),
        ("customers={}", "customers"),
        ("services=" + ",".join(map(str, range(501))), "services"),
        ("start_time_from=2023-04-22T09:48:30Z", "start_time_from"),
        ("page[]=1", "page[]"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(QueryDict(query))
    assert refused.value.field == field
