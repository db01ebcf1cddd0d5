"""Routing under any sequence of events: no chat twice, no capacity exceeded, no orphan, order kept, hours kept."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agents.models import Agent, Department, Membership, Presence, Workspace
from agents.schedule import DAYS
from agents.services import hours
from chat.access import Actor
from chat.errors import ChatError
from chat.models import Assignment, Chat, Priority, Status, Visitor
from chat.routing import Candidate, candidates, route
from chat.services import assigning, lifecycle, messages, presence, starting
from chat.tasks import sweep
from config.demo.factories import AgentFactory, DepartmentFactory, VisitorFactory, WorkspaceFactory

SKILLS = ["vi", "uz", "billing"]
GONE = timedelta(hours=1)


class Routing(RuleBasedStateMachine):
    """A workspace with a few agents, visitors who come, and everything that can happen to their chats."""

    agents = Bundle("agents")
    chats = Bundle("chats")

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    @initialize()
    def open_shop(self) -> None:
        self.workspace: Workspace = WorkspaceFactory()
        self.departments: list[Department] = [DepartmentFactory(workspace=self.workspace) for _ in range(2)]
        self.system = Actor.system(self.workspace.pk)

    # -- what happens ----------------------------------------------------------------------------------------------

    @rule(
        target=agents,
        most=st.integers(0, 3),
        skills=st.sets(st.sampled_from(SKILLS)),
        departments=st.sets(st.integers(0, 1)),
        status=st.sampled_from(["available", "available", "busy", "away"]),
    )
    def an_agent_joins(self, most, skills, departments, status) -> int:
        agent = AgentFactory(
            workspace=self.workspace, max_chats=most, skills=sorted(skills), status=status, online=True
        )
        for n in departments:
            Membership.objects.create(agent=agent, department=self.departments[n])
        self.route()
        return agent.pk

    @rule(agent=agents, status=st.sampled_from(Presence.values))
    def an_agent_says(self, agent, status) -> None:
        presence.set_status(Agent.objects.get(pk=agent), status)
        self.route()

    @rule(agent=agents)
    def an_agent_vanishes(self, agent) -> None:
        Agent.objects.filter(pk=agent).update(lease_until=timezone.now() - GONE)
        sweep()

    @rule(agent=agents)
    def an_agent_leaves_the_team(self, agent) -> None:
        Agent.objects.filter(pk=agent).update(is_active=False)
        sweep()

    @rule(
        target=chats,
        department=st.sampled_from([None, 0, 1]),
        priority=st.sampled_from(Priority.values),
        skills=st.sets(st.sampled_from(SKILLS), max_size=1),
    )
    def a_visitor_comes(self, department, priority, skills) -> int:
        visitor: Visitor = VisitorFactory(workspace=self.workspace)
        started = starting.start(
            workspace=self.workspace,
            visitor=visitor,
            actor=Actor.of_visitor(visitor),
            department=None if department is None else self.departments[department],
            priority=priority,
            required_skills=skills,
        )
        self.route()
        return started.chat.pk

    @rule(chat=chats)
    def the_visitor_writes(self, chat) -> None:
        row = Chat.objects.select_related("visitor").get(pk=chat)
        self.attempt(messages.post, row, Actor.of_visitor(row.visitor), body="Hello?")

    @rule(chat=chats, agent=agents)
    def an_agent_answers(self, chat, agent) -> None:
        self.attempt(messages.post, self.chat(chat), Actor.of_agent(Agent.objects.get(pk=agent)), body="Hi")

    @rule(chat=chats, agent=agents)
    def somebody_assigns(self, chat, agent) -> None:
        self.attempt(assigning.assign, self.chat(chat), Agent.objects.get(pk=agent), self.system)

    @rule(chat=chats, agent=agents, department=st.sampled_from([None, 0, 1]))
    def somebody_transfers(self, chat, agent, department) -> None:
        to = None if department is None else self.departments[department]
        self.attempt(assigning.transfer, self.chat(chat), self.system, agent=Agent.objects.get(pk=agent), department=to)

    @rule(chat=chats, department=st.integers(0, 1))
    def somebody_sends_it_to_a_department(self, chat, department) -> None:
        self.attempt(assigning.transfer, self.chat(chat), self.system, department=self.departments[department])

    @rule(chat=chats)
    def somebody_closes(self, chat) -> None:
        self.attempt(lifecycle.close, self.chat(chat), self.system)

    @rule(chat=chats)
    def somebody_reopens(self, chat) -> None:
        self.attempt(lifecycle.reopen, self.chat(chat), self.system)

    @rule()
    def the_sweeper_runs(self) -> None:
        sweep()

    @rule()
    def the_shop_closes(self) -> None:
        """Whoever waits in the queue stays in it; who comes from now on is parked until tomorrow."""
        tomorrow = DAYS[(timezone.now() + timedelta(days=1)).weekday()]
        hours.set_week(self.workspace, {tomorrow: [("08:00", "17:00")]})
        self.route()

    @rule()
    def the_shop_opens(self) -> None:
        hours.always_open(self.workspace)
        sweep()
        self.route()

    @rule()
    def it_opens_tomorrow_at_eight(self) -> None:
        """The clock alone opens it, before any sweep."""
        parked = Chat.objects.of(self.workspace).filter(parked_until__isnull=False)
        past = timezone.now() - timedelta(seconds=1)
        hours.always_open(self.workspace)
        parked.update(parked_until=past, queued_at=past)
        self.route()

    # -- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def no_capacity_is_exceeded(self) -> None:
        if hasattr(self, "workspace"):
            loads = Chat.objects.of(self.workspace).filter(status=Status.ACTIVE).values("agent", "agent__max_chats")
            for load in loads.annotate(n=Count("id")).order_by():
                assert load["n"] <= load["agent__max_chats"]

    @invariant()
    def every_open_chat_is_with_someone_reachable_or_in_the_queue(self) -> None:
        if hasattr(self, "workspace"):
            for chat in Chat.objects.of(self.workspace).filter(status=Status.ACTIVE).select_related("agent"):
                assert chat.agent.is_active
                assert chat.agent.lease_until > timezone.now() - GONE / 2

    @invariant()
    def nobody_waits_whom_someone_could_serve(self) -> None:
        if hasattr(self, "workspace"):
            free = candidates(self.workspace.pk)
            for chat in Chat.objects.of(self.workspace).queued():
                assert not [c for c in free if c.fits(chat)]

    @invariant()
    def only_who_has_met_nobody_is_parked_and_only_while_the_shop_is_closed(self) -> None:
        if hasattr(self, "workspace"):
            parked = Chat.objects.of(self.workspace).filter(parked_until__isnull=False)
            for chat in parked:
                assert chat.status == Status.WAITING
                assert chat.first_assigned_at is None
                assert not hours.is_open(self.workspace)
                assert chat.queued_at == chat.parked_until == hours.next_opening(self.workspace)

    @invariant()
    def the_history_agrees_with_the_present(self) -> None:
        if hasattr(self, "workspace"):
            running = Assignment.objects.filter(workspace=self.workspace, ended_at__isnull=True)
            active = Chat.objects.of(self.workspace).filter(status=Status.ACTIVE)
            assert set(running.values_list("chat_id", "agent_id")) == set(active.values_list("id", "agent_id"))

    @invariant()
    def timelines_have_no_gap(self) -> None:
        if hasattr(self, "workspace"):
            for chat in Chat.objects.of(self.workspace):
                seqs = list(chat.messages.order_by("seq").values_list("seq", flat=True))
                assert seqs == list(range(1, chat.last_seq + 1))

    # -- helpers ---------------------------------------------------------------------------------------------------

    def chat(self, pk: int) -> Chat:
        return Chat.objects.select_related("visitor", "agent", "department", "workspace").get(pk=pk)

    def attempt(self, service, *args, **kwargs) -> None:
        with contextlib.suppress(ChatError):
            service(*args, **kwargs)
        self.route()

    def route(self) -> None:
        """Inside the test's transaction nothing commits, so what runs after COMMIT is called here.

        Whatever it places must be the best of those that fit: the order of the queue is kept.
        """
        waiting = list(Chat.objects.of(self.workspace).queued())
        expected = self.simulate(waiting, candidates(self.workspace.pk))
        route(self.workspace.pk)
        placed = {
            chat.pk: chat.agent_id for chat in Chat.objects.filter(pk__in=[c.pk for c in waiting], status=Status.ACTIVE)
        }
        assert placed == expected
        sweep()

    @staticmethod
    def simulate(waiting: list[Chat], free: list[Candidate]) -> dict[int, int]:
        """A second, slow opinion on who gets whom."""
        assert waiting == sorted(waiting, key=lambda c: (-c.priority, c.queued_at, c.pk))
        load = {c.agent.pk: c.load for c in free}
        idle = {c.agent.pk: c.agent.last_assigned_at or c.agent.created_at for c in free}
        placed: dict[int, int] = {}
        for chat in waiting:
            fit = [
                c
                for c in free
                if load[c.agent.pk] < c.agent.max_chats
                and (chat.department_id is None or chat.department_id in c.departments)
                and set(chat.required_skills) <= set(c.agent.skills)
            ]
            if not fit:
                continue
            preferred = [c for c in fit if c.agent.pk == chat.preferred_agent_id]
            if not preferred:
                least = min(load[c.agent.pk] for c in fit)
                equals = [c for c in fit if load[c.agent.pk] == least]
                preferred = sorted(equals, key=lambda c: (idle[c.agent.pk], c.agent.pk))
            chosen = preferred[0].agent.pk
            placed[chat.pk] = chosen
            load[chosen] += 1
            idle[chosen] = timezone.now()
        return placed


@pytest.mark.django_db
def test_routing_keeps_its_promises_whatever_happens():
    run_state_machine_as_test(
        Routing,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
