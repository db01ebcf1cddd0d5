"""Chats that began by answering a proactive message: marked in every list, and a list can be narrowed down to them."""

import uuid

import pytest

from agents.models import Agent
from chat import triggers
from chat.access import Actor
from chat.inbox import rendering
from chat.models import Chat
from chat.services import assigning, lifecycle, messages, starting
from chat.services.starting import Prompt
from chat.snapshots import of_chat
from config.demo.factories import VisitorFactory

pytestmark = pytest.mark.django_db
LISTS = ["/inbox/", "/inbox/waiting", "/inbox/all", "/inbox/closed"]
PRICES, EXIT = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def answer(world):
    """Return a chat that a visitor began by answering a trigger's message."""

    def answer(trigger=PRICES, name="Prices", *, workspace=None, visitor_name="Vera", department=None) -> Chat:
        Agent.objects.update(status="busy")
        visitor = VisitorFactory(workspace=workspace or world.workspace, name=visitor_name)
        actor = Actor.of_visitor(visitor)
        prompt = Prompt(uid=trigger, name=name, text="Any questions?")
        chat = starting.start(
            workspace=visitor.workspace, visitor=visitor, actor=actor, prompt=prompt, department=department
        ).chat
        messages.post(chat, actor, body="Yes")
        return Chat.objects.select_related("visitor", "agent", "department", "workspace").get(pk=chat.pk)

    return answer


def shown(answer) -> set[str]:
    return {row["uid"] for row in answer.context["rows"]}


def test_a_row_tells_which_trigger_was_answered(world, sit, talk, answer):
    answer()
    talk()
    rows = sit(world.operator).get("/inbox/all").context["rows"]
    assert {row["trigger_label"] for row in rows} == {"", "Answered the trigger “Prices”"}
    page = sit(world.operator).get("/inbox/all").content.decode()
    # One in a row; the other row's and the blank one's are hidden.
    assert page.count('title="Answered the trigger “Prices”" >') == 1
    assert page.count('data-slot="trigger" title="" hidden>') == 2


def test_the_socket_tells_it_too(answer, talk):
    assert rendering.row(of_chat(answer()))["trigger"] == {"uid": PRICES.hex, "name": "Prices"}
    assert rendering.row(of_chat(talk()))["trigger"] is None


def test_every_list_can_be_narrowed_to_one_trigger_or_to_any(world, sit, talk, answer):
    actor = Actor.of_agent(world.operator)
    for state in ("waiting", "mine", "closed"):
        for chat in (answer(), answer(EXIT, "Exit"), talk(VisitorFactory(workspace=world.workspace))):
            if state != "waiting":
                assigning.assign(chat, world.operator, actor)
            if state == "closed":
                lifecycle.close(chat, actor)
    browser = sit(world.operator)
    for address in LISTS:
        everything = browser.get(address).context["rows"]
        assert len(everything) >= 3
        for trigger, wanted in ((PRICES.hex, {PRICES.hex}), (str(EXIT), {EXIT.hex}), ("any", {PRICES.hex, EXIT.hex})):
            expected = {row["uid"] for row in everything if (row["trigger"] or {}).get("uid") in wanted}
            assert expected
            assert shown(browser.get(f"{address}?trigger={trigger}")) == expected


def test_the_filter_goes_on_to_the_next_page_and_beside_a_chat(world, sit, talk, answer, monkeypatch):
    monkeypatch.setattr("chat.inbox.contexts.ROWS", 2)
    chats = [answer() for _ in range(5)]
    for _ in range(3):
        talk(VisitorFactory(workspace=world.workspace))
    browser, address, seen = sit(world.operator), f"/inbox/waiting?trigger={PRICES.hex}", []
    while address:
        context = browser.get(address).context
        seen += [row["uid"] for row in context["rows"]]
        address = context["more_url"]
    assert seen == [chat.uid.hex for chat in chats]
    page = browser.get(f"/inbox/chats/{chats[0].uid.hex}?view=all&trigger={PRICES.hex}")
    assert {row["trigger"]["uid"] for row in page.context["rows"]} == {PRICES.hex}
    assert page.context["list_query"] == f"?view=all&trigger={PRICES.hex}"


def test_a_search_stays_within_the_trigger(world, sit, talk, answer):
    vera, _victor = answer(), answer(visitor_name="Victor")
    talk()
    page = sit(world.operator).get("/inbox/all", {"trigger": PRICES.hex, "q": "vera"})
    assert shown(page) == {vera.uid.hex}
    nothing = sit(world.operator).get("/inbox/all", {"trigger": PRICES.hex, "q": "nobody"}).content.decode()
    assert f'<a class="button quiet" href="/inbox/all?trigger={PRICES.hex}">Clear the search</a>' in nothing


def test_a_trigger_of_elsewhere_has_no_chats_here_and_no_name(world, sit, talk, answer):
    answer(EXIT, "Their secret", workspace=world.elsewhere)
    talk()
    page = sit(world.operator).get(f"/inbox/all?trigger={EXIT.hex}")
    assert not page.context["rows"]
    assert "Their secret" not in page.content.decode()
    assert "No such chats here" in page.content.decode()
    assert "Their secret" not in sit(world.operator).get("/inbox/triggers").content.decode()


def test_an_operator_is_shown_no_chats_of_other_departments(world, sit, answer):
    chat = answer(department=world.support)
    assert shown(sit(world.operator).get("/inbox/all?trigger=any")) == {chat.uid.hex}
    assert shown(sit(world.teammate).get("/inbox/all?trigger=any")) == set()


@pytest.mark.parametrize("address", ["/inbox/all", "/inbox/triggers", "chat"])
def test_a_trigger_that_makes_no_sense_is_left_out(world, sit, talk, address):
    address = address.replace("chat", f"/inbox/chats/{talk().uid.hex}")
    answer = sit(world.operator).get(f"{address}?trigger=nonsense")
    assert (answer.status_code, answer["Location"]) == (302, address)


def test_the_menu_has_each_trigger_by_its_latest_name(world, sit, answer):
    answer(EXIT, "Old name")
    answer(EXIT, "Exit")
    answer()
    choices = sit(world.operator).get(f"/inbox/triggers?view=closed&trigger={EXIT}").context["choices"]
    assert [(choice["label"], choice["url"], choice["current"]) for choice in choices] == [
        ("All chats", "/inbox/closed", False),
        ("Any trigger", "/inbox/closed?trigger=any", False),
        ("Exit", f"/inbox/closed?trigger={EXIT.hex}", True),
        ("Prices", f"/inbox/closed?trigger={PRICES.hex}", False),
    ]


def test_without_answered_triggers_the_menu_says_so(world, sit, talk):
    talk()
    assert (
        "No visitor has answered a trigger yet."
        in sit(world.operator).get("/inbox/triggers?part=menu").content.decode()
    )


def test_the_menu_hops_from_trigger_to_trigger(world, answer, django_assert_num_queries):
    for n in range(1, 6):
        answer(uuid.UUID(int=n), f"Trigger {n}")
        answer(uuid.UUID(int=n), f"Trigger {n}")
    with django_assert_num_queries(1):
        found = triggers.named(world.workspace.pk)
    assert found == [(uuid.UUID(int=n), f"Trigger {n}") for n in range(1, 6)]


@pytest.mark.parametrize("address", [*LISTS, "/inbox/triggers"])
def test_a_narrowed_list_costs_no_more_than_any_page_may(world, sit, answer, address, django_assert_max_num_queries):
    for _ in range(3):
        answer()
    browser = sit(world.operator)
    with django_assert_max_num_queries(12):
        assert browser.get(f"{address}?trigger={PRICES.hex}").status_code == 200
