"""A message that names a command gets its card, whatever else is in the metadata."""

import pytest

from chat import commands, events
from chat.access import Actor
from chat.errors import Conflict, NotAllowed, NotFound
from chat.inbox import cards as shown
from chat.models import ActionCard, Command, Message
from chat.services import cards
from chat.snapshots import of_card, of_message

pytestmark = pytest.mark.django_db


def seen(message):
    """Return the card as an agent sees it who comes now."""
    message = Message.objects.get(pk=message.pk)
    commands.attach([message])
    return shown.card(of_message(message)["card"])


def test_a_command_without_lookup_shows_its_value(order_lookup, say):
    order_lookup()
    told = seen(say())
    assert (told["title"], told["value"], told["state"]) == ("Order", "ORD-12345", "plain")


def test_one_with_an_address_is_owed_a_lookup_in_the_same_transaction(order_lookup, say, card_of):
    order_lookup("https://shop.example.com/{value}")
    message = say()
    assert message.action_card == card_of(message)
    assert card_of(message).state == "owed"


def test_one_that_nobody_defined_is_only_text(world, say):
    Command.objects.create(workspace=world.elsewhere, name="order_lookup", title="Theirs")
    told = seen(say())
    assert (told["title"], told["name"], told["value"], told["state"]) == ("", "order_lookup", "ORD-12345", "unknown")
    assert not ActionCard.objects.exists()


def test_one_that_is_switched_off_is_only_text(order_lookup, say):
    order_lookup(active=False)
    assert seen(say())["state"] == "unknown"


@pytest.mark.parametrize("name", [None, 7, True, [], {}, ["order_lookup"], {"$ne": ""}, "", "  ", "x" * 61])
def test_what_is_no_name_is_no_command(order_lookup, say, name):
    order_lookup()
    message = say(name=name)
    assert seen(message) is None
    assert message.payload["metadata"]["commandType"] == name


@pytest.mark.parametrize("metadata", [[], "order_lookup", 5, None])
def test_metadata_may_be_anything(metadata):
    assert commands.command_of({"metadata": metadata}) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (12345, "12345"), (True, "true"), (["a", 1], '["a", 1]'), ({"id": "Đơn"}, '{"id": "Đơn"}'),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"), ("a\n\n  b", "a b"), ("x" * 1000, "x" * 299 + "…"),
    ],
)  # fmt: skip
def test_any_value_is_text_of_a_bearable_length(order_lookup, say, value, text):
    order_lookup()
    assert seen(say(value))["value"] == text


def test_a_resend_deals_no_second_card(order_lookup, say):
    order_lookup()
    assert say(client_id="a") == say(client_id="a")
    assert ActionCard.objects.count() == 1
    with pytest.raises(Conflict):
        say("ORD-2", client_id="a")


def test_messages_without_a_command_cost_nothing(world, chat, django_assert_num_queries):
    with django_assert_num_queries(0):
        commands.attach(chat.messages.none())
    with django_assert_num_queries(0):
        commands.attach([type(chat.messages.model())(payload={"metadata": {"isInternal": False}})])


def test_old_cards_keep_their_title(order_lookup, say):
    command = order_lookup()
    message = say()
    Command.objects.filter(pk=command.pk).update(title="Something else")
    assert seen(message)["title"] == "Order"
    command.delete()
    assert seen(message)["title"] == "Order"


def test_whoever_may_see_the_chat_may_try_again(world, chat, order_lookup, say, card_of):
    order_lookup("https://shop.example.com/")
    message = say()
    card = card_of(message)
    cards.retry(chat, Actor.of_agent(world.operator), message.seq)
    assert card_of(message).next_at == card.next_at
    ActionCard.objects.update(state="failed", problem="timeout", attempts=2)
    for actor, refusal in (
        (Actor.of_visitor(world.visitor), NotAllowed),
        (Actor.of_visitor(world.other_visitor), NotFound),
        (Actor.of_agent(world.outsider), NotFound),
    ):
        with pytest.raises(refusal):
            cards.retry(chat, actor, message.seq)
    with pytest.raises(NotFound):
        cards.retry(chat, Actor.of_agent(world.operator), 999)
    cards.retry(chat, Actor.of_agent(world.operator), message.seq)
    again = card_of(message)
    assert (again.state, again.problem, again.attempts) == ("owed", "", 0)


def test_a_change_is_told_to_the_team_and_rolls_back_with_it(order_lookup, say, card_of, settings, monkeypatch):
    order_lookup("https://shop.example.com/")
    message = say()
    (claimed,) = cards.claim(most=1, each=1, seconds=20)
    told = []
    monkeypatch.setattr(events, "record", told.append)
    cards.answer(claimed, [["Status", "On its way"]])
    (event,) = told
    assert isinstance(event, events.CardChanged)
    assert of_card(event.card, message)["answer"] == [["Status", "On its way"]]


def test_what_nothing_says_has_a_sentence(order_lookup, say, card_of):
    order_lookup("https://shop.example.com/")
    message = say()
    for problem in ("a word of tomorrow", *shown.PROBLEMS):
        ActionCard.objects.update(state="failed", problem=problem)
        assert seen(message)["problem"].endswith(".")
