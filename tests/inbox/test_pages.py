"""Every page of the inbox: who sees it, what stands on it, what it costs."""

import pytest
from django.test import Client

from agents.models import Role
from chat.access import Actor
from chat.models import Kind
from chat.services import assigning, lifecycle, messages, tagging
from config.demo.factories import AgentFactory, UserFactory, VisitorFactory

pytestmark = pytest.mark.django_db
LISTS = ["/inbox/", "/inbox/waiting", "/inbox/all", "/inbox/closed"]
MOST_QUERIES = 12


@pytest.mark.parametrize("address", [*LISTS, "/inbox/counts", "/inbox/tags", "/inbox/team"])
def test_who_is_not_logged_in_is_led_to_the_login_and_back(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("who", ["owner", "admin", "supervisor", "operator"])
def test_every_role_opens_every_list(world, sit, address, who):
    answer = sit(getattr(world, who)).get(address)
    assert answer.status_code == 200
    assert 'aria-current="page"' in answer.content.decode()


def test_somebody_without_a_seat_gets_a_page_that_says_what_to_do(db):
    user = UserFactory()
    browser = Client()
    browser.force_login(user)
    answer = browser.get("/inbox/")
    assert answer.status_code == 403
    assert user.email in answer.content.decode()


def test_a_chat_shows_its_words_as_text(world, sit, talk):
    chat = talk(says="<script>alert(1)</script> & co", agent=world.operator)
    page = sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
    assert "<script>alert" not in page


def test_a_chat_can_be_opened_by_either_form_of_its_uid(world, sit, talk):
    chat = talk(agent=world.operator)
    browser = sit(world.operator)
    assert browser.get(f"/inbox/chats/{chat.uid}").status_code == 200
    assert browser.get("/inbox/chats/no-uid").status_code == 404


def test_the_list_beside_a_chat_is_the_one_where_it_stands(world, sit, talk):
    browser = sit(world.operator)
    chat = talk()
    address = f"/inbox/chats/{chat.uid.hex}"
    assert browser.get(address).context["view"] == "waiting"
    assigning.assign(chat, world.operator, Actor.of_agent(world.operator))
    assert browser.get(address).context["view"] == "mine"
    assert browser.get(address + "?view=all").context["view"] == "all"
    lifecycle.close(chat, Actor.of_agent(world.operator))
    assert browser.get(address).context["view"] == "closed"


@pytest.mark.parametrize(
    "suffix", ["", "/timeline", "/assign/form", "/transfer/form", "?part=side", "?part=conversation"]
)
def test_nobody_of_elsewhere_sees_a_chat(world, sit, talk, suffix):
    chat = talk(agent=world.operator)
    assert sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}{suffix}").status_code == 200
    assert sit(world.outsider).get(f"/inbox/chats/{chat.uid.hex}{suffix}").status_code == 404


def test_an_operator_sees_no_chat_of_other_departments(world, sit, talk):
    chat = talk(department=world.support)
    address = f"/inbox/chats/{chat.uid.hex}"
    assert sit(world.operator).get(address).status_code == 200
    assert sit(world.teammate).get(address).status_code == 404
    assert chat.uid.hex not in sit(world.teammate).get("/inbox/all").content.decode()
    assert sit(world.supervisor).get(address).status_code == 200


def test_each_list_shows_what_belongs_there(world, sit, talk):
    mine = talk(agent=world.operator)
    waiting = talk(world.other_visitor)
    closed = talk(VisitorFactory(workspace=world.workspace), agent=world.operator)
    lifecycle.close(closed, Actor.of_agent(world.operator))
    browser = sit(world.operator)
    shown = {address: {row["uid"] for row in browser.get(address).context["rows"]} for address in LISTS}
    assert shown == {
        "/inbox/": {mine.uid.hex},
        "/inbox/waiting": {waiting.uid.hex},
        "/inbox/all": {mine.uid.hex, waiting.uid.hex},
        "/inbox/closed": {closed.uid.hex},
    }


def test_a_list_goes_on_where_it_stopped(world, sit, talk, monkeypatch):
    monkeypatch.setattr("chat.inbox.contexts.ROWS", 2)
    chats = [talk(VisitorFactory(workspace=world.workspace)) for _ in range(5)]
    browser, address, seen = sit(world.operator), "/inbox/waiting", []
    while address:
        context = browser.get(address).context
        seen += [row["uid"] for row in context["rows"]]
        address = context["more_url"]
    assert seen == [chat.uid.hex for chat in chats]


def test_a_cursor_that_makes_no_sense_is_the_beginning(world, sit):
    answer = sit(world.operator).get("/inbox/all?cursor=nonsense")
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/all")


@pytest.mark.parametrize(
    ("query", "found"),
    [("vera", True), ("VERA", True), ("#{no}", True), ("{no}", True), ("nobody", False), ("%", False)],
)
def test_the_search_looks_at_names_and_ticket_numbers(world, sit, talk, query, found):
    chat = talk()
    answer = sit(world.operator).get("/inbox/all", {"q": query.format(no=chat.ticket_no)})
    assert bool(answer.context["rows"]) is found
    assert ('id="list-empty" hidden' in answer.content.decode()) is found


@pytest.mark.parametrize(
    ("view", "others"),
    [("", ["all", "closed"]), ("waiting", ["all", "closed"]), ("all", ["closed"]), ("closed", ["all"])],
)
def test_a_search_that_finds_nothing_leads_to_the_other_lists(world, sit, view, others):
    page = sit(world.operator).get(f"/inbox/{view}", {"q": "no such", "trigger": "any"}).content.decode()
    for name in ("all", "closed"):
        link = f'<a class="button" href="/inbox/{name}?q=no+such&amp;trigger=any"'
        assert (link in page) is (name in others)
    assert "/inbox/closed?" not in sit(world.operator).get(f"/inbox/{view}").content.decode()


def test_empty_lists_say_what_to_do(world, sit):
    page = sit(world.operator).get("/inbox/").content.decode()
    assert "No chats of yours" in page
    assert 'href="/inbox/waiting"' in page


def test_a_part_is_only_that_part(world, sit, talk):
    chat = talk(agent=world.operator)
    browser = sit(world.operator)
    part = browser.get("/inbox/?part=list").content.decode()
    assert 'id="rows"' in part
    assert "<html" not in part
    side = browser.get(f"/inbox/chats/{chat.uid.hex}?part=side").content.decode()
    assert 'id="panel"' in side
    assert 'id="entries"' not in side


def test_older_messages_and_the_chat_before_come_in_pieces(world, sit, talk, monkeypatch):
    monkeypatch.setattr("chat.inbox.contexts.ENTRIES", 3)
    first = talk(says="Long ago", agent=world.operator)
    lifecycle.close(first, Actor.of_agent(world.operator))
    second = talk(says="Me again", agent=world.operator)
    for n in range(4):
        messages.post(second, Actor.of_agent(world.operator), body=f"Answer {n}")
    browser = sit(world.operator)
    page = browser.get(f"/inbox/chats/{second.uid.hex}").context
    assert [entry["body"] for entry in page["entries"]] == ["Answer 1", "Answer 2", "Answer 3"]
    older = browser.get(page["older_url"]).context
    assert "Answer 0" in [entry["body"] for entry in older["entries"]]
    assert older["earlier_url"] == "" or older["older_url"] == ""
    previous = browser.get(f"/inbox/chats/{second.uid.hex}/timeline?previous=1").content.decode()
    assert f"Chat #{first.ticket_no}" in previous


def test_there_is_no_way_to_a_previous_chat_that_is_not_ones_own(world, sit, talk):
    chat = talk(agent=world.operator)
    assert sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}/timeline?previous=1").status_code == 404


def test_the_panel_says_what_is_known(world, sit, talk):
    world.visitor.email = "vera@example.com"
    world.visitor.claimed_id = "C-9"
    world.visitor.page = {"url": "javascript:alert(1)", "title": "Evil"}
    world.visitor.save()
    chat = talk(agent=world.operator)
    tagging.tag(chat, Actor.of_agent(world.operator), "refund")
    page = sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    for words in ("vera@example.com", "Unverified", "C-9", "refund", f"#{chat.ticket_no}"):
        assert words in page
    assert "javascript:" not in page


def test_notes_and_events_stand_in_the_timeline(world, sit, talk):
    chat = talk(agent=world.operator)
    messages.post(chat, Actor.of_agent(world.operator), kind=Kind.NOTE, body="Careful")
    page = sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    assert "Note, only for your team" in page
    assert "Otto took the chat" in page


def test_the_inbox_speaks_the_agents_language(world, sit):
    world.operator.user.language = "vi"
    world.operator.user.save()
    assert '<html lang="vi"' in sit(world.operator).get("/inbox/").content.decode()


def test_the_policy_allows_no_inline_script_and_no_inline_style(world, sit, talk):
    chat = talk(agent=world.operator)
    answer = sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}")
    page = answer.content.decode()
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert " style=" not in page
    assert " onclick=" not in page


@pytest.mark.parametrize("who", ["supervisor", "operator"])
@pytest.mark.parametrize(
    "address", [*LISTS, "chat", "/inbox/team", "/inbox/counts", "chat?part=side", "chat?part=conversation"]
)
def test_no_page_asks_the_database_more_than_twelve_times(
    world, sit, talk, who, address, django_assert_max_num_queries
):
    agent = getattr(world, who)
    chats = [talk(VisitorFactory(workspace=world.workspace), agent=agent) for _ in range(4)]
    for n in range(6):
        messages.post(chats[0], Actor.of_agent(agent), body=f"Line {n}")
        tagging.tag(chats[0], Actor.of_agent(agent), f"tag {n}")
    AgentFactory.create_batch(5, workspace=world.workspace, role=Role.OPERATOR)
    browser = sit(agent)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert (
            browser.get(
                address.replace("chat", f"/inbox/chats/{chats[0].uid.hex}", 1)
                if address.startswith("chat")
                else address
            ).status_code
            == 200
        )
