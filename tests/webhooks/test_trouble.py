"""What a relay does when something is in its way: the database, another relay, the end of its process."""

import asyncio
import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from chat import events
from chat.access import Actor
from chat.services import starting
from config.demo.factories import DeliveryFactory
from integrations import threads
from integrations.setting_up import create_bot
from integrations.webhooks import ledger, outbox, policy, relay, services
from integrations.webhooks.models import Attempt, Delivery, Subscription
from integrations.webhooks.policy import Pace
from integrations.webhooks.sending import Outcome

from .receiver import Answer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hook(world, receiver):
    return services.create(world.workspace, url=receiver.url, events=["message.sent"])


@pytest.fixture
def line(world, private_allowed):
    """Return a maker of a bot's line to a receiver, which is owed this much."""

    def make(receiver, how_many):
        create_bot(world.workspace, "caller", transport="http", url=receiver.url)
        subscription = Subscription.every.get(transport="bot_http")
        return subscription, [DeliveryFactory(subscription=subscription) for _ in range(how_many)]

    return make


def failed(delivery, status=500):
    return Outcome(delivery.pk, timezone.now(), "https://example.com", 1, status=status)


def served(stop, pace=None):
    """Return a relay that has run until it was told to stop."""
    runner = relay.Relay(stop, pace or Pace(poll=0.02))
    asyncio.run(runner.serve())
    return runner


def state(deliveries):
    """Return, in their order, what has become of them."""
    rows = Delivery.objects.in_bulk([delivery.pk for delivery in deliveries])
    found = [rows[delivery.pk] for delivery in deliveries]
    return [
        "sent" if d.delivered_at else "given up" if d.failed_at else "claimed" if d.claimed_until else "owed"
        for d in found
    ]


# --- The database ---------------------------------------------------------------------------------------------------


def test_a_database_that_is_away_is_waited_for_and_said_once(hook, receiver, relaying, monkeypatch, caplog):
    services.send_test(hook)
    owing, troubles = ledger.owing, [OperationalError("gone")] * 3

    def stumble():
        if troubles:
            raise troubles.pop()
        return owing()

    monkeypatch.setattr(threads, "_PAUSES", ())  # away for longer than a call has patience
    monkeypatch.setattr(ledger, "owing", stumble)
    with caplog.at_level(logging.INFO, logger=relay.logger.name), relaying(Pace(poll=0.02)):
        wait_until(lambda: receiver.received)
        wait_until(lambda: "on its feet again" in caplog.text)
    assert caplog.text.count("The relay stumbled") == 1


def test_a_lane_that_breaks_off_takes_no_other_with_it(world, hook, receiver, relaying, monkeypatch, caplog):
    other = services.create(world.workspace, url=receiver.url, events=["message.sent"])
    broken, sent = services.send_test(hook), services.send_test(other)
    claim = ledger.claim

    def break_off(subscription_id, **options):
        if subscription_id == hook.pk:
            raise RuntimeError("broken")
        return claim(subscription_id, **options)

    monkeypatch.setattr(ledger, "claim", break_off)
    relay.run_once()
    assert state([broken, sent]) == ["owed", "sent"]
    assert "A lane of the relay broke off" in caplog.text


def test_claims_that_cannot_be_given_back_run_out_by_themselves(hook, new_receiver, monkeypatch, caplog):
    stop = threading.Event()

    def answers(request, before):
        stop.set()
        time.sleep(0.5)
        return Answer()

    hook.url = new_receiver(answers).url
    hook.save()
    delivery = services.send_test(hook)

    def away(ids):
        raise OperationalError("gone")

    monkeypatch.setattr(ledger, "release", away)
    served(stop, Pace(poll=0.02, drain=0.05, lease=1))
    assert "Claims could not be given back" in caplog.text
    assert state([delivery]) == ["claimed"]
    Delivery.objects.update(claimed_until=timezone.now())
    relay.run_once()
    assert state([delivery]) == ["sent"]


def test_once_an_hour_it_forgets_what_is_kept_no_longer(hook):
    old = services.send_test(hook)
    Delivery.objects.update(created_at=timezone.now() - policy.KEEP - timedelta(hours=1), delivered_at=timezone.now())
    stop = threading.Event()
    runner = relay.Relay(stop, Pace(poll=0.02))
    runner._prune_at = 0
    thread = threading.Thread(target=lambda: asyncio.run(runner.serve()))
    thread.start()
    wait_until(lambda: not Delivery.objects.filter(pk=old.pk).exists())
    wait_until(lambda: runner._prune_at > time.monotonic() + 3000)
    stop.set()
    thread.join(30)


# --- Another relay --------------------------------------------------------------------------------------------------


def test_what_another_relay_has_delivered_stays_delivered(hook):
    delivery = services.send_test(hook)
    batch = ledger.claim(hook.pk, most=1, lease=1)
    Delivery.objects.update(delivered_at=timezone.now())
    ledger.settle(batch, [failed(delivery)])
    assert state([delivery]) == ["sent"]
    assert Attempt.objects.get().status == 500


def test_a_failure_of_what_was_deleted_meanwhile_is_nobodys(hook):
    delivery = services.send_test(hook)
    batch = ledger.claim(hook.pk, most=1, lease=1)
    hook.delete()
    ledger.settle(batch, [failed(delivery)])
    assert not Attempt.objects.exists()


def test_a_line_that_another_relay_is_at_is_left_to_it(line, receiver):
    subscription, (first, second) = line(receiver, 2)
    Delivery.objects.filter(pk=first.pk).update(claimed_until=timezone.now() + timedelta(hours=1))
    assert ledger.claim(subscription.pk, most=8, lease=1) is None
    assert relay.run_once() == 0
    assert state([first, second]) == ["claimed", "owed"]


# --- A bot's line -----------------------------------------------------------------------------------------------------


def test_what_fails_holds_up_the_rest_of_its_line_and_is_tried_again_soon(line, new_receiver, monkeypatch):
    assert timedelta(seconds=0.7) < policy.quiet_in_order(1) < timedelta(seconds=1.3)
    monkeypatch.setattr(policy, "quiet_in_order", lambda failures: timedelta(minutes=failures))
    receiver = new_receiver(lambda request, before: Answer(500) if before in (1, 2) else Answer())
    subscription, owed = line(receiver, 3)
    assert relay.run_once() == 3, "once more at once, because one before it was taken; then not before its time"
    assert state(owed) == ["sent", "owed", "owed"]
    subscription.refresh_from_db()
    assert subscription.failures == 1
    assert timedelta(0) < subscription.quiet_until - timezone.now() <= timedelta(minutes=1)
    Subscription.every.update(quiet_until=None)
    relay.run_once()
    assert state(owed) == ["sent", "sent", "sent"]
    bodies = [request.body for request in receiver.received]
    assert bodies[1] == bodies[2] == bodies[3]


def test_what_a_bot_refuses_for_good_holds_up_nobody(line, new_receiver):
    _subscription, owed = line(new_receiver(lambda request, before: Answer(422) if before == 1 else Answer()), 3)
    relay.run_once()
    assert state(owed) == ["sent", "given up", "sent"]


def test_a_relay_that_is_stopped_gives_the_rest_of_a_line_back(line, new_receiver):
    stop = threading.Event()

    def answers(request, before):
        stop.set()
        return Answer()

    _subscription, owed = line(new_receiver(answers), 3)
    served(stop)
    assert state(owed) == ["sent", "owed", "owed"]


def test_a_long_line_is_marked_while_it_goes_on(line, new_receiver, monkeypatch):
    monkeypatch.setattr(relay, "_MARK_EVERY", -1)
    seen = []
    receiver = new_receiver(lambda request, before: seen.append(Attempt.objects.count()) or Answer())
    _subscription, owed = line(receiver, 3)
    relay.run_once()
    assert seen == [0, 1, 2]
    assert state(owed) == ["sent", "sent", "sent"]


# --- The outbox -------------------------------------------------------------------------------------------------------


def test_several_events_that_no_webhook_can_hear_cost_nothing(world, django_assert_num_queries):
    visitor = Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    with django_assert_num_queries(0):
        outbox.record([events.ChatUpdated(workspace_id=world.workspace.pk, chat=chat)] * 2)
