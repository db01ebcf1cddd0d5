"""A long timeline is read once: what it came to is kept, and counting goes on from there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from analytics import queries, rollups, timelines
from analytics.models import KeptTimeline
from analytics.queries import Span
from analytics.timelines import Timeline
from chat.access import Actor
from chat.models import Message
from chat.services import messages, starting

from . import brute
from .test_keeping_up import begin, figures


@pytest.fixture
def chat(world):
    return begin(world)


def talk_about(world, chat, turns):
    """Let visitor and operator write by turns; return how many entries that made."""
    visitor, operator = Actor.of_visitor(chat.visitor), Actor.of_agent(world.operator)
    for number in range(turns):
        messages.post(chat, visitor, body=f"And {number}?")
        messages.post(chat, operator, body=f"{number}!")
    return 2 * turns


def entries_read(world):
    """Count what changed, and return how many entries of timelines were read from the database for it."""
    read = []

    def noting(execute, sql, params, many, context):
        if sql.startswith("SELECT") and f'FROM "{Message._meta.db_table}"' in sql:
            read.append((sql, params))
        return execute(sql, params, many, context)

    rollups.collect()
    with connection.execute_wrapper(noting):
        while rollups.count(world.workspace.pk):
            pass
    return sum(map(rows_of, read))


def rows_of(statement):
    """Ask once more: counting changes no message."""
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) AS entries", params)
        return cursor.fetchone()[0]


def test_what_was_written_since_is_all_that_is_read(world, chat):
    total = talk_about(world, chat, 60)
    assert entries_read(world) == total
    assert KeptTimeline.objects.get().upto >= total
    talk_about(world, chat, 2)
    assert entries_read(world) == 4
    talk_about(world, chat, 1)
    assert entries_read(world) == 6, "not kept anew for a few"
    assert figures(world).response.count == 63


def test_a_short_timeline_is_not_kept(world, chat):
    talk_about(world, chat, 10)
    assert figures(world).response.count == 10
    assert not KeptTimeline.objects.exists()


def test_a_turn_may_begin_before_what_is_kept_and_end_after_it(world, chat, monkeypatch):
    monkeypatch.setattr(timelines, "LONG", 0)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
    assert figures(world).response.count == 0
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    found = figures(world)
    assert (found.response.count, found.first_response.count) == (1, 1)


def test_what_happens_elsewhere_in_the_hour_reads_no_long_timeline_again(world, chat):
    talk_about(world, chat, 60)
    rollups.catch_up()
    begin(world, world.other_visitor)
    assert entries_read(world) == 0
    assert figures(world).total == 2


def test_a_timeline_is_held_in_memory_by_pages(world, chat, monkeypatch):
    monkeypatch.setattr(timelines, "PAGE", 50)
    talk_about(world, chat, 60)
    begin(world, world.other_visitor)
    with CaptureQueriesContext(connection) as asked:
        assert figures(world).response.count == 60
    pages = [query["sql"] for query in asked if "LIMIT 50" in query["sql"] and '"seq" > ' in query["sql"]]
    assert len(pages) == 3, pages


def test_counting_anew_reads_from_the_first_entry(world, chat):
    talk_about(world, chat, 60)
    other = starting.start(workspace=world.elsewhere, visitor=world.stranger, actor=Actor.of_visitor(world.stranger))
    rollups.catch_up()
    KeptTimeline.objects.create(chat=other.chat, upto=1, text=Timeline(upto=1).dump())
    KeptTimeline.objects.filter(chat=chat).update(text=Timeline(bot_wrote=True).dump())
    Message.objects.filter(pk=chat.messages.last().pk).update(created_at=F("created_at") + timedelta(seconds=5))
    rollups.recompute(world.workspace, None, None, lambda _done, _of: None)
    span = Span.latest(world.workspace, 30)
    brute.assert_equal(queries.overview(span), brute.told(brute.lines(world.workspace), span))
    assert KeptTimeline.objects.filter(chat=other.chat).exists(), "another company's are left alone"


def test_a_chat_that_is_erased_takes_what_is_kept_of_it_with_it(world, chat):
    talk_about(world, chat, 60)
    rollups.catch_up()
    assert KeptTimeline.objects.exists()
    chat.delete()
    assert not KeptTimeline.objects.exists()
    assert figures(world).total == 0


def test_what_is_kept_comes_back_as_it_was():
    at = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    timeline = Timeline(upto=9)
    for seq, (author, agent_id) in enumerate([("visitor", None), ("agent", 3), ("bot", 4), ("system", None)], start=10):
        timeline.add(seq, author, agent_id, at)
    assert Timeline.load(timeline.upto, timeline.dump()) == timeline
    assert Timeline.load(0, Timeline().dump()) == Timeline()
