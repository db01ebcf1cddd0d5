"""The relay against real receivers: signed, retried with the same id, and nobody waits for anybody."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from agents.ids import encode
from chat.access import Actor
from chat.services import messages, starting
from config.demo.factories import DeliveryFactory
from integrations.webhooks import ledger, policy, relay, services
from integrations.webhooks.models import Attempt, Delivery, Subscription
from integrations.webhooks.policy import Pace
from integrations.webhooks.signing import new_secret

from .receiver import Answer, Receiver, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def subscribe(world, receiver, *names):
    return services.create(world.workspace, url=receiver.url, events=names or ["message.sent"])


def owe(subscription, how_many=1):
    return [services.send_test(subscription) for _ in range(how_many)]


def owed_now(subscription):
    """Let the waiting time of retries pass."""
    Delivery.objects.filter(subscription=subscription).update(next_at=timezone.now())
    Subscription.objects.filter(pk=subscription.pk).update(quiet_until=None)


def test_a_message_arrives_signed_as_an_independent_library_expects(world, receiver):
    subscription = subscribe(world, receiver)
    actor = Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=actor).chat
    messages.post(chat, actor, body="Tôi cần trợ giúp — o‘zbekcha ham bo‘ladi 🙏")
    assert relay.run_once() == 1
    (request,) = receiver.received
    payload = request.verified(subscription.secret)
    assert payload["type"] == "message.sent"
    assert payload["data"]["message"]["text"] == "Tôi cần trợ giúp — o‘zbekcha ham bo‘ladi 🙏"
    assert request.headers["content-type"] == "application/json"
    delivery = Delivery.objects.get()
    assert request.id == encode("delivery", delivery.uid)
    assert delivery.delivered_at
    assert delivery.attempts == 1
    assert Attempt.objects.get().status == 204


def test_a_wrong_secret_or_a_changed_body_does_not_verify(world, receiver):
    subscription = subscribe(world, receiver)
    owe(subscription)
    relay.run_once()
    (request,) = receiver.received
    with pytest.raises(WebhookVerificationError):
        request.verified(new_secret())
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription.secret).verify(request.body + b" ", request.headers)


def test_after_a_rotation_both_secrets_verify_until_the_old_one_runs_out(world, receiver):
    subscription = subscribe(world, receiver)
    old = subscription.secret
    new = services.rotate(subscription)
    owe(subscription)
    relay.run_once()
    assert receiver.received[0].verified(old) == receiver.received[0].verified(new)
    Subscription.objects.update(previous_secret_until=timezone.now())
    owe(subscription)
    relay.run_once()
    receiver.received[1].verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(old)


def test_a_failure_is_tried_again_later_with_the_same_id(world, new_receiver, private_allowed):
    receiver = new_receiver(lambda request, before: Answer(500, body=b"oops") if before == 0 else Answer())
    subscription = subscribe(world, receiver)
    (delivery,) = owe(subscription)
    assert relay.run_once() == 1
    delivery.refresh_from_db()
    assert not delivery.delivered_at
    assert timedelta(seconds=3) < delivery.next_at - timezone.now() < timedelta(seconds=7)
    assert relay.run_once() == 0, "not before its time"
    owed_now(subscription)
    assert relay.run_once() == 1
    delivery.refresh_from_db()
    assert delivery.delivered_at
    assert receiver.ids == [encode("delivery", delivery.uid)] * 2
    assert receiver.received[0].body == receiver.received[1].body
    assert [(a.status, a.response) for a in delivery.tries.all()] == [(500, "oops"), (204, "")]
    subscription.refresh_from_db()
    assert (subscription.failures, subscription.state) == (0, "on")


def test_nobody_listening_is_a_failure_with_a_reason(world, new_receiver, private_allowed):
    receiver = new_receiver()
    subscription = subscribe(world, receiver)
    receiver.close()
    owe(subscription)
    relay.run_once()
    attempt = Attempt.objects.get()
    assert attempt.status is None
    assert attempt.error
    assert Delivery.objects.get().next_at > timezone.now()


def test_redirects_are_not_followed(world, new_receiver, private_allowed):
    elsewhere = new_receiver()
    receiver = new_receiver(lambda *_: Answer(302, {"location": elsewhere.url}))
    owe(subscribe(world, receiver))
    relay.run_once()
    assert not elsewhere.received
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.error) == (302, "Redirects are not followed.")
    assert not Delivery.objects.get().delivered_at


def test_an_endless_answer_is_read_to_its_beginning_only(world, new_receiver, private_allowed):
    def talk(stream):
        while True:
            stream.write(b"blah\x00" * 1000)

    receiver = new_receiver(lambda *_: Answer(200, talk=talk))
    owe(subscribe(world, receiver))
    relay.run_once()
    assert Delivery.objects.get().delivered_at
    response = Attempt.objects.get().response
    assert len(response) < 5000
    assert "\x00" not in response, "PostgreSQL cannot store it"


def test_an_answer_that_never_ends_still_counts_by_its_status(world, new_receiver, private_allowed):
    def drip(stream):
        while True:
            stream.write(b".")
            time.sleep(0.05)

    receiver = new_receiver(lambda *_: Answer(200, talk=drip))
    owe(subscribe(world, receiver))
    relay.run_once(Pace(attempt=0.5))
    assert Delivery.objects.get().delivered_at
    assert Attempt.objects.get().milliseconds < 5000


def test_a_dead_endpoint_does_not_delay_another(world, receiver, black_hole, relaying):
    """Twenty that never answer are owed first and most; the living one has all of its own before any has timed out."""
    for _ in range(20):
        owe(subscribe(world, black_hole))
    living = subscribe(world, receiver)
    owe(living, 30)
    with relaying(Pace(endpoints=21, attempt=30, drain=0.1)):
        wait_until(lambda: Delivery.objects.filter(subscription=living, delivered_at=None).count() == 0)
        assert not Attempt.objects.filter(status=None).exists()
    assert len(set(receiver.ids)) == 30


def test_endpoints_known_to_fail_take_no_place_of_those_that_work(world, receiver, black_hole, relaying):
    """More failing endpoints than there are places at all: the one that works does not queue behind them."""
    for _ in range(6):
        subscription = subscribe(world, black_hole)
        Subscription.objects.filter(pk=subscription.pk).update(failures=1)
        owe(subscription, 2)
    living = subscribe(world, receiver)
    owe(living)
    with relaying(Pace(endpoints=1, failing_endpoints=2, attempt=30, drain=0.1)):
        wait_until(lambda: Delivery.objects.filter(subscription=living, delivered_at=None).count() == 0)
        assert not Attempt.objects.filter(status=None).exists()


def test_an_endpoint_that_never_answers_is_a_timeout(world, black_hole):
    owe(subscribe(world, black_hole))
    relay.run_once(Pace(attempt=0.3))
    assert Attempt.objects.get().error == "No complete answer within 0.3 seconds."


def test_a_failing_endpoint_is_probed_with_one_at_a_time(world, new_receiver, private_allowed):
    receiver = new_receiver(lambda *_: Answer(503))
    subscription = subscribe(world, receiver)
    owe(subscription, 30)
    relay.run_once()
    subscription.refresh_from_db()
    assert subscription.state == "failing"
    assert subscription.failures == policy.QUIET_AFTER
    assert subscription.quiet_until > timezone.now()
    # One round at full width, then single probes until it is left alone.
    width = Pace().per_endpoint
    assert policy.QUIET_AFTER <= len(receiver.received) <= width + policy.QUIET_AFTER - 1
    assert Delivery.objects.filter(attempts=0).count() == 30 - len(receiver.received)


def test_when_an_endpoint_is_back_everything_follows_at_once(world, new_receiver, private_allowed):
    """300 events of an outage: none lost, and none waits for its own long retry time once the endpoint answers."""
    up = False
    receiver = new_receiver(lambda *_: Answer(204 if up else 502))
    subscription = subscribe(world, receiver)
    deliveries = owe(subscription, 300)
    relay.run_once()
    Subscription.objects.update(quiet_until=None)
    relay.run_once()
    assert not Delivery.objects.exclude(delivered_at=None).exists()
    receiver.received.clear()
    up = True
    Subscription.objects.update(quiet_until=None)
    relay.run_once()
    assert sorted(receiver.ids) == sorted(encode("delivery", d.uid) for d in deliveries)
    assert not Delivery.objects.owed().exists()
    subscription.refresh_from_db()
    assert (subscription.failures, subscription.failing_since, subscription.state) == (0, None, "on")


def test_one_poisonous_event_does_not_stop_the_others(world, new_receiver, private_allowed):
    subscription: Subscription
    poison: Delivery

    def answers(request, before):
        return Answer(500) if request.id == encode("delivery", poison.uid) else Answer()

    subscription = subscribe(world, new_receiver(answers))
    (poison,) = owe(subscription)
    owe(subscription, 40)
    relay.run_once()
    assert Delivery.objects.exclude(delivered_at=None).count() == 40
    assert Delivery.objects.owed().get() == poison
    subscription.refresh_from_db()
    assert subscription.quiet_until is None


def test_retry_after_is_honoured(world, new_receiver, private_allowed):
    receiver = new_receiver(lambda *_: Answer(429, {"retry-after": "120"}))
    subscription = subscribe(world, receiver)
    owe(subscription, 20)
    relay.run_once()
    assert len(receiver.received) <= Pace().per_endpoint
    subscription.refresh_from_db()
    assert timedelta(seconds=100) < subscription.quiet_until - timezone.now() < timedelta(seconds=121)


def test_it_is_tried_for_72_hours_and_then_given_up(world, new_receiver, private_allowed):
    receiver = new_receiver(lambda *_: Answer(500))
    subscription = subscribe(world, receiver)
    (delivery,) = owe(subscription)
    for hours, given_up in ((71.9, False), (72, True)):
        owed_now(subscription)
        Delivery.objects.update(owed_since=timezone.now() - timedelta(hours=hours))
        relay.run_once()
        delivery.refresh_from_db()
        assert bool(delivery.failed_at) is given_up
    owed_now(subscription)
    assert relay.run_once() == 0, "what was given up is not tried again by itself"
    assert delivery.tries.count() == 2


def test_retries_come_ever_more_slowly_and_span_72_hours():
    delays = [policy.next_try(attempts).total_seconds() for attempts in range(1, 40)]
    assert delays[0] < 10
    assert max(delays) <= 6 * 3600 * 1.2
    tries, passed = 0, 0.0
    while passed < policy.TRY_FOR.total_seconds():
        passed += delays[tries]
        tries += 1
    assert 12 <= tries <= 30
    assert len({policy.next_try(5) for _ in range(20)}) > 1, "jitter"


def test_persistent_failure_pauses_and_resuming_sends_what_waited(world, new_receiver, private_allowed):
    up = False
    receiver = new_receiver(lambda *_: Answer(200 if up else 500))
    subscription = subscribe(world, receiver)
    owe(subscription, 3)
    Subscription.objects.update(failures=20, failing_since=timezone.now() - policy.PAUSE_AFTER)
    relay.run_once()
    subscription.refresh_from_db()
    assert subscription.state == "paused"
    assert "Nothing but failures since" in subscription.pause_reason
    DeliveryFactory.create_batch(2, subscription=subscription)
    owed_now(subscription)
    assert relay.run_once() == 0, "paused means left alone"
    up = True
    services.resume(subscription)
    assert relay.run_once() == 5
    assert not Delivery.objects.owed().exists()
    assert subscription.state == "on"


def test_an_endpoint_that_says_gone_is_paused_at_once(world, new_receiver, private_allowed):
    subscription = subscribe(world, new_receiver(lambda *_: Answer(410)))
    owe(subscription)
    relay.run_once()
    subscription.refresh_from_db()
    assert subscription.state == "paused"
    assert "410" in subscription.pause_reason


def test_what_is_switched_off_is_sent_nothing(world, receiver):
    subscription = subscribe(world, receiver)
    owe(subscription)
    services.update(subscription, active=False)
    assert relay.run_once() == 0
    services.update(subscription, active=True)
    assert relay.run_once() == 1


def test_replay_sends_the_same_id_and_content_again(world, receiver):
    subscription = subscribe(world, receiver)
    (delivery,) = owe(subscription)
    relay.run_once()
    services.replay(delivery)
    relay.run_once()
    assert len(receiver.received) == 2
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.received[0].body == receiver.received[1].body
    assert delivery.tries.count() == 2


def test_a_range_is_replayed_and_nothing_outside_of_it(world, receiver):
    subscription, other = subscribe(world, receiver), subscribe(world, receiver)
    deliveries = owe(subscription, 5)
    owe(other, 2)
    now = timezone.now()
    for age, delivery in enumerate(deliveries):
        Delivery.objects.filter(pk=delivery.pk).update(created_at=now - timedelta(hours=age))
    relay.run_once()
    Delivery.objects.filter(pk=deliveries[1].pk).update(delivered_at=None, failed_at=now)
    receiver.received.clear()
    since, until = now - timedelta(hours=3), now - timedelta(minutes=30)
    assert services.replay_range(subscription, since=since, until=until, failed_only=True) == 1
    assert services.replay_range(subscription, since=since, until=until) == 3
    relay.run_once()
    assert sorted(receiver.ids) == sorted(encode("delivery", d.uid) for d in deliveries[1:4])


def test_a_subscription_deleted_while_its_delivery_is_on_its_way_breaks_nothing(world, new_receiver, private_allowed):
    subscription: Subscription

    def answers(request, before):
        Subscription.objects.filter(pk=subscription.pk).delete()
        return Answer()

    subscription = subscribe(world, new_receiver(answers))
    owe(subscription)
    relay.run_once()
    assert not Attempt.objects.exists()


def test_a_running_relay_is_woken_by_the_event_itself(world, receiver, relaying):
    subscribe(world, receiver)
    actor = Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=actor).chat
    with relaying(Pace(poll=60)):
        time.sleep(0.5)
        messages.post(chat, actor, body="anybody there?")
        wait_until(lambda: receiver.received)
        wait_until(lambda: not Delivery.objects.owed().exists())


def test_several_relays_share_the_work_and_send_nothing_twice(world, receiver, relaying):
    for _ in range(3):
        owe(subscribe(world, receiver), 40)
    with relaying(Pace(poll=0.05)), relaying(Pace(poll=0.05)), relaying(Pace(poll=0.05)):
        wait_until(lambda: not Delivery.objects.owed().exists())
    assert len(receiver.ids) == len(set(receiver.ids)) == 120


def test_deliveries_older_than_a_month_are_forgotten(world, receiver):
    subscription = subscribe(world, receiver)
    old, fresh = owe(subscription, 2)
    relay.run_once()
    Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - policy.KEEP - timedelta(hours=1))
    assert ledger.prune() == 1
    assert ledger.prune() == 0
    assert list(Delivery.objects.all()) == [fresh]


def test_a_receiver_that_was_never_resumed_is_switched_off_in_the_end(world, receiver):
    subscription = subscribe(world, receiver)
    Subscription.objects.update(paused_at=timezone.now() - policy.KEEP - timedelta(hours=1))
    ledger.prune()
    subscription.refresh_from_db()
    assert subscription.state == "off"


def test_the_helpers_of_these_tests_can_tell_the_truth(new_receiver):
    receiver: Receiver = new_receiver()
    assert receiver.ids == []
    with pytest.raises(AssertionError):
        wait_until(lambda: False, 0.1)
