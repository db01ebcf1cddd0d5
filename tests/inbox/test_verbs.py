"""What an agent does to a chat: by script and as a plain form, with the right and without it."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Agent
from chat.access import Actor
from chat.models import Chat, Kind, Status
from chat.services import lifecycle

pytestmark = pytest.mark.django_db
FORM = {"HTTP_ACCEPT": "text/html,application/xhtml+xml"}


@pytest.fixture
def do(sit):
    def do(agent, chat, verb, data=None, **more):
        return sit(agent).post(f"/inbox/chats/{chat.uid.hex}/{verb}", data or {}, **more)

    return do


def fresh(chat: Chat) -> Chat:
    return Chat.objects.get(pk=chat.pk)


def test_taking_a_chat(world, talk, do):
    chat = talk()
    assert do(world.operator, chat, "take").status_code == 204
    assert fresh(chat).agent == world.operator


def test_assigning_to_a_colleague(world, talk, do):
    chat = talk(agent=world.operator)
    assert do(world.operator, chat, "assign", {"agent": world.supervisor.uid.hex}).status_code == 204
    assert fresh(chat).agent == world.supervisor


def test_who_is_full_is_named_as_such_in_a_sentence(world, talk, do):
    Agent.objects.filter(pk=world.supervisor.pk).update(max_chats=0)
    chat = talk(agent=world.operator)
    answer = do(world.operator, chat, "assign", {"agent": world.supervisor.uid.hex})
    assert (answer.status_code, answer.json()["error"]) == (409, "full")
    assert answer.json()["message"].endswith(".")
    assert fresh(chat).agent == world.operator


def test_assigning_to_nobody_or_to_a_stranger_changes_nothing(world, talk, do):
    chat = talk(agent=world.operator)
    for uid in ("", world.outsider.uid.hex, "nonsense"):
        assert do(world.operator, chat, "assign", {"agent": uid}).status_code == 400
    assert fresh(chat).agent == world.operator


def test_transferring_to_a_department_with_a_note(world, talk, do):
    chat = talk(agent=world.operator)
    data = {"department": world.sales.uid.hex, "reason": "Wants to buy", "note": "Be quick"}
    assert do(world.operator, chat, "transfer", data).status_code == 204
    after = fresh(chat)
    assert (after.status, after.department) == (Status.WAITING, world.sales)
    assert after.messages.filter(kind=Kind.NOTE, body="Be quick", public=False).exists()


def test_transferring_nowhere_says_what_is_missing(world, talk, do):
    answer = do(world.operator, talk(agent=world.operator), "transfer")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_closing_and_opening_again(world, talk, do):
    chat = talk(agent=world.operator)
    assert do(world.operator, chat, "close", {"reason": "Solved", "follow_up": "1"}).status_code == 204
    after = fresh(chat)
    assert (after.status, after.close_reason, after.follow_up) == (Status.CLOSED, "Solved", True)
    assert do(world.operator, chat, "close").json()["error"] == "ended"
    assert do(world.operator, chat, "reopen").status_code == 204
    assert fresh(chat).status == Status.ACTIVE


def test_tags_and_priority(world, talk, do):
    chat = talk(agent=world.operator)
    assert do(world.operator, chat, "tag", {"tag": "Refund"}).status_code == 204
    assert do(world.operator, chat, "priority", {"priority": "urgent"}).status_code == 204
    assert list(chat.tags.values_list("name", flat=True)) == ["refund"]
    assert fresh(chat).priority == 4
    assert do(world.operator, chat, "untag", {"tag": "refund"}).status_code == 204
    assert do(world.operator, chat, "priority", {"priority": "9"}).status_code == 400
    assert do(world.operator, chat, "tag", {"tag": ""}).status_code == 400
    assert not chat.tags.exists()


def test_notes_are_replaced_even_of_a_closed_chat_and_too_long_ones_change_nothing(world, talk, do):
    chat = talk(agent=world.operator)
    lifecycle.close(chat, Actor.of_agent(world.operator))
    assert do(world.operator, chat, "notes", {"notes": "Wants\r\nan invoice ", "mark": "0"}).status_code == 204
    assert fresh(chat).notes == "Wants\nan invoice"
    assert do(world.operator, chat, "notes", {"notes": "x" * 10_001}).json()["field"] == "notes"
    assert fresh(chat).notes == "Wants\nan invoice"


def test_notes_that_a_colleague_changed_meanwhile_are_not_overwritten(world, talk, do):
    chat = talk(agent=world.operator)
    assert do(world.supervisor, chat, "notes", {"notes": "Theirs", "mark": "0"}).status_code == 204
    answer = do(world.operator, chat, "notes", {"notes": "Mine", "mark": "0"})
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert fresh(chat).notes == "Theirs"
    seen = str(fresh(chat).notes_mark)
    assert do(world.operator, chat, "notes", {"notes": "", "mark": seen}).status_code == 204
    assert fresh(chat).notes == ""


def test_notes_stand_in_the_panel_as_text(world, talk, do, sit):
    chat = talk(agent=world.operator)
    do(world.operator, chat, "notes", {"notes": "</textarea><b>x"})
    page = sit(world.supervisor).get(f"/inbox/chats/{chat.uid.hex}").content.decode()
    assert "&lt;/textarea&gt;&lt;b&gt;x</textarea>" in page


@pytest.mark.parametrize(
    "verb", ["take", "assign", "transfer", "close", "reopen", "tag", "untag", "priority", "messages", "notes"]
)
def test_no_verb_works_on_a_chat_of_elsewhere(world, talk, do, verb):
    chat = talk(agent=world.operator)
    before = fresh(chat)
    data = {"agent": world.outsider.uid.hex, "tag": "mine", "priority": "low", "body": "Hi", "notes": "Hi"}
    assert do(world.outsider, chat, verb, data).status_code == 404
    after = fresh(chat)
    assert (after.agent, after.status, after.last_seq, after.priority) == (
        before.agent,
        before.status,
        before.last_seq,
        before.priority,
    )


@pytest.mark.parametrize("verb", ["visitor", "files"])
def test_neither_visitor_nor_files_of_elsewhere(world, talk, do, verb):
    assert do(world.outsider, talk(agent=world.operator), verb, {"name": "Mine now"}).status_code == 404


def test_an_unknown_verb_does_not_exist(world, talk, do):
    assert do(world.operator, talk(agent=world.operator), "destroy").status_code == 404


def test_verbs_are_posts(world, talk, sit):
    chat = talk(agent=world.operator)
    assert sit(world.operator).get(f"/inbox/chats/{chat.uid.hex}/close").status_code == 405


def test_a_verb_without_a_csrf_token_is_refused(world, talk):
    chat = talk(agent=world.operator)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.operator.user)
    assert browser.post(f"/inbox/chats/{chat.uid.hex}/close").status_code == 403
    assert fresh(chat).is_open


def test_a_plain_form_comes_back_to_the_chat(world, talk, do):
    chat = talk(agent=world.operator)
    answer = do(world.operator, chat, "messages", {"body": "By form", "kind": "note"}, **FORM)
    assert (answer.status_code, answer["Location"]) == (302, f"/inbox/chats/{chat.uid.hex}")
    assert chat.messages.filter(kind=Kind.NOTE, body="By form").exists()


def test_a_plain_form_that_fails_says_why_on_the_next_page(world, talk, sit):
    chat = talk(agent=world.operator)
    browser = sit(world.operator)
    answer = browser.post(f"/inbox/chats/{chat.uid.hex}/messages", {"body": " "}, follow=True, **FORM)
    assert "Write something." in answer.content.decode()


def test_a_plain_form_that_gives_the_chat_away_comes_back_to_the_list(world, talk, do):
    chat = talk(agent=world.operator)
    answer = do(world.operator, chat, "transfer", {"department": world.sales.uid.hex}, **FORM)
    assert answer["Location"] == "/inbox/"


def test_a_birthdate_is_corrected_and_an_impossible_one_is_not(world, talk, do):
    chat = talk(agent=world.operator)
    assert do(world.operator, chat, "visitor", {"name": "Vera", "birthdate": "1990-01-15"}).status_code == 204
    for wrong in ("2999-01-01", "1850-01-01", "15.01.199O", "1990-02-31"):
        answer = do(world.operator, chat, "visitor", {"name": "Eve", "birthdate": wrong})
        assert (answer.status_code, answer.json()["field"]) == (400, "birthdate")
        assert answer.json()["message"].endswith(".")
    world.visitor.refresh_from_db()
    assert (world.visitor.name, world.visitor.birthdate) == ("Vera", date(1990, 1, 15))


def test_what_a_page_does_not_send_stays_and_what_it_sends_empty_goes(world, talk, do):
    """A page from before a field was there must not take it away."""
    chat = talk(agent=world.operator)
    do(world.operator, chat, "visitor", {"name": "Vera", "email": "v@example.com", "birthdate": "1990-01-15"})
    assert do(world.operator, chat, "visitor", {"name": "Vera V.", "email": ""}).status_code == 204
    world.visitor.refresh_from_db()
    assert (world.visitor.name, world.visitor.email) == ("Vera V.", "")
    assert world.visitor.birthdate == date(1990, 1, 15)
    do(world.operator, chat, "visitor", {"birthdate": ""})
    world.visitor.refresh_from_db()
    assert world.visitor.birthdate is None


def test_correcting_the_visitor(world, talk, do):
    chat = talk(agent=world.operator)
    assert (
        do(world.operator, chat, "visitor", {"name": "Vera V.", "email": "v@example.com", "phone": "1"}).status_code
        == 204
    )
    world.visitor.refresh_from_db()
    assert (world.visitor.name, world.visitor.email, world.visitor.phone) == ("Vera V.", "v@example.com", "1")
    answer = do(world.operator, chat, "visitor", {"name": "Vera", "email": "no address"})
    assert (answer.status_code, answer.json()["field"]) == (400, "email")


def test_a_file_goes_up_and_is_answered_as_an_attachment(world, talk, do):
    chat = talk(agent=world.operator)
    answer = do(world.operator, chat, "files", {"file": SimpleUploadedFile("notes.txt", b"plain words")})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["type"], told["name"], told["size"]) == ("file", "notes.txt", 11)
    assert do(world.operator, chat, "files").status_code == 400
    lifecycle.close(chat, Actor.of_agent(world.operator))
    assert do(world.operator, chat, "files", {"file": SimpleUploadedFile("n.txt", b"x")}).json()["error"] == "ended"
