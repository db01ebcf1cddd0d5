"""The search finds what was said, who said it and the ticket, and only what its reader may see."""

import pytest
from django.db import connection, transaction

from agents.models import Agent
from chat import finding, indexing, queries, tokens
from chat.access import Actor
from chat.models import Chat, ChatWords
from chat.services import assigning, lifecycle, locking, messages, visitors
from chat.tasks import index_words
from config.demo.factories import DepartmentFactory, VisitorFactory
from tests.elsewhere import elsewhere


@pytest.fixture
def say(world, begin):
    """Return a starter of chats with an agent: each text is a message of another visitor's chat."""

    def start(*texts: str, **options) -> Chat:
        visitor = options.pop("visitor", None) or VisitorFactory(workspace=world.workspace)
        chat = begin(visitor=visitor, **options)
        for text in texts:
            messages.post(chat, Actor.of_visitor(visitor), body=text)
        return chat

    return start


def found(who: Agent, search: str, view="all", **options) -> list[int]:
    """Return the tickets that somebody finds, after the search has caught up."""
    index_words()
    return [chat.ticket_no for chat in queries.chat_rows(Actor.of_agent(who), view, search=search, **options)[0]]


@pytest.mark.parametrize(
    "search",
    ["giao hàng", "giao hang", "GIAO HÀNG", "đâu", "dau", "hàng đâu giao", "gia", "#đâu?", "ord77", "don ORD77 gia"],
)
def test_words_of_any_message_are_found_without_marks_and_case(world, say, search):
    chat = say("Chào shop", "Giao hàng đến đâu rồi?", "Đơn ORD77")
    say("Tôi muốn hỏi chuyện khác")
    assert found(world.owner, search) == [chat.ticket_no]


@pytest.mark.parametrize("search", ["giao nowhere", "iao", "gi", "&", "!!!", "' | '", "#closed", "#d0"])
def test_all_words_must_be_there_from_their_beginning(world, say, search):
    say("Giao hàng đến đâu rồi?")
    assert found(world.owner, search) == []


@pytest.mark.parametrize(
    "search",
    ["giao' OR 'x", "giao:* & !x", 'giao" NOT "x', "~giao", "giao\x00 %", "(giao", "giao*", "gi\\ao", "x" * 100],
)
def test_whatever_is_typed_is_words(world, say, search):
    say("giao x hàng")
    found(world.owner, search)


def test_a_new_visitor_is_found_before_anything_is_indexed(world, say):
    chat = say("Hello", visitor=world.visitor)
    rows, following = queries.chat_rows(Actor.of_agent(world.owner), "all", search=world.visitor.name[:3])
    assert ([row.pk for row in rows], following) == ([chat.pk], "")


def test_what_is_said_later_is_found_too(world, say):
    chat = say("First words", visitor=world.visitor)
    assert found(world.owner, "second") == []
    messages.post(chat, Actor.of_visitor(world.visitor), body="Second thoughts")
    assert found(world.owner, "second first") == [chat.ticket_no]


def test_notes_are_found_and_event_lines_are_not(world, say):
    chat = say("Hello")
    assigning.assign(chat, world.operator, Actor.of_agent(world.owner))
    messages.post(chat, Actor.of_agent(world.operator), kind="note", body="Suspicious")
    assert found(world.owner, "suspicious") == [chat.ticket_no]
    assert found(world.owner, "assigned") == []


def test_nobody_of_another_workspace_finds_anything(world, say):
    say("Our secret", visitor=world.visitor)
    assert found(world.outsider, "secret") == []


def test_operators_find_what_is_theirs(world, say):
    sales = DepartmentFactory(workspace=world.workspace)
    theirs, taken = say("Needle", department=sales), say("Needle", department=sales)
    assigning.assign(taken, world.operator, Actor.of_agent(world.owner))
    free = say("Needle")
    Chat.objects.filter(pk=free.pk).update(department=None)
    assert found(world.operator, "needle") == [free.ticket_no, taken.ticket_no]
    assert found(world.operator, "needle", "mine") == [taken.ticket_no]
    assert found(world.owner, "needle") == [free.ticket_no, taken.ticket_no, theirs.ticket_no]


def test_each_list_finds_its_own(world, say):
    waits, had, ended = say("Needle"), say("Needle"), say("Needle")
    assigning.assign(had, world.operator, Actor.of_agent(world.owner))
    lifecycle.close(ended, Actor.of_agent(world.owner))
    assert found(world.owner, "needle", "waiting") == [waits.ticket_no]
    assert found(world.owner, "needle", "all") == [had.ticket_no, waits.ticket_no]
    assert found(world.owner, "needle", "closed") == [ended.ticket_no]


def test_a_chat_that_moved_since_makes_room_for_the_next(world, say):
    kept, gone = say("Needle"), say("Needle")
    index_words()
    lifecycle.close(gone, Actor.of_agent(world.owner))
    rows, following = queries.chat_rows(Actor.of_agent(world.owner), "all", search="needle", limit=1)
    assert ([row.pk for row in rows], following) == ([kept.pk], "")


def test_a_renamed_visitor_is_found_by_the_new_name_alone(world, say):
    chat = say("Hello", visitor=VisitorFactory(workspace=world.workspace, name="Before"))
    assert found(world.owner, "before") == [chat.ticket_no]
    visitors.update(chat.visitor, Actor.of_agent(world.owner), name="Afterwards")
    assert found(world.owner, "afterwards") == [chat.ticket_no]
    assert found(world.owner, "before") == []


def test_a_chat_that_is_forgotten_while_it_is_indexed_is_indexed_again(world, say):
    chat = say("Hello")
    read = list(Chat.objects.select_related("visitor"))
    for _time in range(2):
        indexing.forget(Chat.objects.all())
        indexing._note(read)
        read = list(Chat.objects.select_related("visitor"))
        assert read[0].words_seq < chat.last_seq


def test_a_chat_in_which_people_keep_talking_keeps_no_other_out(world, say, monkeypatch):
    busy, quiet = say("Hay"), say("Needle")
    monkeypatch.setattr(indexing, "AT_ONCE", 1)
    plain, looks = indexing._documents, []

    def while_they_talk(chats):
        looks.append(len(chats))
        messages.post(busy, Actor.of_visitor(busy.visitor), body=f"Hay {len(looks)}")
        return plain(chats)

    monkeypatch.setattr(indexing, "_documents", while_they_talk)
    assert found(world.owner, "needle") == [quiet.ticket_no]
    assert len(looks) == 2, "each is looked at once, and what was said meanwhile is left for the next time"
    assert found(world.owner, "hay") == [busy.ticket_no]


if connection.vendor == "postgresql":  # SQLite has one writer at a time

    @pytest.mark.django_db(transaction=True)
    def test_nobody_waits_for_a_chat_that_somebody_writes_to(world, say):
        chat = say("Needle")
        with transaction.atomic():
            locking.lock_chat(chat)
            elsewhere(index_words)
        assert Chat.objects.get().words_seq < chat.last_seq, "nor is it taken for known"
        assert found(world.owner, "needle") == [chat.ticket_no]


def test_deleted_chats_are_gone_from_the_index(world, say):
    chat = say("Needle")
    index_words()
    question = finding.question(Actor.of_agent(world.owner), "needle", "all", None)
    assert question
    assert finding.newest(question, 10) == [chat.pk]
    chat.delete()
    assert finding.newest(question, 10) == []
    assert not ChatWords.objects.exists()


def test_pages_go_on_over_shelves_and_show_each_chat_once(world, say, monkeypatch):
    monkeypatch.setattr(tokens, "SHELF", 3)
    tickets = [say("Needle").ticket_no for _ in range(5)]
    for _ in range(7):
        say("Hay")
    tickets += [say("Needle").ticket_no for _ in range(4)]
    index_words()
    seen, cursor = [], ""
    while True:
        rows, cursor = queries.chat_rows(Actor.of_agent(world.owner), "all", search="needle", limit=2, cursor=cursor)
        seen += [row.ticket_no for row in rows]
        if not cursor:
            break
    assert seen == sorted(tickets, reverse=True)


def test_an_endless_chat_keeps_a_document_of_bounded_size(world, say, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 10)
    say(" ".join(f"word{n}" for n in range(100)))
    index_words()
    words = tokens.words_in(ChatWords.objects.get().tokens)
    assert len(words) <= 10


def test_a_search_costs_three_statements(world, say, django_assert_max_num_queries):
    for _ in range(5):
        say("Needle")
    index_words()
    with django_assert_max_num_queries(4):
        rows, _cursor = queries.chat_rows(Actor.of_agent(world.owner), "all", search="needle")
    assert len(rows) == 5
