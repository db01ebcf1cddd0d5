"""Two who count at the same moment, at the worst one: nothing is counted twice, and nothing is struck out uncounted."""

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from django.db import connection, transaction

from analytics import days, hours, queries, rollups
from analytics.models import ChangedHour, Ledger
from analytics.queries import Span
from chat.access import Actor
from chat.models import Chat
from chat.services import lifecycle, messages, rating
from tests.elsewhere import elsewhere

from . import brute
from .test_any_sequence import stored
from .test_keeping_up import begin, figures, stored_anew


def test_what_was_not_written_down_stays_marked(world, monkeypatch):
    """More chats have changed than one look takes."""
    for visitor in (world.visitor, world.other_visitor):
        begin(world, visitor)
    monkeypatch.setattr(rollups, "_CHATS_AT_ONCE", 1)
    assert rollups.collect() == 1
    assert Chat.objects.filter(counted=False).count() == 1
    assert figures(world).total == 2


if connection.vendor == "postgresql":  # SQLite has one writer at a time: there is no moment in between

    def before(monkeypatch, module, name: str, do) -> None:
        """Have ``do`` happen elsewhere before the first call of this function, once its arguments are known."""
        plain, todo = getattr(module, name), [do]

        def called(*args, **named):
            while todo:
                elsewhere(todo.pop())
            return plain(*args, **named)

        monkeypatch.setattr(module, name, called)

    def answered(world, chat: Chat) -> None:
        messages.post(chat, Actor.of_visitor(chat.visitor), body="Hello?")
        messages.post(chat, Actor.of_agent(world.operator), body="Hi")

    @pytest.mark.django_db(transaction=True)
    def test_who_counts_is_alone(world, monkeypatch):
        """The second one comes when the first has compared what it counted, and has not stored it yet."""
        chat = begin(world)
        rollups.catch_up()
        answered(world, chat)
        rollups.collect()
        struck = []
        before(monkeypatch, hours, "_store", lambda: struck.append(rollups.count(world.workspace.pk)))
        assert rollups.count(world.workspace.pk)
        assert struck == [0]
        assert figures(world).response.count == 1
        assert stored_anew(world.workspace) == stored(world.workspace)

    @pytest.mark.django_db(transaction=True)
    def test_days_are_added_up_anew_by_one_who_is_alone(world, monkeypatch):
        """A change is counted between the look at the hours and the writing of their day."""
        chat = begin(world)
        rollups.catch_up()

        def change() -> None:
            answered(world, chat)
            rollups.collect()
            rollups.count(world.workspace.pk)

        before(monkeypatch, days, "_write", change)
        rollups.recompute(world.workspace, None, None, lambda _done, _of: None)
        assert figures(world).response.count == 1

    @pytest.mark.django_db(transaction=True)
    def test_what_is_written_down_while_its_hour_is_counted_is_counted_again(world, monkeypatch):
        chat = begin(world)
        rollups.collect()

        def change() -> None:
            answered(world, chat)
            rollups.collect()

        before(monkeypatch, days, "add", change)
        rollups.count(world.workspace.pk)
        assert ChangedHour.objects.exists()
        assert figures(world).response.count == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_chat_that_changes_while_it_is_collected_stays_marked(world):
        """Its own change is not committed yet when the others are collected; they do not wait for it."""
        slow, quick = begin(world), begin(world, world.other_visitor)
        rollups.catch_up()
        answered(world, quick)
        with transaction.atomic():
            messages.post(slow, Actor.of_visitor(world.visitor), body="Hello?")
            elsewhere(rollups.catch_up)
        assert list(Chat.objects.filter(counted=False)) == [slow]
        Chat.objects.filter(pk=slow.pk).update(counted=False)
        with transaction.atomic():
            Chat.objects.select_for_update().get(pk=slow.pk)
            elsewhere(rollups.catch_up)
        messages.post(slow, Actor.of_agent(world.operator), body="Hi")
        assert figures(world).response.count == 2

    _WORKER = """
import django
django.setup()
from analytics import rollups
print("ready", flush=True)
while True:
    rollups.catch_up()
"""
    _SECONDS = 6

    def worker() -> subprocess.Popen:
        settings = connection.settings_dict
        url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        found = subprocess.Popen([sys.executable, "-c", _WORKER], env=env, stdout=subprocess.PIPE, text=True)
        assert found.stdout.readline() == "ready\n"
        return found

    def kill(found: subprocess.Popen) -> None:
        found.kill()  # SIGKILL
        found.communicate()

    def anything(world, chats: list[Chat], dice: random.Random) -> None:
        """Let something happen to one of the chats, most of the time a message."""
        chat = dice.choice(chats)
        what = dice.randrange(8)
        if what == 0:
            chats.append(begin(world, world.workspace.visitors.create(name="Somebody")))
        elif what == 1 and chat.is_open and len(chats) > 2:
            chats.remove(chat)
            lifecycle.close(chat, Actor.system(world.workspace.pk))
            rating.rate(chat, Actor.of_visitor(chat.visitor), dice.randint(1, 5))
        elif what % 2:
            messages.post(chat, Actor.of_visitor(chat.visitor), body="Hello?")
        else:
            messages.post(chat, Actor.of_agent(dice.choice([world.operator, world.teammate])), body="Hi")

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_and_one_that_is_killed_again_and_again(world):
        chats, dice = [begin(world), begin(world, world.other_visitor)], random.Random(4)
        with ExitStack() as running:
            for _ in range(2):
                running.callback(kill, worker())
            victim, end = worker(), time.monotonic() + _SECONDS
            while time.monotonic() < end:
                for _ in range(10):
                    anything(world, chats, dice)
                kill(victim)
                victim = worker()
            kill(victim)
        with transaction.atomic():
            list(Ledger.objects.select_for_update())  # waits until the server has seen that nobody is there
        assert figures(world).total > 2
        span = Span.latest(world.workspace, 2)
        for who, share in queries.by_agent(span):
            found = brute.told(brute.lines(world.workspace), span, queries.Filter(agent_id=who.pk))
            brute.assert_equal(share, found)
        assert stored_anew(world.workspace) == stored(world.workspace)
