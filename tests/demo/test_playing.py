"""The demo's builder writes what the services write: the same steps, played on both, give the same rows."""

from datetime import UTC, datetime
from functools import singledispatch
from random import Random

import pytest
import time_machine
from django.db import transaction

from agents.ids import new_uid
from agents.models import Presence
from chat.access import Actor
from chat.models import ActionCard, Chat, Command, Message
from chat.services import assigning, lifecycle, messages, rating, starting, tagging
from chat.services.locking import lock_chat, lock_routing
from config.demo import steps, storing
from config.demo.directing import Scene
from config.demo.factories import AgentFactory, DepartmentFactory, VisitorFactory, WorkspaceFactory
from config.demo.people import FETCHED_BY_BOT
from config.demo.playing import Play
from config.demo.scripts import LANGUAGES, scripts
from config.demo.week import Week

from .checks import COLUMNS, check_chat

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
ALL = [script for language in LANGUAGES for script in scripts(language)]
ENTRY = ("seq", "public_prev", "public", "kind", "author_kind", "agent", "body", "payload", "created_at",
         "delivered_at", "read_at")  # fmt: skip

MORE = ("trigger_uid", "trigger_name", "department", "agent", "queued_at", "updated_at", "preferred_agent")


@singledispatch
def do(step, chat):
    raise TypeError(step)


@do.register
def _(step: steps.VisitorSays, chat):
    messages.post(chat, Actor.of_visitor(chat.visitor), body=step.body, payload=step.payload)


@do.register
def _(step: steps.AgentSays, chat):
    messages.post(chat, Actor.of_agent(step.agent), body=step.body)


@do.register
def _(step: steps.Noted, chat):
    messages.post(chat, Actor.of_agent(step.agent), kind="note", body=step.body)


@do.register
def _(step: steps.Taken, chat):
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        assigning.give(lock_chat(chat), step.agent, now=step.at, by=None, reason="routing")


@do.register
def _(step: steps.Tagged, chat):
    tagging.tag(chat, Actor.of_agent(step.agent), step.name)


@do.register
def _(step: steps.Prioritised, chat):
    tagging.set_priority(chat, Actor.of_agent(step.agent), step.priority)


@do.register
def _(step: steps.HandedOver, chat):
    assigning.transfer(chat, Actor.of_agent(step.agent), department=step.department, reason=step.reason, note=step.note)


@do.register
def _(step: steps.ReadByTeam, chat):
    messages.mark_read(chat, Actor.of_agent(step.agent), chat.last_seq)


@do.register
def _(step: steps.ReadByVisitor, chat):
    messages.mark_read(chat, Actor.of_visitor(chat.visitor), chat.last_public_seq)


@do.register
def _(step: steps.Closed, chat):
    actor = Actor.of_agent(step.agent) if step.agent else Actor.system(chat.workspace_id)
    lifecycle.close(chat, actor, reason=step.reason)


@do.register
def _(step: steps.Rated, chat):
    rating.rate(chat, Actor.of_visitor(chat.visitor), step.rating, step.comment)


@pytest.fixture
def workspace():
    return WorkspaceFactory(timezone="Asia/Ho_Chi_Minh")


@pytest.fixture
def scene(workspace):
    departments = {slug: DepartmentFactory(workspace=workspace, slug=slug) for slug in ("sales", "support", "returns")}
    team = [
        AgentFactory(
            workspace=workspace, skills=list(LANGUAGES), status=Presence.BUSY, departments=departments.values()
        )
        for _ in range(2)
    ]

    def scene(script, visitor):
        week = Week(workspace, departments, team, [visitor], START, None)
        return Scene(
            script=script,
            rng=Random(script.name),
            now=START,
            words=week._words(visitor, script.language),
            departments=departments,
            choose=lambda department, before: next(agent for agent in team if agent != before),
        )

    return scene


def on_the_services(workspace, visitor, department, doings):
    prompt = None
    if isinstance(doings[0], steps.Prompted):
        first, *doings = doings
        prompt = starting.Prompt(first.uid, first.name, first.body)
    with time_machine.travel(START, tick=False):
        chat = starting.start(
            workspace=workspace,
            visitor=visitor,
            actor=Actor.of_visitor(visitor),
            department=department,
            prompt=prompt,
        ).chat
    for step in doings:
        with time_machine.travel(step.at, tick=False):
            do(step, Chat.objects.select_related("visitor", "workspace").get(pk=chat.pk))
    return Chat.objects.get(pk=chat.pk)


def in_memory(workspace, visitor, department, doings):
    chat = Chat(workspace=workspace, visitor=visitor, department=department, created_at=START, updated_at=START,
                queued_at=START, last_message_at=START)  # fmt: skip
    storing.store_plays(workspace, [Play(chat).play(doings)])
    return Chat.objects.get(pk=chat.pk)


def entries(chat):
    return [tuple(getattr(m, name) for name in ENTRY) for m in Message.objects.filter(chat=chat).order_by("seq")]


@pytest.mark.parametrize("script", ALL, ids=lambda script: f"{script.language}-{script.name}")
def test_both_write_the_same(workspace, scene, script):
    direction = scene(script, VisitorFactory(workspace=workspace, name="Same Name"))
    same(workspace, direction.departments[script.department], direction.whole())


@pytest.mark.parametrize("script", ALL[:: len(ALL) // 3], ids=lambda script: f"{script.language}-{script.name}")
def test_both_write_the_same_of_a_bot_that_fetches_a_person(workspace, scene, script):
    direction = scene(script, VisitorFactory(workspace=workspace, name="Same Name"))
    direction.bot, direction.greeting = bot_of(workspace), FETCHED_BY_BOT[script.language]
    same(workspace, None, direction.whole())


def test_both_write_the_same_of_a_bot_that_settles_it(workspace):
    visitor, bot = VisitorFactory(workspace=workspace, name="Same Name"), bot_of(workspace)
    same(workspace, None, Week(workspace, {}, [], [visitor], START, None, bot).settled(visitor, "en", START))


@pytest.mark.parametrize("url", ["", "https://shop.example/orders/{value}"])
def test_both_write_the_same_of_a_proactive_message_and_of_an_order(workspace, scene, url):
    """The demo's cards are those that the service deals; with an address, as if it had answered long since."""
    Command.objects.create(workspace=workspace, name=steps.ORDER, title="Order", url=url)
    script = next(script for script in ALL if (script.language, script.name) == ("vi", "order-late"))
    direction = scene(script, VisitorFactory(workspace=workspace, name="Same Name"))
    direction.doings.append(steps.Prompted(START, new_uid(), "Tents", "Can we help?"))
    same(workspace, direction.departments[script.department], direction.whole())
    built, served = (
        list(ActionCard.objects.filter(message__chat=chat).order_by("message__seq"))
        for chat in Chat.objects.order_by("id")
    )
    assert built
    assert [(c.message.seq, c.title, c.command) for c in built] == [(c.message.seq, c.title, c.command) for c in served]
    assert {card.state for card in served} == {"owed" if url else "plain"}
    assert {(card.state, bool(card.answer)) for card in built} == {("answered", True) if url else ("plain", False)}


def bot_of(workspace):
    return AgentFactory(workspace=workspace, user=None, is_bot=True)


def same(workspace, department, doings):
    """Assert that these steps make the same rows on the services and in memory."""
    first, second = (VisitorFactory(workspace=workspace, name="Same Name") for _ in range(2))
    built = in_memory(workspace, first, department, doings)
    storing.TicketCounter.objects.filter(workspace=workspace).update(last=1)
    served = on_the_services(workspace, second, department, doings)
    assert entries(built) == entries(served)
    for name in (
        *COLUMNS,
        "trigger_uid",
        "trigger_name",
        "department",
        "agent",
        "queued_at",
        "updated_at",
        "preferred_agent",
    ):
        assert getattr(built, name) == getattr(served, name), name
    history = ("agent", "reason", "started_at", "ended_at")
    assert list(built.assignments.values_list(*history)) == list(served.assignments.values_list(*history))
    check_chat(built)
    check_chat(served)
