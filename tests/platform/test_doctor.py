"""`manage.py doctor`: one line for each thing, and what to do about it."""

import os
import time

import pytest

from tests import bucket

EMBEDDED = not os.environ.get("DATABASE_URL")
NAMES = ["database", "migrations", "channel layer", "broker", "bots", "replies", "storage", "e-mail", "socket"]


def lines_of(done):
    return {line.split(":")[0].split(maxsplit=1)[1]: line for line in done.stdout.splitlines()}


def test_all_is_well_with_a_running_server(product):
    done = product.manage("doctor")
    lines = lines_of(done)
    assert list(lines) == NAMES
    assert all(line.startswith("ok") for line in lines.values())
    assert "through the running server" in lines["socket"]


def test_without_a_server_it_starts_one_of_its_own(new_product):
    lines = lines_of(new_product().manage("doctor"))
    assert "a server of our own" in lines["socket"]


def test_bots_need_somebody_who_listens(new_product):
    there = new_product()
    slug = there.manage_json("create_workspace", "Bots")["slug"]
    assert lines_of(there.manage("doctor"))["bots"].endswith("none on the broker")
    there.manage_json("create_bot", slug, f"listened-{there.port}")
    if EMBEDDED:
        assert "the server itself listens" in lines_of(there.manage("doctor"))["bots"]
        return
    silent = there.manage("doctor", check=False)
    assert silent.returncode == 1
    assert lines_of(silent)["bots"].endswith("no listener at all → run: python manage.py bots")
    there.spawn("bots")
    until = time.monotonic() + 60
    while "listened to" not in (line := lines_of(there.manage("doctor", check=False))["bots"]):
        assert time.monotonic() < until, line
    assert line.startswith("ok")


def test_assistants_need_somebody_who_answers(new_product):
    there = new_product()
    slug = there.manage_json("create_workspace", "Replies")["slug"]
    assert lines_of(there.manage("doctor"))["replies"].endswith("no assistant is on")
    there.manage("shell", "-c", ASSISTANT.format(slug=slug))
    if EMBEDDED:
        assert "the server itself does" in lines_of(there.manage("doctor"))["replies"]
    else:
        silent = there.manage("doctor", check=False)
        assert silent.returncode == 1
        assert "nobody does their turns at all → run: python manage.py replies" in lines_of(silent)["replies"]
        answering = there.spawn("replies")
        until = time.monotonic() + 60
        while "looked at" not in (line := lines_of(there.manage("doctor", check=False))["replies"]):
            assert time.monotonic() < until, line
        answering.terminate()
        answering.wait(30)
    there.manage("shell", "-c", OWED.format(slug=slug))
    late = there.manage("doctor", check=False)
    assert late.returncode == 1
    assert "1 turns are owed, the oldest for" in lines_of(late)["replies"]


ASSISTANT = """
from agents.models import Workspace
from integrations.replies import services
from integrations.replies.models import Assistant
services.keep(Assistant(
    workspace=Workspace.objects.get(slug="{slug}"), name="A", enabled=True, base_url="https://x.example/v1", model="m"
))
"""
OWED = """
from datetime import timedelta
from django.utils import timezone
from config.demo.factories import ChatFactory
from integrations.replies.models import Assistant, Turn
assistant = Assistant.objects.get(workspace__slug="{slug}")
chat = ChatFactory(workspace=assistant.workspace)
Turn.objects.create(assistant=assistant, chat=chat, created_at=timezone.now() - timedelta(minutes=10))
"""


def test_what_is_broken_is_named_with_what_to_do_and_the_exit_code_is_1(new_product):
    sick = new_product()
    (sick.folder / "files").write_text("a file where a folder should be")
    sick.env = {**sick.env, "EMAIL_URL": "smtp://127.0.0.1:1"}
    sick.manage("migrate", "chat", "zero", "-v0")
    done = sick.manage("doctor", check=False)
    lines = lines_of(done)
    assert done.returncode == 1
    assert list(lines) == NAMES
    assert lines["database"].startswith("ok")
    assert lines["migrations"].startswith("failed")
    assert lines["migrations"].endswith("→ run: python manage.py migrate")
    assert lines["storage"].startswith("failed")
    assert "127.0.0.1:1" in lines["e-mail"]
    assert lines["socket"].startswith("failed")
    assert "Traceback" not in done.stdout + done.stderr


def test_a_bucket_is_written_through_its_presigned_address_and_left_as_it_was(product):
    with bucket.running() as there:
        healthy = {**product.env, **there.variables}
        for variables, result in (
            ({}, "ok"),
            ({"S3_BUCKET": "another"}, "failed"),
            ({"S3_ENDPOINT_URL": "http://127.0.0.1:1"}, "failed"),
        ):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(product, "env", {**healthy, **variables})
                done = product.manage("doctor", check=False)
            assert lines_of(done)["storage"].startswith(result), done.stdout
            assert done.returncode == (result == "failed")
            assert "Traceback" not in done.stdout + done.stderr
            assert bucket.SECRET not in done.stdout + done.stderr
        assert there.names() == []


@pytest.mark.parametrize(("name", "part"), [("REDIS_URL", "channel layer"), ("BROKER_URL", "broker")])
def test_a_service_that_is_away_fails_alone(new_product, name, part):
    sick = new_product()
    if EMBEDDED:
        assert lines_of(sick.manage("doctor"))[part].endswith("in memory")
        return
    sick.env = {**sick.env, name: "redis://127.0.0.1:1/0"}
    lines = lines_of(sick.manage("doctor", check=False))
    assert lines[part].startswith("failed")
    assert lines["database"].startswith("ok")
