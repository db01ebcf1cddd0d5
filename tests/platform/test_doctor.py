"""`manage.py doctor`: one line for each thing, and what to do about it."""

import os

import pytest

EMBEDDED = not os.environ.get("DATABASE_URL")
NAMES = ["database", "migrations", "channel layer", "broker", "storage", "e-mail", "socket"]


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
