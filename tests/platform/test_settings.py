"""What the environment chooses, and how a mistake in it reads."""

import json
import os
import subprocess
import sys

import pytest

from tests.product import ROOT

SERVICES = {
    "DATABASE_URL": "postgres://parley@db.example.com:5432/parley",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "BROKER_URL": "amqp://parley@mq.example.com:5672/parley",
}
ASK = """
import json, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in %r}, default=str))
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that runs Python with nothing of Parley in its environment but what is given."""
    ours = ("PARLEY", "DATABASE_URL", "REDIS_URL", "BROKER_URL", "PORT", "DEBUG", "SECRET_KEY", "EMAIL_URL")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}

    def run(*arguments, **environment):
        env = {**clean, "PARLEY_DATA": str(tmp_path), **environment}
        return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True)

    return run


@pytest.fixture
def ask(run):
    """Return a function that tells settings by name."""

    def ask(*names, **environment):
        done = run("-c", ASK % (names,), **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def test_nothing_set_is_the_embedded_mode(ask, tmp_path):
    told = ask("EMBEDDED", "DATABASES", "CHANNEL_LAYERS", "CELERY_BROKER_URL", "PUBLIC_URL")
    assert told["EMBEDDED"] is True
    assert told["DATABASES"]["default"]["NAME"] == str(tmp_path / "parley.sqlite3")
    assert "InMemory" in told["CHANNEL_LAYERS"]["default"]["BACKEND"]
    assert told["CELERY_BROKER_URL"].startswith("memory://")
    assert told["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_three_urls_are_the_services_mode(ask):
    told = ask("EMBEDDED", "DATABASES", "CHANNEL_LAYERS", "CELERY_BROKER_URL", **SERVICES)
    assert told["EMBEDDED"] is False
    assert told["DATABASES"]["default"]["ENGINE"].endswith("postgresql")
    assert told["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"] == [
        {"address": SERVICES["REDIS_URL"], "socket_timeout": None}
    ]
    assert told["CELERY_BROKER_URL"] == SERVICES["BROKER_URL"]


def test_redis_is_the_broker_where_no_other_is_named(ask):
    told = ask("CELERY_BROKER_URL", **{**SERVICES, "BROKER_URL": ""})
    assert told["CELERY_BROKER_URL"] == SERVICES["REDIS_URL"]


def test_installations_that_share_services_do_not_hear_each_other(ask):
    names = ("CHANNEL_LAYERS", "CACHES", "CELERY_TASK_DEFAULT_QUEUE")
    one = ask(*names, **SERVICES)
    two = ask(*names, **{**SERVICES, "DATABASE_URL": "postgres://parley@db.example.com:5432/another"})
    layers = [told["CHANNEL_LAYERS"]["default"]["CONFIG"]["prefix"] for told in (one, two)]
    caches = [told["CACHES"]["default"]["KEY_PREFIX"] for told in (one, two)]
    queues = [told["CELERY_TASK_DEFAULT_QUEUE"] for told in (one, two)]
    assert all(pair[0] != pair[1] for pair in (layers, caches, queues))


def test_an_https_address_makes_cookies_secure_and_redirects(ask):
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PROXIES")
    secure = ask(*names, PARLEY_URL="https://support.example.com")
    assert all(secure.values())
    assert not any(ask(*names).values())


def test_the_secret_key_is_made_once_and_kept_for_its_owner_alone(ask, tmp_path):
    first, second = ask("SECRET_KEY"), ask("SECRET_KEY")
    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DATABASE_URL": SERVICES["DATABASE_URL"]}, "REDIS_URL is missing"),
        ({"REDIS_URL": SERVICES["REDIS_URL"]}, "DATABASE_URL is missing"),
        ({**SERVICES, "DATABASE_URL": "mysql://db/parley"}, "DATABASE_URL must begin with"),
        ({**SERVICES, "REDIS_URL": "redis.example.com:6379"}, "REDIS_URL must begin with"),
        ({**SERVICES, "BROKER_URL": "kafka://mq"}, "BROKER_URL must begin with"),
        ({"PORT": "eighty"}, "PORT must be a number"),
        ({"PORT": "70000"}, "PORT must be a number"),
        ({"PARLEY_URL": "support.example.com"}, "PARLEY_URL must look like"),
        ({"PARLEY_URL": "https://example.com/support"}, "PARLEY_URL must look like"),
        (
            {"PARLEY_PARTNER_REGISTRATION": "maybe"},
            "PARLEY_PARTNER_REGISTRATION must be one of: open, approved, closed",
        ),
        ({"PARLEY_DATA": "/proc/parley"}, "PARLEY_DATA: cannot make the folder"),
    ],
)
def test_a_mistake_is_one_line(run, environment, sentence):
    done = run("manage.py", "check", **environment)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert sentence in done.stderr


def test_production_settings_pass_the_deployment_check(run):
    done = run(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        PARLEY_URL="https://support.example.com", SECRET_KEY="some-long-and-random-key" * 3, **SERVICES,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_celery_alone_is_refused_in_embedded_mode(run, role):
    done = run("-m", "celery", "-A", "config", role)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Embedded mode has its worker inside")
    assert "Traceback" not in done.stderr
