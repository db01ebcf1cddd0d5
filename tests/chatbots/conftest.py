"""A bot, its topic, and Parley's two processes of it as threads beside the test."""

import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection, connections

from integrations.chatbots import listener
from integrations.chatbots.broker import connect, exchange_of, publisher, queue_of
from integrations.setting_up import create_bot
from integrations.webhooks import bell, relay
from integrations.webhooks.policy import Pace

from .client import TopicClient


@pytest.fixture
def bot(world: Any) -> Any:
    """A bot that greets whoever comes without a department."""
    return create_bot(world.workspace, f"helper-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def call(client: Any, bot: Any) -> Callable[..., Any]:
    """Return a caller that signs as the contract says; each part can be replaced."""

    def post(name: str, body: Any = None, *, by: Any = None, secret: str = "", raw: Any = None, **headers: str) -> Any:
        by = by or bot
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        signature = hmac.new((secret or by.client_secret).encode(), sent, hashlib.sha256).hexdigest()
        signed = {"x-client-id": by.client_id, "x-bot-id": str(by.agent.uid), "x-signature": signature, **headers}
        return client.generic("POST", f"/bots/{name}", sent, content_type="application/json", headers=signed)

    return post


@pytest.fixture
def parley(bot: Any) -> Iterator[Any]:
    """Relay and listener, running; ``stop()`` and ``start()`` as often as one likes."""
    running: list[tuple[threading.Event, threading.Thread]] = []

    def loop(run: Callable[[threading.Event], None], stop: threading.Event) -> None:
        try:
            run(stop)
        finally:
            connections.close_all()

    def start() -> None:
        for run in (listener.run, lambda stop: relay.run(stop, Pace(poll=0.05))):
            stop = threading.Event()
            running.append((stop, threading.Thread(target=loop, args=(run, stop))))
            running[-1][1].start()

    def end() -> None:
        for stop, _thread in running:
            stop.set()
        bell.ring()
        for _stop, thread in running:
            thread.join(30)
            assert not thread.is_alive()
        running.clear()

    yield SimpleNamespace(start=start, stop=end)
    end()
    publisher.close()


@pytest.fixture
def topic(bot: Any, parley: Any) -> Iterator[TopicClient]:
    """The bot's side of its topic, with Parley running."""
    client = TopicClient(settings.CELERY_BROKER_URL, bot.topic, settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    parley.start()
    yield client
    parley.stop()
    client.close()
    with contextlib.suppress(Exception), connect() as connection:
        channel = connection.channel()
        for queue in (client.queue, queue_of(bot.topic)):
            queue(channel).delete()
        exchange_of(bot.topic)(channel).delete()


@pytest.fixture
def processes() -> Iterator[Callable[..., Any]]:
    """Return a starter of Parley's processes on the test's database (a service); keywords are environment variables."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    env = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": urlunsplit(database)}
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        started.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env={**env, **more}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
