"""Relays that run beside the test, and a receiver that never answers."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from integrations.webhooks import bell, relay
from integrations.webhooks.policy import Pace

from .receiver import BlackHole

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def black_hole(private_allowed: None) -> Iterator[BlackHole]:
    hole = BlackHole()
    yield hole
    hole.close()


@pytest.fixture
def relaying() -> Callable[[Pace], AbstractContextManager[None]]:
    """Return a context manager in which a relay runs in a thread of its own."""

    @contextmanager
    def running(pace: Pace) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=relay.run, args=(stop, pace))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            bell.ring()
            thread.join(60)
            assert not thread.is_alive()

    return running


@pytest.fixture
def spawn_relay(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return a starter of `manage.py relay` in a process of its own, on the test's database."""
    started: list[subprocess.Popen[bytes]] = []
    env = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, "PARLEY_ALLOW_PRIVATE_WEBHOOKS": "1"}
    if connection.vendor == "sqlite":
        (tmp_path / "parley.sqlite3").symlink_to(connection.settings_dict["NAME"])
        env["PARLEY_DATA"] = str(tmp_path)
    else:
        parts = urlsplit(env["DATABASE_URL"])
        env["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "manage.py", "relay", *arguments], cwd=ROOT, env=env))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
