"""Action cards in the inbox: drawn by the server, filled over the socket, asked for again when a frame was lost."""

import pytest
from asgiref.sync import sync_to_async

from chat.access import Actor
from chat.models import ActionCard, Command
from chat.services import cards, messages

from .line import later, next_frame

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def ask(world):
    """Return a way to let the visitor name a command."""

    def ask(chat, value="ORD-12345", name="order_lookup"):
        payload = {"metadata": {"commandType": name, "value": value}}
        return messages.post(chat, Actor.of_visitor(world.visitor), body="Where is it?", payload=payload)

    return ask


@pytest.fixture
def command(world):
    return Command.objects.create(
        workspace=world.workspace, name="order_lookup", title="Order", url="https://shop.example.com/{value}"
    )


@pytest.mark.django_db
def test_the_page_draws_the_card_and_a_stranger_is_only_text(world, talk, sit, command, ask):
    chat = talk(agent=world.operator)
    ask(chat, HOSTILE)
    ask(chat, HOSTILE, HOSTILE)
    (claimed,) = cards.claim(most=1, each=1, seconds=20)
    cards.answer(claimed, [[HOSTILE, HOSTILE], ["Paid", True], ["Note", None]])
    page = sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    assert "<img src=x" not in page
    assert page.count('data-state="answered"') == 1
    assert page.count('data-state="unknown"') == 1
    assert '<dt dir="auto">Paid</dt><dd dir="auto">Yes</dd>' in page


@pytest.mark.django_db
def test_trying_again_is_a_form_that_works_without_scripts(world, talk, sit, command, ask):
    chat = talk(agent=world.operator)
    message = ask(chat)
    ActionCard.objects.update(state="failed", problem="timeout")
    browser, address = sit(world.operator), f"/inbox/chats/{chat.uid.hex}/lookup"
    assert "The address did not answer in time." in browser.get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    for seq, status in (("", 400), ("-1", 400), ("1e3", 400), ("9" * 20, 400), ("999", 404)):
        assert browser.post(address, {"seq": seq}).status_code == status
    assert sit(world.teammate).post(address, {"seq": message.seq}).status_code in (204, 404)
    assert sit(world.outsider).post(address, {"seq": message.seq}).status_code == 404
    ActionCard.objects.update(state="failed")
    assert browser.post(address, {"seq": message.seq}, HTTP_ACCEPT="text/html").status_code == 302
    assert ActionCard.objects.get().state == "owed"


@pytest.mark.django_db(transaction=True)
async def test_a_card_comes_with_its_message_and_is_filled_live(world, talk, open_inbox, command, ask):
    chat = await later(talk)(agent=world.operator)
    line = await open_inbox(world.operator)
    await next_frame(line, "hello")
    await line.send_json_to({"type": "open", "chat": chat.uid.hex, "after": 0})
    assert (await next_frame(line, "synced"))["cards"] == []
    message = await later(ask)(chat)
    told = (await next_frame(line, "message", seq=message.seq))["message"]["card"]
    assert told == {
        "title": "Order", "name": "order_lookup", "value": "ORD-12345", "state": "owed", "answer": [], "problem": "",
    }  # fmt: skip
    (claimed,) = await later(cards.claim)(most=1, each=1, seconds=20)
    await later(cards.answer)(claimed, [["Status", "Sent"]])
    frame = await next_frame(line, "card")
    assert (frame["chat"], frame["seq"]) == (chat.uid.hex, message.seq)
    assert (frame["card"]["state"], frame["card"]["answer"]) == ("answered", [["Status", "Sent"]])


@pytest.mark.django_db(transaction=True)
async def test_a_lost_frame_is_made_up_for_by_asking(world, talk, open_inbox, command, ask):
    chat = await later(talk)(agent=world.operator)
    message, other = await later(ask)(chat), await later(ask)(chat)
    await sync_to_async(ActionCard.objects.filter(message=message).update)(state="failed", problem="busy")
    line = await open_inbox(world.operator)
    await next_frame(line, "hello")
    wanted = {"type": "sync", "chat": chat.uid.hex, "after": other.seq}
    await line.send_json_to({**wanted, "cards": [message.seq, 999]})
    synced = await next_frame(line, "synced")
    assert synced["messages"] == []
    assert [(card["seq"], card["card"]["state"]) for card in synced["cards"]] == [(message.seq, "failed")]
    for wrong in ("x", {}, [None], ["1"], [-1], [True], list(range(500))):
        await line.send_json_to({**wanted, "cards": wrong, "ref": "r"})
        assert (await next_frame(line, "error", ref="r"))["code"] == "invalid"


@pytest.mark.django_db
def test_a_page_with_many_cards_costs_one_query_more(world, talk, sit, command, ask, django_assert_max_num_queries):
    chat = talk(agent=world.operator)
    for _ in range(5):
        ask(chat)
    browser = sit(world.operator)
    with django_assert_max_num_queries(12):
        browser.get(f"/inbox/chats/{chat.uid.hex}")
