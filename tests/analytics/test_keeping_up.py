"""Nothing that changes is forgotten: by whom, when and in however many processes it is counted."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from analytics import days, queries, rollups
from analytics.models import ChangedHour, Ledger, Rollup
from analytics.queries import Span
from chat.access import Actor
from chat.models import Assignment, Chat, Message
from chat.services import lifecycle, messages, rating, starting, tagging

from . import brute
from .test_any_sequence import stored


@pytest.fixture
def chat(world) -> Chat:
    return begin(world)


def begin(world, visitor=None) -> Chat:
    visitor = visitor or world.visitor
    return starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor)).chat


def figures(world) -> queries.Figures:
    rollups.catch_up()
    span = Span.latest(world.workspace, 30)
    found = queries.overview(span)
    brute.assert_equal(found, brute.told(brute.lines(world.workspace), span))
    return found


def test_every_change_of_a_counted_chat_is_counted_again(world, chat):
    """Each of these fails when its way of telling is taken away."""
    visitor, operator = Actor.of_visitor(world.visitor), Actor.of_agent(world.operator)
    system = Actor.system(world.workspace.pk)
    assert figures(world).total == 1
    messages.post(chat, visitor, body="Hello?")
    messages.post(chat, operator, body="Hi")
    assert figures(world).response.count == 1
    messages.post(chat, visitor, body="And?")
    assert figures(world).response.count == 1
    messages.post(chat, operator, body="So")
    assert figures(world).response.count == 2
    tagging.tag(chat, system, "vip")
    lifecycle.close(chat, system)
    assert figures(world).first_contact == 1
    rating.rate(chat, visitor, 4)
    assert figures(world).satisfaction.mean == 4
    again = begin(world)
    found = figures(world)
    assert (found.total, found.first_contact) == (2, 0), "the visitor came back"
    again.delete()
    found = figures(world)
    assert (found.total, found.first_contact) == (1, 1), "and never had"


def test_what_passes_no_service_is_noticed_too(world, chat):
    Chat.objects.filter(pk=chat.pk).update(department=world.sales)
    figures(world)
    span = Span.latest(world.workspace, 2)
    world.sales.delete()
    figures(world)
    assert [(d, f.total) for d, f in queries.by_department(span)] == [(world.support, 0), (None, 1)]
    moved = begin(world, world.other_visitor)
    lifecycle.close(chat, Actor.system(world.workspace.pk))
    figures(world)
    Chat.objects.filter(pk=moved.pk).update(visitor=world.visitor)
    figures(world)
    Message.objects.all().delete()
    Assignment.objects.all().delete()
    world.visitor.delete()
    assert figures(world).total == 0
    assert not Rollup.objects.exists(), "nothing is kept of nobody"


def test_a_message_costs_no_statement_more_and_is_seen_by_the_next_look(world, chat):
    rollups.catch_up()
    assert Chat.objects.get().counted
    messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
    assert not Chat.objects.get().counted
    assert not ChangedHour.objects.exists(), "no row of its own"


def test_other_workspaces_are_left_alone(world, chat):
    begin_there = starting.start(
        workspace=world.elsewhere, visitor=world.stranger, actor=Actor.of_visitor(world.stranger)
    )
    rollups.catch_up()
    assert begin_there.created
    assert queries.overview(Span.latest(world.workspace, 1)).total == 1
    assert queries.overview(Span.latest(world.elsewhere, 1)).total == 1
    assert queries.chats_ever(world.elsewhere) == {} or world.outsider.pk in queries.chats_ever(world.elsewhere)
    assert not [agent for agent, _ in queries.by_agent(Span.latest(world.elsewhere, 1)) if agent != world.outsider]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_after_the_look_is_counted_the_next_time(world):
    """A watermark over ``updated_at`` would lose it: its time is before the look, its commit after."""
    chat = begin(world)
    rollups.catch_up()
    wrote, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
                wrote.set()
                go_on.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(20)
    rollups.catch_up()
    looked_at = timezone.now()
    go_on.set()
    thread.join()
    late = Chat.objects.get()
    assert late.updated_at < looked_at
    assert not late.counted
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    assert figures(world).response.count == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_count_everything_once(world):
    chats = [begin(world)]
    stop, failed = threading.Event(), []

    def worker() -> None:
        try:
            while not stop.is_set():
                rollups.catch_up()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n in range(12):
        messages.post(chats[0], Actor.of_visitor(world.visitor), body=f"{n}?")
        messages.post(chats[0], Actor.of_agent(world.operator), body=f"{n}!")
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert figures(world).response.count == 12


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_the_middle_loses_nothing(world, monkeypatch):
    begin(world)
    with monkeypatch.context() as patch:
        patch.setattr(days, "add", die)
        with pytest.raises(SystemExit):
            rollups.catch_up()
    assert ChangedHour.objects.exists(), "it is still written down"
    assert not Rollup.objects.exists(), "and nothing half is shown"
    assert figures(world).total == 1


def die(*_args, **_named):
    connection.close()  # as the database sees a process that is gone
    raise SystemExit


_WORKER = """
import django
django.setup()
from analytics import days, rollups
add = days.add
def slowly(*args):
    add(*args)
    print("in the middle", flush=True)
    time.sleep(60)
days.add = slowly
rollups.catch_up()
"""


if connection.vendor == "postgresql":  # the test database of SQLite is of one process

    @pytest.mark.django_db(transaction=True)
    def test_a_worker_killed_in_the_middle_leaves_everything_to_the_next(world):
        chat = begin(world)
        rollups.catch_up()
        messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
        messages.post(chat, Actor.of_agent(world.operator), body="Hi")
        settings = connection.settings_dict
        url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        worker = subprocess.Popen(
            [sys.executable, "-c", "import time\n" + _WORKER], env=env, stdout=subprocess.PIPE, text=True
        )
        try:
            assert worker.stdout.readline() == "in the middle\n"
        finally:
            worker.kill()  # SIGKILL
            worker.communicate()
        assert queries.overview(Span.latest(world.workspace, 2)).response.count == 0, "nothing half is shown"
        with transaction.atomic():
            Ledger.objects.select_for_update().get()  # waits until the server has seen that nobody is there
        assert figures(world).response.count == 1
        assert stored_anew(world.workspace) == stored(world.workspace)


def stored_anew(workspace) -> tuple[list, list]:
    """What is kept once everything has been counted from the rows."""
    rollups.recompute(workspace, None, None, lambda _done, _of: None)
    return stored(workspace)


def test_counting_anew_heals_what_was_spoilt_and_changes_nothing_else(world, chat):
    rollups.catch_up()
    before = stored(world.workspace)
    call_command("rollup", "--workspace", "acme", stdout=StringIO())
    assert stored(world.workspace) == before
    Rollup.objects.filter(group="").update(total=99)
    Rollup.objects.filter(group="c").delete()
    for row in Rollup.objects.filter(group="d"):
        Rollup.objects.create(workspace=world.workspace, grain=row.grain, start=row.start, group="d", department_id=999)
    call_command("rollup", "--from", "2020-01-01", stdout=StringIO())
    assert stored(world.workspace) == before


def test_the_command_says_what_is_wrong(world):
    with pytest.raises(CommandError, match="no workspace nowhere"):
        call_command("rollup", "--workspace", "nowhere")
    with pytest.raises(CommandError, match="after"):
        call_command("rollup", "--from", "2026-02-01", "--to", "2026-01-01")


def test_an_overview_is_one_statement_however_long_the_span(world, chat, django_assert_num_queries):
    rollups.catch_up()
    for length in (1, 30, 3000):
        with django_assert_num_queries(1):
            assert queries.overview(Span.latest(world.workspace, length)).total == 1
    with django_assert_num_queries(2):
        queries.by_agent(Span.latest(world.workspace, 365))


def test_looking_when_nothing_changed_costs_next_to_nothing(world, chat, django_assert_num_queries):
    rollups.catch_up()
    with django_assert_num_queries(3):
        rollups.catch_up()


def test_late_data_lands_on_its_own_day(world, chat):
    old = timezone.now() - timedelta(days=20)
    Chat.objects.create(workspace=world.workspace, visitor=world.visitor, ticket_no=999, created_at=old, updated_at=old,
                        status="closed", closed_at=old)  # fmt: skip
    assert figures(world).total == 2
    day = old.astimezone(world.workspace.zone).date()
    assert queries.overview(Span(world.workspace, day, day)).abandoned == 1


def test_what_is_left_for_the_next_batch_stays_written_down(world, chat, monkeypatch):
    for days_ago in (3, 9):
        old = timezone.now() - timedelta(days=days_ago)
        Chat.objects.create(workspace=world.workspace, visitor=world.visitor, ticket_no=900 + days_ago, created_at=old)
        Chat.objects.filter(ticket_no=900 + days_ago).update(status="closed", closed_at=old)
    monkeypatch.setitem(rollups.AT_ONCE, connection.vendor, rollups.Batch(chats=100, hours=1))
    assert figures(world).total == 3
    Chat.objects.filter(ticket_no=903).update(rating=5)  # a repair in SQL
    assert figures(world).satisfaction.count == 1
