"""Relays in processes of their own: killed, asked to stop, and nothing is missing."""

import json
import os
import signal
import time

import pytest

from agents.ids import encode
from integrations.webhooks import services
from integrations.webhooks.models import Attempt, Delivery

from .receiver import Answer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = ("--poll", "0.1", "--lease", "1.5", "--attempt", "1")


def test_a_relay_killed_between_sending_and_marking_loses_nothing(world, new_receiver, private_allowed, spawn_relay):
    """The receiver itself kills the relay while it holds the answer to the 25th request back: sent, not marked."""
    victims = []

    def answers(request, before):
        if before == 24:
            os.kill(victims[0].pid, signal.SIGKILL)
            time.sleep(0.2)
        return Answer()

    receiver = new_receiver(answers)
    subscription = services.create(world.workspace, url=receiver.url, events=["message.sent"])
    expected = {encode("delivery", services.send_test(subscription).uid) for _ in range(60)}
    victims.append(spawn_relay(*QUICK))
    assert victims[0].wait(90) == -signal.SIGKILL
    assert Delivery.objects.owed().exists()
    spawn_relay(*QUICK)
    wait_until(lambda: not Delivery.objects.owed().exists(), 90)
    assert set(receiver.ids) == expected
    bodies: dict[str, set[bytes]] = {}
    for request in receiver.received:
        request.verified(subscription.secret)
        bodies.setdefault(request.id, set()).add(request.body)
    assert all(len(body) == 1 for body in bodies.values()), "a repetition is the same, word for word"
    assert receiver.ids.count(receiver.ids[24]) == 2, "what was sent and not marked comes again"


def test_a_relay_asked_to_stop_finishes_what_is_on_its_way(world, new_receiver, private_allowed, spawn_relay):
    def answers(request, before):
        time.sleep(1)
        return Answer()

    receiver = new_receiver(answers)
    subscription = services.create(world.workspace, url=receiver.url, events=["message.sent"])
    for _ in range(30):
        services.send_test(subscription)
    process = spawn_relay("--poll", "0.1")
    wait_until(lambda: receiver.received)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    sent = Delivery.objects.exclude(delivered_at=None)
    assert sent.count() == Attempt.objects.count() == len(receiver.received) == len(set(receiver.ids)) < 30
    assert not Delivery.objects.owed().exclude(claimed_until=None).exists(), "nothing stays claimed"


def test_once_sends_what_is_due_and_ends(world, receiver, spawn_relay):
    subscription = services.create(world.workspace, url=receiver.url, events=["message.sent"])
    services.send_test(subscription)
    assert spawn_relay("--once").wait(90) == 0
    assert json.loads(receiver.received[0].body)["type"] == "webhook.test"
