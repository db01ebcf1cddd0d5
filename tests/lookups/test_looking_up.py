"""Lookups against a real server on this machine, good and bad."""

import json
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from chat.access import Actor
from chat.inbox import cards as shown
from chat.models import ActionCard, Command
from chat.services import cards
from integrations.lookups import asking, tasks, working
from tests.webhooks.receiver import Answer, BlackHole

from .conftest import json_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(asking, "SECONDS", 0.7)


@pytest.fixture
def orders(new_receiver, private_allowed):
    """Return a maker of servers; each takes its answers, the last one for ever."""

    def orders(*said):
        return new_receiver(lambda request, before: said[min(before, len(said) - 1)])

    return orders


def hurry():
    """Let what waits be due."""
    ActionCard.objects.update(next_at=timezone.now())


def test_a_card_is_filled(orders, order_lookup, say, card_of):
    server = orders(json_answer({"status": "On its way", "total": "49 USD", "margin": 12}))
    order_lookup(
        f"http://127.0.0.1:{server.port}/orders/{{value}}",
        headers="Authorization: Bearer hush",
        shown=["status = Status", "total"],
    )
    message = say("ORD/1 2")
    assert tasks.look_up() == 1
    card = card_of(message)
    assert (card.state, card.answer) == ("answered", [["Status", "On its way"], ["total", "49 USD"]])
    (asked,) = server.received
    assert (asked.method, asked.path) == ("GET", "/orders/ORD%2F1%202")
    assert asked.headers["authorization"] == "Bearer hush"
    assert tasks.look_up() == 0


def test_a_post_tells_the_value_whole_and_who_asks_only_when_proved(world, orders, order_lookup, say):
    server = orders(json_answer({"a": 1}))
    order_lookup(server.url, method="POST")
    say({"order": ["1", 2]})
    tasks.look_up()
    (asked,) = server.received
    said = json.loads(asked.body)
    assert (said["commandType"], said["value"], said["customerId"]) == ("order_lookup", {"order": ["1", 2]}, None)
    assert said["messageId"].startswith("msg_") and said["chatId"].startswith("chat_")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(404), "not_found"), (Answer(401), "not_allowed"), (Answer(400), "no_success"),
        (Answer(302, {"location": "http://127.0.0.1/"}), "no_success"), (json_answer([1]), "not_flat"),
        (json_answer(b"x" * 70_000), "too_large"), (json_answer({}), "empty"),
    ],
)  # fmt: skip
def test_what_will_never_work_says_so_at_once(orders, order_lookup, say, card_of, answer, problem):
    server = orders(answer)
    order_lookup(server.url)
    message = say()
    tasks.look_up()
    card = card_of(message)
    assert (card.state, card.problem, len(server.received)) == ("failed", problem, 1)
    assert str(shown.PROBLEMS[problem])


def test_what_may_work_later_is_tried_again_and_then_filled(orders, order_lookup, say, card_of):
    server = orders(Answer(503), json_answer({"status": "Sent"}))
    order_lookup(server.url)
    message = say()
    tasks.look_up()
    card = card_of(message)
    assert (card.state, card.attempts, card.claimed_until) == ("owed", 1, None)
    assert card.next_at > timezone.now()
    assert tasks.look_up() == 0
    hurry()
    tasks.look_up()
    assert card_of(message).answer == [["status", "Sent"]]


def test_what_never_works_ends_as_a_sentence_and_a_retry(orders, order_lookup, say, card_of, world, chat):
    server = orders(Answer(500), Answer(500), Answer(500), json_answer({"status": "Sent"}))
    order_lookup(server.url)
    message = say()
    for _ in range(3):
        tasks.look_up()
        hurry()
    assert (card_of(message).state, card_of(message).problem) == ("failed", "busy")
    assert tasks.look_up() == 0
    cards.retry(chat, Actor.of_agent(world.operator), message.seq)
    tasks.look_up()
    assert card_of(message).state == "answered"


def test_a_silent_address_and_a_slow_talker_take_no_longer_than_allowed(orders, order_lookup, say, card_of, short):
    def drip(out):
        for _ in range(100):
            out.write(b" ")
            out.flush()
            time.sleep(0.1)

    hole = BlackHole()
    for url in (hole.url, orders(Answer(200, talk=drip)).url):
        command = order_lookup(url)
        message = say()
        ActionCard.objects.filter(message=message).update(attempts=2)
        began = time.monotonic()
        tasks.look_up()
        assert time.monotonic() - began < 3
        assert card_of(message).problem == "timeout"
        command.delete()
    hole.close()


def test_an_address_of_our_own_network_is_never_asked(new_receiver, order_lookup, say, card_of):
    """Without the operator's switch. The name is checked where it connects, whatever the form let through."""
    server = new_receiver(lambda request, before: json_answer({"secret": 1}))
    for url in (server.url, f"http://localhost:{server.port}/", f"http://[::ffff:127.0.0.1]:{server.port}/"):
        command = order_lookup(url)
        message = say()
        tasks.look_up()
        card = card_of(message)
        assert (card.state, card.problem, card.attempts) == ("failed", "refused", 0)
        command.delete()
    assert server.received == []


def test_nobody_there_is_tried_again(order_lookup, say, card_of, private_allowed):
    order_lookup("http://127.0.0.1:9/")
    message = say()
    tasks.look_up()
    assert (card_of(message).state, card_of(message).attempts) == ("owed", 1)


@pytest.mark.parametrize("change", [{"active": False}, {"url": ""}])
def test_a_command_that_is_switched_off_answers_nothing_more(orders, order_lookup, say, card_of, change):
    server = orders(json_answer({"a": 1}))
    order_lookup(server.url)
    message = say()
    Command.objects.update(**change)
    tasks.look_up()
    assert (card_of(message).problem, server.received) == ("off", [])


def test_a_deleted_command_leaves_a_sentence(orders, order_lookup, say, card_of):
    order_lookup(orders(json_answer({"a": 1})).url)
    message = say()
    Command.objects.all().delete()
    tasks.look_up()
    assert card_of(message).problem == "off"


def test_a_worker_that_died_loses_nothing(orders, order_lookup, say, card_of):
    server = orders(json_answer({"a": 1}))
    order_lookup(server.url)
    message = say()
    (late,) = cards.claim(most=9, each=9, seconds=20)
    assert working.run() == 0
    assert server.received == []
    # Its lease runs out, another fills the card, and what the dead one may still write is nothing.
    ActionCard.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert working.run() == 1
    cards.fail(late, "timeout", temporary=False)
    cards.answer(late, [["b", 2]])
    assert card_of(message).answer == [["a", 1]]


def test_a_slow_address_delays_nobody_elses(world, orders, order_lookup, say, card_of, short):
    hole = BlackHole()
    order_lookup(hole.url)
    Command.objects.create(
        workspace=world.workspace, name="stock", title="Stock", url=orders(json_answer({"left": 3})).url
    )
    for _ in range(12):
        say()
    message = say(name="stock")
    began = time.monotonic()
    cards_at_once = cards.claim(most=32, each=4, seconds=20)
    assert len(cards_at_once) == 5
    assert cards.claim(most=32, each=4, seconds=20) == []  # four are on their way, and that is all of one command
    ActionCard.objects.update(claimed_until=None)
    tasks.look_up()
    assert card_of(message).state == "answered"
    assert time.monotonic() - began < 10
    hole.close()


def test_one_worker_at_a_time(orders, order_lookup, say):
    order_lookup(orders(json_answer({"a": 1})).url)
    say()
    cache.add("lookups", "another", 20)
    assert working.run() == 0
    assert cache.get("lookups") == "another"
    cache.delete("lookups")
    assert working.run() == 1
    assert cache.get("lookups") is None
