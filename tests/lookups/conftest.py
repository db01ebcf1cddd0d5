"""A command that asks a real address on this machine, and visitors who name it."""

import json

import pytest

from chat.access import Actor
from chat.models import ActionCard, Command
from chat.services import messages, starting
from tests.webhooks.receiver import Answer


def json_answer(said, status=200, **headers):
    """Return an answer with this as its body."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Answer(status, {"content-type": "application/json", **headers}, body)


@pytest.fixture
def chat(world):
    return starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat


@pytest.fixture
def say(world, chat):
    """Return a way to post a message with metadata."""

    def say(value="ORD-12345", name="order_lookup", client_id=None, **metadata):
        payload = {"metadata": {"commandType": name, "value": value, **metadata}}
        return messages.post(
            chat, Actor.of_visitor(world.visitor), body="Where is it?", payload=payload, client_id=client_id
        )

    return say


@pytest.fixture
def order_lookup(world):
    """Return a maker of the command."""

    def make(url="", **fields):
        return Command.objects.create(workspace=world.workspace, name="order_lookup", title="Order", url=url, **fields)

    return make


@pytest.fixture
def card_of():
    def card_of(message):
        return ActionCard.objects.get(message=message)

    return card_of
