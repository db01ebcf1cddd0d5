"""How exports are written: few at once, followed up when a worker is killed, cancelled, swept."""

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from celery.worker import state as worker
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from chat.errors import Conflict, NotAllowed
from chat.exports import claims, services, writing
from chat.exports.asking import Wanted
from chat.exports.models import Export
from config.demo.factories import AgentFactory, WorkspaceFactory

from .conftest import column, table, work

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> set[str]:
    try:
        return {f"exports/{name}" for name in default_storage.listdir("exports")[1]}
    except FileNotFoundError:
        return set()


def in_many_workspaces(count: int) -> list[Export]:
    people = [AgentFactory(workspace=WorkspaceFactory(), role="owner") for _ in range(count)]
    return [services.ask(agent, Wanted(), "csv") for agent in people]


def test_a_finished_one_is_kept_for_its_time_and_then_swept(ended, ask):
    ended()
    asked = ask()
    work()
    table(asked)
    assert asked.expires_at - asked.finished_at == services.KEPT
    services.sweep()
    assert asked.file in stored()
    Export.objects.update(expires_at=timezone.now())
    services.sweep()
    name = asked.file
    asked.refresh_from_db()
    assert (asked.state, asked.file) == ("expired", "")
    assert name not in stored()
    services.retry(asked)
    work()
    assert len(table(asked)) == 2


def test_few_are_written_at_once_and_one_of_a_workspace(ask, settings):
    settings.EXPORTS_AT_ONCE = 2
    first, second = ask(), ask()
    others = in_many_workspaces(2)
    assert [claims.claim(), claims.claim(), claims.claim()] == [first, others[0], None]
    Export.objects.filter(pk=first.pk).delete()
    assert claims.claim() == second


def test_workers_that_look_at_the_same_moment_never_write_too_many(settings):
    settings.EXPORTS_AT_ONCE = 3
    in_many_workspaces(6)
    start, got = threading.Barrier(8), []

    def look():
        start.wait()
        try:
            got.append(claims.claim())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [export.pk for export in got if export]
    assert len(taken) == len(set(taken)) <= 3
    assert Export.objects.filter(state="running").count() == len(taken)
    while claims.claim():
        pass
    assert Export.objects.filter(state="running").count() == 3


def test_an_agent_has_so_many_unfinished_ones_and_no_more(world, ask):
    waiting = [ask() for _ in range(services.MOST)]
    with pytest.raises(services.TooMany):
        ask()
    assert ask(world.owner)
    services.cancel(waiting[0])
    with_room = ask()
    with pytest.raises(services.TooMany):
        services.retry(waiting[0])
    services.cancel(with_room)
    services.retry(waiting[0])
    with pytest.raises(Conflict):
        services.retry(waiting[0]) if services.cancel(waiting[1]) is None else None


def test_the_same_form_twice_is_one(world):
    uid = Export().uid
    first = services.ask(world.supervisor, Wanted(), "csv", uid=uid)
    assert services.ask(world.supervisor, Wanted(), "xlsx", uid=uid) == first
    assert Export.objects.count() == 1


def test_operators_may_not_ask(world):
    with pytest.raises(NotAllowed):
        services.ask(world.operator, Wanted(), "csv")


def test_who_may_no_longer_see_it_all_gets_no_file(world, ended, ask):
    ended()
    asked = ask()
    world.supervisor.role = "operator"
    world.supervisor.save()
    work()
    asked.refresh_from_db()
    assert (asked.state, asked.problem, asked.file, stored() & {asked.file}) == ("failed", "left", "", set())


def test_a_claim_that_ran_out_is_followed_and_what_was_left_is_swept(ended, ask):
    ended()
    asked = ask()
    dead = claims.claim()
    services.desk(dead.claim).mkdir(parents=True)
    default_storage.save(dead.file, ContentFile(b"half of it"))
    assert claims.claim() is None
    Export.objects.update(claimed_until=timezone.now())
    assert work() == 1
    assert len(table(asked)) == 2
    assert asked.attempts == 2 and asked.file != dead.file
    services.sweep()
    assert stored() >= {asked.file} and dead.file not in stored()
    assert not services.desk(dead.claim).exists()


def test_who_was_killed_too_often_is_given_up(ask):
    asked = ask()
    for _ in range(claims.MOST_ATTEMPTS):
        assert claims.claim() == asked
        Export.objects.update(claimed_until=timezone.now())
    assert claims.claim() is None
    asked.refresh_from_db()
    assert (asked.state, asked.problem) == ("failed", "killed")
    services.retry(asked)
    assert work() == 1


def test_a_worker_that_lost_its_claim_leaves_no_file_and_spoils_none(ended, ask):
    ended()
    asked = ask()
    slow = claims.claim()
    Export.objects.update(claimed_until=timezone.now())
    work()
    content = table(asked)
    writing.write(slow)
    assert table(asked) == content
    assert slow.file not in stored()


def test_a_cancelled_one_stops_and_leaves_nothing(ended, ask, monkeypatch):
    for minute in range(4):
        ended(minute)
    monkeypatch.setattr(writing.history.walk, "__kwdefaults__", {"step": 1})
    monkeypatch.setattr(claims, "_RENEWED_SECONDS", 0.05)
    asked = ask()
    mine = claims.claim()
    seen = []

    def slowly(some, actor=None, keeper_check=claims.Keeper.check):
        seen.append(1)
        if len(seen) == 2:
            services.cancel(asked)
            time.sleep(0.5)
        keeper_check(some)

    monkeypatch.setattr(claims.Keeper, "check", slowly)
    writing.write(mine)
    asked.refresh_from_db()
    assert (asked.state, asked.file) == ("cancelled", "")
    assert len(seen) < 4
    assert mine.file not in stored()
    assert not services.desk(mine.claim).exists()


def test_a_worker_that_is_asked_to_end_gives_it_back(ended, ask, monkeypatch):
    ended()
    asked = ask()
    monkeypatch.setattr(worker, "should_stop", 0)
    writing.write(claims.claim())
    asked.refresh_from_db()
    assert (asked.state, asked.attempts) == ("queued", 0)
    monkeypatch.setattr(worker, "should_stop", None)
    work()
    assert len(table(asked)) == 2


def test_a_claim_is_renewed_and_tells_how_far_it_is(ended, ask, monkeypatch):
    for minute in range(3):
        ended(minute)
    monkeypatch.setattr(claims, "_RENEWED_SECONDS", 0.05)
    monkeypatch.setattr(claims, "CLAIMED", timedelta(seconds=0.6))
    monkeypatch.setattr(writing.history.walk, "__kwdefaults__", {"step": 1})
    asked, told = ask(), set()
    plain = claims.Keeper.check

    def slowly(keeper):
        time.sleep(0.5)
        told.add(tuple(Export.objects.values_list("written", "total").get()))
        assert claims.claim() is None
        plain(keeper)

    monkeypatch.setattr(claims.Keeper, "check", slowly)
    assert work() == 1
    assert told >= {(1, 3), (2, 3)}
    assert len(table(asked)) == 4


@pytest.mark.parametrize(("problem", "state"), [(OSError("full"), "failed"), (RuntimeError("bug"), "failed")])
def test_a_failure_is_told_and_can_be_tried_again(ended, ask, monkeypatch, problem, state):
    ended()
    asked = ask()

    def fail(*_arguments):
        raise problem

    with monkeypatch.context() as broken:
        broken.setattr(writing, "_store", fail)
        work()
    asked.refresh_from_db()
    assert asked.state == state and asked.problem in ("storage", "failed") and asked.file == ""
    services.retry(asked)
    work()
    assert len(table(asked)) == 2


def test_a_database_that_went_away_is_as_a_kill(ended, ask, monkeypatch):
    ended()
    asked = ask()

    def fail(*_arguments):
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(writing, "_store", fail)
        writing.write(claims.claim())
    asked.refresh_from_db()
    assert asked.state == "running"
    Export.objects.update(claimed_until=timezone.now())
    work()
    assert len(table(asked)) == 2


WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.DATA_DIR = sys.argv[2]
django.setup()
from chat.exports import claims, writing
plain = claims.Keeper.check
def slowly(keeper):
    plain(keeper)
    print("begun", flush=True)
    import time; time.sleep(60)
claims.Keeper.check = slowly
from chat.exports.tasks import write
write()
"""


def test_a_worker_killed_in_the_middle_is_followed_by_another_and_the_file_is_whole(ended, ask, tmp_path):
    chats = [ended(minute) for minute in range(3)]
    asked = ask()
    command = [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    desks = set(Path(services.desk()).iterdir())
    process.send_signal(signal.SIGKILL)
    process.wait()
    asked.refresh_from_db()
    assert asked.state == "running" and services.desk(asked.claim) in desks
    assert work() == 0
    Export.objects.update(claimed_until=timezone.now())
    assert work() == 1
    assert column(asked, "Chat ID") == [str(chat.uid) for chat in chats]
    services.sweep()
    assert not [folder for folder in desks if folder.exists()]
