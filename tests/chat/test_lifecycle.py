"""From the first word to the end, and after it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.models import Agent
from agents.services import presence as leases
from chat.access import Actor
from chat.errors import ChatError, Conflict, Ended, Full, Invalid, NotAllowed, NotFound, Offline
from chat.models import Assignment, Chat, Kind, Message, Status
from chat.services import assigning, lifecycle, messages, presence, rating, starting, tagging, visitors
from chat.tasks import sweep
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def system(world: World) -> Actor:
    return Actor.system(world.workspace.pk)


def start(world: World, **fields) -> Chat:
    visitor = fields.pop("visitor", world.visitor)
    return starting.start(workspace=visitor.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **fields).chat


def nobody_is_free(world: World) -> None:
    Agent.objects.filter(workspace=world.workspace).update(status="busy")


def fresh(chat: Chat) -> Chat:
    return Chat.objects.get(pk=chat.pk)


# -- starting --------------------------------------------------------------------------------------------------------


def test_a_new_chat_goes_to_a_free_agent_of_its_department(world):
    chat = start(world, department=world.sales)
    assert (chat.status, chat.agent) == (Status.ACTIVE, world.teammate)
    assert chat.first_assigned_at is not None
    assert Assignment.objects.get(chat=chat).agent == world.teammate


def test_a_chat_for_which_nobody_is_free_waits(world):
    nobody_is_free(world)
    chat = start(world)
    assert (chat.status, chat.agent, chat.ticket_no) == (Status.WAITING, None, 1)


def test_ticket_numbers_count_up_in_each_workspace_by_itself(world):
    assert [start(world).ticket_no, start(world, visitor=world.other_visitor).ticket_no] == [1, 2]
    assert start(world, visitor=world.stranger).ticket_no == 1


def test_starting_again_returns_the_open_chat(world):
    first = start(world)
    again = starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor))
    assert (again.chat.pk, again.created) == (first.pk, False)


def test_a_start_whose_answer_was_lost_is_sent_again(world):
    first = start(world, start_key="k")
    lifecycle.close(first, system(world))
    assert start(world, start_key="k").pk == first.pk
    with pytest.raises(Conflict):
        start(world, visitor=world.other_visitor, start_key="k")


def test_writing_again_after_the_end_continues_the_conversation_with_the_same_agent(world):
    first = start(world, department=world.sales)
    lifecycle.close(first, system(world))
    Agent.objects.filter(pk=world.teammate.pk).update(last_assigned_at=timezone.now())
    second = start(world)
    assert second.previous == first
    assert second.conversation_uid == first.conversation_uid
    assert (second.agent, second.department) == (world.teammate, world.sales)


def test_the_database_holds_one_open_chat_a_conversation(world):
    chat = start(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Chat.objects.create(
            workspace=world.workspace, visitor=world.visitor, ticket_no=99, conversation_uid=chat.conversation_uid
        )


@pytest.mark.parametrize("wrong", [{"channel": "pigeon"}, {"priority": 9}])
def test_a_start_with_unknown_words_is_refused(world, wrong):
    with pytest.raises(Invalid):
        start(world, **wrong)
    assert not Chat.objects.exists()


def test_nothing_starts_across_workspaces(world):
    foreign = world.elsewhere
    with pytest.raises(NotFound):
        starting.start(workspace=foreign, visitor=world.visitor, actor=Actor.of_visitor(world.visitor))
    with pytest.raises(NotFound):
        starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.other_visitor))


# -- assigning and transferring --------------------------------------------------------------------------------------


def test_assigning_needs_an_agent_who_is_there_and_has_room(world):
    nobody_is_free(world)
    chat = start(world)
    Agent.objects.filter(pk=world.teammate.pk).update(lease_until=None)
    with pytest.raises(Offline):
        assigning.assign(chat, world.teammate, system(world))
    Agent.objects.filter(pk=world.operator.pk).update(max_chats=0)
    with pytest.raises(Full):
        assigning.assign(chat, world.operator, system(world))
    with pytest.raises(NotFound):
        assigning.assign(chat, world.outsider, system(world))
    assert fresh(chat).status == Status.WAITING


def test_assigning_twice_to_the_same_agent_says_it_once(world):
    nobody_is_free(world)
    chat = start(world)
    assigning.assign(chat, world.operator, system(world))
    assigning.assign(chat, world.operator, system(world))
    assert chat.messages.filter(payload__event="assigned").count() == 1


def test_a_transfer_keeps_its_note_inside_and_its_history(world):
    nobody_is_free(world)
    chat = assigning.assign(start(world, department=world.support), world.operator, system(world))
    assigning.transfer(
        chat,
        Actor.of_agent(world.operator),
        agent=world.teammate,
        department=world.sales,
        reason="Wants to buy",
        note="Budget approved",
    )
    now = fresh(chat)
    assert (now.agent, now.department, now.status) == (world.teammate, world.sales, Status.ACTIVE)
    note = chat.messages.get(kind=Kind.NOTE)
    assert (note.body, note.public, note.agent) == ("Budget approved", False, world.operator)
    line = chat.messages.get(payload__event="transferred")
    assert line.payload["reason"] == "Wants to buy"
    assert [a.agent for a in chat.assignments.all()] == [world.operator, world.teammate]
    assert chat.assignments.filter(ended_at__isnull=True).get().agent == world.teammate


def test_a_transfer_to_a_department_waits_in_its_queue(world):
    nobody_is_free(world)
    chat = assigning.assign(start(world, department=world.support), world.operator, system(world))
    assigning.transfer(chat, system(world), department=world.sales)
    assert (fresh(chat).status, fresh(chat).agent, fresh(chat).department) == (Status.WAITING, None, world.sales)
    presence.set_status(world.teammate, "available")
    assert fresh(chat).agent == world.teammate


def test_a_refused_transfer_changes_nothing_not_even_the_note(world):
    nobody_is_free(world)
    chat = assigning.assign(start(world), world.operator, system(world))
    Agent.objects.filter(pk=world.teammate.pk).update(lease_until=None)
    before = fresh(chat).last_seq
    with pytest.raises(Offline):
        assigning.transfer(chat, system(world), agent=world.teammate, department=world.sales, note="Take this")
    assert (fresh(chat).last_seq, fresh(chat).department, fresh(chat).agent) == (before, None, world.operator)


# -- the end ---------------------------------------------------------------------------------------------------------


def test_an_ended_chat_refuses_everything_but_reading(world):
    chat = start(world)
    lifecycle.close(chat, Actor.of_visitor(world.visitor), reason="done")
    assert (fresh(chat).status, fresh(chat).close_reason) == (Status.CLOSED, "done")
    calls = [
        lambda: messages.post(chat, Actor.of_visitor(world.visitor), body="x"),
        lambda: assigning.assign(chat, world.operator, system(world)),
        lambda: assigning.transfer(chat, system(world), department=world.sales),
        lambda: lifecycle.close(chat, system(world)),
    ]
    for call in calls:
        with pytest.raises(Ended):
            call()


def test_closing_makes_room_for_the_next_in_line(world):
    Agent.objects.filter(workspace=world.workspace).exclude(pk=world.operator.pk).update(status="busy")
    Agent.objects.filter(pk=world.operator.pk).update(max_chats=1)
    first = start(world)
    second = start(world, visitor=world.other_visitor)
    assert (first.agent, second.status) == (world.operator, Status.WAITING)
    lifecycle.close(first, system(world))
    assert fresh(second).agent == world.operator


def test_reopening_gives_it_back_to_its_agent_or_to_the_queue(world):
    nobody_is_free(world)
    chat = assigning.assign(start(world), world.operator, system(world))
    lifecycle.close(chat, system(world))
    lifecycle.reopen(chat, Actor.of_agent(world.supervisor))
    assert (fresh(chat).status, fresh(chat).agent, fresh(chat).closed_at) == (Status.ACTIVE, world.operator, None)
    lifecycle.close(chat, system(world))
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=None)
    lifecycle.reopen(chat, system(world))
    assert (fresh(chat).status, fresh(chat).agent, fresh(chat).preferred_agent) == (
        Status.WAITING,
        None,
        world.operator,
    )


def test_a_chat_is_not_reopened_under_a_newer_one(world):
    first = start(world)
    lifecycle.close(first, system(world))
    start(world)
    with pytest.raises(Conflict):
        lifecycle.reopen(first, system(world))


def test_a_visitor_does_not_reopen(world):
    chat = start(world)
    lifecycle.close(chat, system(world))
    with pytest.raises(NotAllowed):
        lifecycle.reopen(chat, Actor.of_visitor(world.visitor))


# -- rating and tags -------------------------------------------------------------------------------------------------


def test_the_visitor_rates_also_after_the_end_and_the_last_word_counts(world):
    chat = start(world)
    lifecycle.close(chat, system(world))
    visitor = Actor.of_visitor(world.visitor)
    rating.rate(chat, visitor, 2)
    rating.rate(chat, visitor, 5, "Thanks after all")
    rating.rate(chat, visitor, 5, "Thanks after all")
    assert (fresh(chat).rating, fresh(chat).rating_comment) == (5, "Thanks after all")
    assert chat.messages.filter(payload__event="rated").count() == 2


@pytest.mark.parametrize("wrong", [0, 6, "5", True, 4.5, None])
def test_a_rating_is_one_to_five(world, wrong):
    chat = start(world)
    with pytest.raises(Invalid):
        rating.rate(chat, Actor.of_visitor(world.visitor), wrong)
    assert fresh(chat).rating is None


def test_agents_and_strangers_do_not_rate(world):
    chat = start(world)
    with pytest.raises(NotAllowed):
        rating.rate(chat, Actor.of_agent(world.operator), 5)
    with pytest.raises(NotFound):
        rating.rate(chat, Actor.of_visitor(world.other_visitor), 1)


def test_tags_are_one_whatever_their_case(world):
    chat = start(world)
    otto = Actor.of_agent(world.operator)
    assert tagging.tag(chat, otto, "  VIP  Client ") == ["vip client"]
    assert tagging.tag(chat, otto, "vip client") == ["vip client"]
    assert tagging.set_tags(chat, otto, ["billing", "Refund"]) == ["billing", "refund"]
    assert tagging.untag(chat, otto, "refund") == ["billing"]
    lines = [m.payload["event"] for m in chat.messages.filter(payload__event__in=["tagged", "untagged"])]
    assert lines == ["tagged", "tagged", "tagged", "untagged", "untagged"]
    assert not Message.objects.filter(chat=chat, payload__event="tagged", public=True).exists()


@pytest.mark.parametrize("wrong", ["", "   ", "x" * 61, 7, "a\x00"])
def test_a_tag_is_a_short_text(world, wrong):
    with pytest.raises(Invalid):
        tagging.tag(start(world), Actor.of_agent(world.operator), wrong)


def test_priority_moves_a_chat_forward_in_the_queue(world):
    nobody_is_free(world)
    first = start(world)
    second = start(world, visitor=world.other_visitor)
    tagging.set_priority(second, Actor.of_agent(world.operator), 4)
    assert [c.pk for c in Chat.objects.of(world.workspace).waiting()] == [second.pk, first.pk]


# -- presence and the sweeper ----------------------------------------------------------------------------------------


def test_chats_of_an_agent_who_is_gone_too_long_are_routed_again(world, settings):
    nobody_is_free(world)
    chat = assigning.assign(start(world), world.operator, system(world))
    just_gone = timezone.now() - timedelta(seconds=settings.ORPHAN_GRACE_SECONDS / 2)
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=just_gone)
    sweep()
    assert fresh(chat).agent == world.operator
    long_gone = timezone.now() - timedelta(seconds=settings.ORPHAN_GRACE_SECONDS + 1)
    Agent.objects.filter(pk=world.operator.pk).update(lease_until=long_gone)
    sweep()
    now = fresh(chat)
    assert (now.status, now.agent, now.preferred_agent) == (Status.WAITING, None, world.operator)
    assert chat.messages.get(payload__event="queued").public is False


def test_the_lease_of_one_who_said_offline_is_not_renewed_by_an_open_page(world):
    presence.set_status(world.operator, "offline")
    leases.renew([world.operator.pk])
    now = Agent.objects.get(pk=world.operator.pk)
    assert now.presence() == "offline"
    assert now.lease_until <= timezone.now()
    presence.set_status(world.operator, "available")
    assert Agent.objects.get(pk=world.operator.pk).presence() == "available"


def test_who_becomes_available_gets_the_queue(world):
    nobody_is_free(world)
    chat = start(world)
    presence.set_status(world.operator, "available")
    assert fresh(chat).agent == world.operator


# -- visitors --------------------------------------------------------------------------------------------------------


def test_a_visitor_is_changed_by_the_team_and_by_themselves_only(world):
    visitors.update(world.visitor, Actor.of_agent(world.operator), email="vera@example.com", phone="+998 90 123 45 67")
    world.visitor.refresh_from_db()
    assert world.visitor.email == "vera@example.com"
    for stranger in (Actor.of_agent(world.outsider), Actor.of_visitor(world.other_visitor)):
        with pytest.raises(NotFound):
            visitors.update(world.visitor, stranger, name="Mallory")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "not an address"},
        {"name": "x" * 201},
        {"name": 7},
        {"name": "a\x00"},
        {"birthdate": "1990-13-01"},
        {"birthdate": "2999-01-01"},
        {"custom_fields": []},
        {"custom_fields": {"a": "x" * 20_000}},
        {"verified": True},
        {"workspace_id": 1},
    ],
)
def test_what_is_wrong_with_a_visitors_data_is_named(world, wrong):
    with pytest.raises(Invalid) as refused:
        visitors.update(world.visitor, Actor.of_agent(world.operator), **wrong)
    assert refused.value.field
    world.visitor.refresh_from_db()
    assert world.visitor.name == "Vera"


def test_errors_have_sentences():
    for kind in (ChatError, NotFound, NotAllowed, Ended, Offline, Full, Conflict, Invalid):
        assert str(kind().message).endswith(".")
