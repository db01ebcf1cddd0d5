"""An assistant with a model behind it, and the process that does its turns as a thread beside the test."""

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from agents.models import Agent
from chat.access import Actor
from chat.models import Chat, Message
from chat.services import messages
from config.demo.factories import SavedAnswerFactory
from integrations.replies import runner, services
from integrations.replies.models import Assistant
from integrations.replies.runner import Pace
from integrations.webhooks import bell

from .model import Model

QUICK = Pace(poll=0.05, pulse=0.2, lease=1.5, look_for_suggestions=0.1, drain=1)


@pytest.fixture
def model(private_allowed: None) -> Iterator[Model]:
    model = Model()
    yield model
    model.close()


@pytest.fixture
def assistant(world: Any, model: Model) -> Assistant:
    """Answers every chat of the workspace that nobody else greets."""
    SavedAnswerFactory(
        workspace=world.workspace, title="Returns", shortcut="returns", text="Goods come back within 30 days."
    )
    made = Assistant(
        workspace=world.workspace, name="Robin", enabled=True, mode="answer", base_url=model.url, model="small",
        secret="key-of-the-provider", deadline_seconds=10,
    )  # fmt: skip
    return services.keep(made)


@pytest.fixture
def say(world: Any) -> Callable[..., Message]:
    """Return what lets the visitor go on."""

    def say(chat: Chat, text: str) -> Message:
        return messages.post(chat, Actor.of_visitor(chat.visitor), body=text)

    return say


@pytest.fixture
def replies() -> Iterator[Any]:
    """The runner; ``start()`` and ``stop()`` as often as one likes."""
    running: list[tuple[threading.Event, threading.Thread]] = []

    def loop(stop: threading.Event) -> None:
        try:
            runner.run(stop, QUICK)
        finally:
            connections.close_all()

    def start() -> None:
        stop = threading.Event()
        running.append((stop, threading.Thread(target=loop, args=(stop,))))
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


def until(look: Callable[[], Any], seconds: float = 15) -> Any:
    """Return what ``look`` finds, as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "this did not come to be"
        time.sleep(0.05)
    return found


def heard(chat: Chat) -> list[str]:
    """What the visitor can read of the other side."""
    public = chat.messages.filter(public=True).exclude(kind="event").exclude(author_kind="visitor")
    return list(public.order_by("seq").values_list("body", flat=True))


def agent_of(chat: Chat) -> Agent | None:
    return Chat.objects.select_related("agent").get(pk=chat.pk).agent
