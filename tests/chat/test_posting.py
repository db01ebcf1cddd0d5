"""Posting: one door, one order, nothing twice."""

import threading

import pytest
from django.db import connection, transaction

from chat.access import Actor
from chat.errors import Conflict, Ended, Full, Invalid, NotAllowed, NotFound
from chat.models import Attachment, Chat, Kind, Message, Status
from chat.services import assigning, lifecycle, messages, starting
from config.demo.factories import SubscriptionFactory
from integrations.webhooks import bell
from tests.world import World


@pytest.fixture
def chat(world: World) -> Chat:
    """A chat of Vera's that Otto has."""
    started = starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor))
    return assigning.assign(started.chat, world.operator, Actor.system(world.workspace.pk))


def visitor(world: World) -> Actor:
    return Actor.of_visitor(world.visitor)


def otto(world: World) -> Actor:
    return Actor.of_agent(world.operator)


def test_messages_are_numbered_without_a_gap(world, chat):
    for n in range(3):
        messages.post(chat, visitor(world), body=f"Hello {n}")
    messages.post(chat, otto(world), body="Hi")
    seqs = list(chat.messages.values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_the_visitors_prev_skips_what_only_the_team_sees(world, chat):
    first = messages.post(chat, visitor(world), body="Hello")
    messages.post(chat, otto(world), kind=Kind.NOTE, body="A regular")
    answer = messages.post(chat, otto(world), body="Hi")
    assert answer.public_prev == first.seq
    assert answer.seq == first.seq + 2


def test_the_same_client_id_again_returns_the_stored_message(world, chat):
    sent = messages.post(chat, visitor(world), body="Hello", client_id="a")
    again = messages.post(chat, visitor(world), body="Hello", client_id="a")
    assert again.pk == sent.pk
    assert chat.messages.filter(client_id="a").count() == 1


def test_the_same_client_id_with_another_text_is_a_conflict(world, chat):
    messages.post(chat, visitor(world), body="Hello", client_id="a")
    with pytest.raises(Conflict):
        messages.post(chat, visitor(world), body="Goodbye", client_id="a")


def test_two_authors_may_choose_the_same_client_id(world, chat):
    mine = messages.post(chat, visitor(world), body="Hello", client_id="a")
    theirs = messages.post(chat, otto(world), body="Hi", client_id="a")
    assert mine.pk != theirs.pk


def test_a_resend_after_the_end_still_finds_its_message(world, chat):
    sent = messages.post(chat, visitor(world), body="Hello", client_id="a")
    lifecycle.close(chat, otto(world))
    assert messages.post(chat, visitor(world), body="Hello", client_id="a").pk == sent.pk
    with pytest.raises(Ended):
        messages.post(chat, visitor(world), body="More", client_id="b")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("content", {"body": "   "}),
        ("content", {"body": "x" * 10_001}),
        ("content", {"body": "a\x00b"}),
        ("content", {"body": "\ud800"}),
        ("type", {"body": "x", "kind": "event"}),
        ("type", {"body": "x", "kind": "shout"}),
        ("client_id", {"body": "x", "client_id": ""}),
        ("client_id", {"body": "x", "client_id": "x" * 101}),
        ("metadata", {"body": "x", "payload": {"a": float("nan")}}),
        ("metadata", {"body": "x", "payload": {"a": "\x00"}}),
        ("metadata", {"body": "x", "payload": {"a": "x" * 40_000}}),
    ],
)
def test_what_cannot_be_stored_is_refused_and_changes_nothing(world, chat, field, wrong):
    before = chat.messages.count()
    with pytest.raises(Invalid) as refused:
        messages.post(chat, visitor(world), **wrong)
    assert refused.value.field == field
    assert chat.messages.count() == before


def test_a_message_has_so_many_files_and_no_more(world, chat):
    files = [Attachment(workspace=world.workspace, chat=chat, name="a.txt") for _ in range(messages.FILES_LIMIT + 1)]
    with pytest.raises(Invalid) as refused:
        messages.post(chat, visitor(world), attachments=files)
    assert refused.value.field == "attachments"


@pytest.mark.parametrize("seq", [-1, True, "1", 1.0, None])
def test_a_receipt_is_up_to_a_number(world, chat, seq):
    messages.post(chat, otto(world), body="Hi")
    for mark in (messages.mark_read, messages.mark_delivered):
        with pytest.raises(Invalid):
            mark(chat, visitor(world), seq)
    chat.refresh_from_db()
    assert chat.unread_by_visitor == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_the_commit_takes_nothing_back(world, chat, monkeypatch, caplog):
    """Whoever sent it is told that it is stored, because it is."""

    def break_off():
        raise RuntimeError("the bell is broken")

    SubscriptionFactory(workspace=world.workspace, events=["message.sent"])
    monkeypatch.setattr(bell, "ring", break_off)
    sent = messages.post(chat, visitor(world), body="Hello", client_id="a")
    assert chat.messages.get(client_id="a").pk == sent.pk
    assert "stored; what should have followed failed" in caplog.text


def test_an_outsider_finds_no_such_chat(world, chat):
    for stranger in (
        Actor.of_visitor(world.stranger),
        Actor.of_agent(world.outsider),
        Actor.of_visitor(world.other_visitor),
    ):
        with pytest.raises(NotFound):
            messages.post(chat, stranger, body="Let me in")


def test_a_visitor_writes_no_notes(world, chat):
    with pytest.raises(NotAllowed):
        messages.post(chat, visitor(world), kind=Kind.NOTE, body="psst")


def test_a_note_leaves_the_visitors_summary_alone(world, chat):
    messages.post(chat, visitor(world), body="Hello")
    before = Chat.objects.get(pk=chat.pk)
    messages.post(chat, otto(world), kind=Kind.NOTE, body="Secret")
    after = Chat.objects.get(pk=chat.pk)
    assert after.last_seq == before.last_seq + 1
    assert (after.last_public_seq, after.last_message_text) == (before.last_public_seq, "Hello")
    assert (after.unread_by_visitor, after.message_count) == (before.unread_by_visitor, before.message_count)


def test_answering_a_waiting_chat_takes_it(world):
    world.operator.max_chats = 1
    world.operator.save()
    world.supervisor.status = world.admin.status = world.owner.status = world.teammate.status = "busy"
    for agent in (world.supervisor, world.admin, world.owner, world.teammate, world.operator):
        agent.status = "busy"
        agent.save()
    waiting = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor(world)).chat
    assert waiting.status == Status.WAITING
    messages.post(waiting, otto(world), body="Here I am")
    taken = Chat.objects.get(pk=waiting.pk)
    assert (taken.status, taken.agent) == (Status.ACTIVE, world.operator)
    second = starting.start(
        workspace=world.workspace, visitor=world.other_visitor, actor=Actor.of_visitor(world.other_visitor)
    ).chat
    with pytest.raises(Full):
        messages.post(second, otto(world), body="One too many")


def test_unread_counts_follow_what_was_written_and_read(world, chat):
    messages.post(chat, visitor(world), body="One")
    two = messages.post(chat, visitor(world), body="Two")
    messages.post(chat, visitor(world), body="Three")
    assert Chat.objects.get(pk=chat.pk).unread_by_team == 3
    messages.mark_read(chat, otto(world), two.seq)
    now = Chat.objects.get(pk=chat.pk)
    assert (now.unread_by_team, now.read_by_team_seq) == (1, two.seq)
    assert Message.objects.get(pk=two.pk).read_at is not None
    messages.post(chat, otto(world), body="Answer")
    now = Chat.objects.get(pk=chat.pk)
    assert (now.unread_by_team, now.unread_by_visitor) == (0, 1)
    messages.mark_read(chat, visitor(world), now.last_public_seq)
    assert Chat.objects.get(pk=chat.pk).unread_by_visitor == 0


def test_reading_goes_never_back_and_never_beyond_the_end(world, chat):
    sent = messages.post(chat, visitor(world), body="One")
    messages.mark_read(chat, otto(world), 10_000)
    messages.mark_read(chat, otto(world), 1)
    assert Chat.objects.get(pk=chat.pk).read_by_team_seq == sent.seq


def test_a_read_message_was_delivered(world, chat):
    sent = messages.post(chat, otto(world), body="Hi")
    messages.mark_read(chat, visitor(world), sent.seq)
    stored = Message.objects.get(pk=sent.pk)
    assert stored.delivered_at is not None
    assert stored.read_at is not None


def test_response_time_runs_from_the_first_unanswered_message_to_a_person(world, chat):
    one = messages.post(chat, visitor(world), body="One")
    messages.post(chat, visitor(world), body="Two")
    messages.post(chat, Actor.of_workspace(world.workspace), body="We got your message")
    waiting = Chat.objects.get(pk=chat.pk)
    assert (waiting.unanswered_since, waiting.first_response_at) == (one.created_at, None)
    answer = messages.post(chat, otto(world), body="Yes?")
    done = Chat.objects.get(pk=chat.pk)
    assert (done.unanswered_since, done.response_turns) == (None, 1)
    assert done.response_seconds == pytest.approx((answer.created_at - one.created_at).total_seconds())
    assert done.first_response_at == answer.created_at


def test_files_join_the_message_they_were_sent_with(world, chat):
    file = Attachment.objects.create(
        workspace=world.workspace, chat=chat, external_url="https://files.example/a.pdf", name="a.pdf"
    )
    sent = messages.post(chat, visitor(world), kind=Kind.FILE, attachments=[file])
    assert [a.name for a in Message.objects.get(pk=sent.pk).attachments.all()] == ["a.pdf"]
    assert Chat.objects.get(pk=chat.pk).last_message_text == "a.pdf"


def test_a_rolled_back_message_leaves_neither_row_nor_number(world, chat):
    before = Chat.objects.get(pk=chat.pk).last_seq
    with pytest.raises(RuntimeError), transaction.atomic():
        messages.post(chat, visitor(world), body="Never was")
        raise RuntimeError
    assert Chat.objects.get(pk=chat.pk).last_seq == before == chat.messages.count()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_one_order(world):
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor(world)).chat
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for n in range(10):
                messages.post(chat, visitor(world), body=f"{name} {n}", client_id=f"{name}-{n}")
                messages.post(chat, visitor(world), body=f"{name} {n}", client_id=f"{name}-{n}")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    entries = list(chat.messages.order_by("seq").values_list("seq", "body", "kind"))
    assert [seq for seq, _, _ in entries] == list(range(1, len(entries) + 1))
    texts = [body for _, body, kind in entries if kind == Kind.TEXT]
    assert len(texts) == len(set(texts)) == 50
    for n in range(5):
        assert [t for t in texts if t.startswith(f"t{n} ")] == [f"t{n} {k}" for k in range(10)]
