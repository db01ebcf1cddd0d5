"""The demo's builder writes what the services write: the same steps, played on both, give the same rows."""

from datetime import UTC, datetime
from functools import singledispatch
from random import Random

import pytest
import time_machine
from django.db import transaction

from agents.models import Presence
from chat.access import Actor
from chat.models import Chat, Message
from chat.services import assigning, lifecycle, messages, rating, starting, tagging
from chat.services.locking import lock_chat, lock_routing
from config.demo import steps, storing
from config.demo.directing import Scene
from config.demo.factories import AgentFactory, DepartmentFactory, VisitorFactory, WorkspaceFactory
from config.demo.playing import Play
from config.demo.scripts import LANGUAGES, scripts
from config.demo.week import Week

from .checks import COLUMNS, check_chat

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
ALL = [script for language in LANGUAGES for script in scripts(language)]
ENTRY = ("seq", "public_prev", "public", "kind", "author_kind", "agent", "body", "payload", "created_at",
         "delivered_at", "read_at")  # fmt: skip


@singledispatch
def do(step, chat):
    raise TypeError(step)


@do.register
def _(step: steps.VisitorSays, chat):
    messages.post(chat, Actor.of_visitor(chat.visitor), body=step.body)


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
    with time_machine.travel(START, tick=False):
        chat = starting.start(
            workspace=workspace, visitor=visitor, actor=Actor.of_visitor(visitor), department=department
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
    first, second = (VisitorFactory(workspace=workspace, name="Same Name") for _ in range(2))
    direction = scene(script, first)
    doings = direction.whole()
    department = direction.departments[script.department]
    built = in_memory(workspace, first, department, doings)
    storing.TicketCounter.objects.filter(workspace=workspace).update(last=1)
    served = on_the_services(workspace, second, department, doings)
    assert entries(built) == entries(served)
    for name in (*COLUMNS, "department", "agent", "queued_at", "updated_at", "preferred_agent"):
        assert getattr(built, name) == getattr(served, name), name
    history = ("agent", "reason", "started_at", "ended_at")
    assert list(built.assignments.values_list(*history)) == list(served.assignments.values_list(*history))
    check_chat(built)
    check_chat(served)
