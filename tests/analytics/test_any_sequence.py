"""Whatever happens, in whatever order, at whatever time: the rollups say what the rows say."""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from agents.models import Agent, Department, Workspace
from agents.services import hours as opening_hours
from analytics import chats as lists
from analytics import counting, queries, rollups, timelines
from analytics.models import ChatHour, Rollup
from analytics.queries import Filter, Span
from analytics.spans import DAY
from chat.access import Actor
from chat.errors import ChatError
from chat.models import Assignment, Chat, Message, Tag, Visitor
from chat.services import assigning, lifecycle, messages, parking, rating, starting, tagging
from chat.services.locking import lock_chat
from config.demo.factories import AgentFactory, DepartmentFactory, VisitorFactory, WorkspaceFactory

from . import brute

# Whole, half and three quarter hours; daylight saving of an hour and of half an hour; both sides of the date line.
ZONES = ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns"]
# Shortly before clocks change in one of them, before a month ends, and an ordinary day.
TIMES = [
    datetime(2025, 11, 2, 4, 50, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 40, tzinfo=UTC),
    datetime(2026, 4, 4, 14, 40, tzinfo=UTC),
    datetime(2026, 1, 31, 17, 50, tzinfo=UTC),
    datetime(2026, 2, 18, 9, 7, tzinfo=UTC),
]
WIDGETS = [None, uuid.UUID(int=1), uuid.UUID(int=2)]
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


class Anything(RuleBasedStateMachine):
    """A workspace, three people and a bot, a few visitors, and a clock that jumps."""

    chats = Bundle("chats")

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.travel = time_machine.travel(TIMES[0], tick=False)
        self.clock = self.travel.start()

    def teardown(self) -> None:
        try:
            self.figures_are_true()
            self.counting_everything_anew_changes_nothing()
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    @initialize(zone=st.sampled_from(ZONES), start=st.sampled_from(TIMES), keeps_hours=st.booleans())
    def open_shop(self, zone, start, keeps_hours) -> None:
        self.clock.move_to(start)
        self.workspace: Workspace = WorkspaceFactory(timezone=zone)
        self.keeps_hours = keeps_hours
        if keeps_hours:
            opening_hours.set_week(
                self.workspace, {day: [("09:00", "17:00")] for day in ("monday", "wednesday", "sunday")}
            )
        self.departments: list[Department] = [DepartmentFactory(workspace=self.workspace) for _ in range(2)]
        ready = {"workspace": self.workspace, "lease_until": FOREVER, "max_chats": 100}
        self.people: list[Agent] = [AgentFactory(**ready) for _ in range(3)]
        self.bot: Agent = AgentFactory(**ready, user=None, is_bot=True)
        self.visitors: list[int] = [VisitorFactory(workspace=self.workspace).pk for _ in range(3)]
        self.system = Actor.system(self.workspace.pk)

    # -- what happens ----------------------------------------------------------------------------------------------

    @rule(
        target=chats,
        who=st.integers(0, 2),
        channel=st.sampled_from(["website", "zalo"]),
        department=st.sampled_from([None, 0, 1]),
        widget=st.sampled_from(WIDGETS),
        page=st.sampled_from(["", "/tents", "/boots"]),
        says=st.booleans(),
    )
    def a_visitor_comes(self, who, channel, department, widget, page, says) -> int:
        rollups.catch_up()
        visitor = Visitor.objects.get(pk=self.visitors[who])
        started = starting.start(
            workspace=self.workspace,
            visitor=visitor,
            actor=Actor.of_visitor(visitor),
            channel=channel,
            department=self.department(department),
            widget_uid=widget,
            page=counting.told_apart(workspace_id=self.workspace.pk, widget_uid=widget, page=page) if widget else "",
        )
        if says:
            messages.post(started.chat, Actor.of_visitor(visitor), body="Hello?")
        return started.chat.pk

    @rule(chat=chats)
    def the_visitor_writes(self, chat) -> None:
        self.attempt(chat, lambda row: messages.post(row, Actor.of_visitor(row.visitor), body="Hello?"))

    @rule(chat=chats, who=st.integers(0, 2))
    def somebody_answers(self, chat, who) -> None:
        self.attempt(chat, lambda row: messages.post(row, Actor.of_agent(self.people[who]), body="Hi"))

    @rule(chat=chats, who=st.integers(0, 2))
    def somebody_notes(self, chat, who) -> None:
        self.attempt(chat, lambda row: messages.post(row, Actor.of_agent(self.people[who]), kind="note", body="Hm"))

    @rule(chat=chats)
    def the_bot_takes_it(self, chat) -> None:
        self.attempt(chat, lambda row: assigning.assign(row, self.bot, self.system))

    @rule(chat=chats)
    def the_bot_writes(self, chat) -> None:
        self.attempt(chat, lambda row: messages.post(row, Actor.of_agent(self.bot), body="I am a bot"))

    @rule(chat=chats, who=st.integers(0, 2))
    def it_is_given_to_somebody(self, chat, who) -> None:
        self.attempt(chat, lambda row: assigning.assign(row, self.people[who], self.system))

    @rule(chat=chats, who=st.sampled_from([None, 0, 1, 2]), department=st.sampled_from([None, 0, 1]))
    def it_is_handed_over(self, chat, who, department) -> None:
        agent = None if who is None else self.people[who]
        self.attempt(
            chat,
            lambda row: assigning.transfer(row, self.system, agent=agent, department=self.department(department)),
        )

    @rule(chat=chats)
    def its_agent_is_gone(self, chat) -> None:
        row = Chat.objects.filter(pk=chat).first()
        if row and row.status == "active":
            assigning.requeue(lock_chat(row), now=datetime.now(UTC), reason="agent_gone")

    @rule(chat=chats)
    def it_ends(self, chat) -> None:
        self.attempt(chat, lambda row: lifecycle.close(row, self.system))

    @rule(chat=chats)
    def it_is_opened_again(self, chat) -> None:
        self.attempt(chat, lambda row: lifecycle.reopen(row, self.system))

    @rule(chat=chats, stars=st.integers(1, 5), comment=st.sampled_from(["", "Thanks"]))
    def the_visitor_rates(self, chat, stars, comment) -> None:
        self.attempt(chat, lambda row: rating.rate(row, Actor.of_visitor(row.visitor), stars, comment))

    @rule(chat=chats, names=st.sets(st.sampled_from(["vip", "refund"])))
    def it_is_tagged(self, chat, names) -> None:
        self.attempt(chat, lambda row: tagging.set_tags(row, self.system, names))

    # -- what no service does: cascades, erasure, repairs in SQL ----------------------------------------------------

    @rule(who=st.integers(0, 2))
    def a_visitor_is_erased(self, who) -> None:
        rollups.catch_up()
        Message.objects.filter(chat__visitor=self.visitors[who]).delete()
        Assignment.objects.filter(chat__visitor=self.visitors[who]).delete()
        Visitor.objects.filter(pk=self.visitors[who]).delete()
        self.visitors[who] = VisitorFactory(workspace=self.workspace).pk

    @rule(one=st.integers(0, 2), other=st.integers(0, 2))
    def two_visitors_turn_out_to_be_one(self, one, other) -> None:
        rollups.catch_up()
        Chat.objects.filter(visitor=self.visitors[one]).update(visitor=self.visitors[other])

    @rule(number=st.integers(0, 1))
    def a_department_is_given_up(self, number) -> None:
        rollups.catch_up()
        self.departments[number].delete()
        self.departments[number] = DepartmentFactory(workspace=self.workspace)

    @rule()
    def a_tag_is_given_up(self) -> None:
        rollups.catch_up()
        Tag.objects.filter(workspace=self.workspace, name="vip").delete()

    @rule(chat=chats, days=st.integers(1, 40))
    def an_old_chat_is_imported(self, chat, days) -> None:
        row = Chat.objects.filter(pk=chat).first()
        if row:
            old = row.created_at - timedelta(days=days)
            Chat.objects.create(
                workspace=self.workspace, visitor_id=row.visitor_id, ticket_no=10_000 + Chat.objects.count(),
                status="closed", created_at=old, updated_at=old, closed_at=old + timedelta(minutes=4),
            )  # fmt: skip

    # -- time -------------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.25, 1, 7, 29.9995, 30, 30.001, 61, 600, 3599]))
    def a_moment_passes(self, seconds) -> None:
        self.clock.shift(timedelta(seconds=seconds))

    @rule(hours=st.sampled_from([1, 5, 24, 7 * 24 - 1, 7 * 24 + 1, 30 * 24]))
    def much_time_passes(self, hours) -> None:
        self.clock.shift(timedelta(hours=hours))

    @rule(start=st.sampled_from(TIMES))
    def the_clock_is_set(self, start) -> None:
        self.clock.move_to(start)

    @rule()
    def the_sweeper_comes(self) -> None:
        parking.follow_hours()

    @precondition(lambda self: not self.keeps_hours)  # or the second opinion would have to know the hours of old
    @rule(zone=st.sampled_from(ZONES))
    def the_company_moves(self, zone) -> None:
        Workspace.objects.filter(pk=self.workspace.pk).update(timezone=zone)
        self.workspace.timezone = zone

    # -- and what must be true ---------------------------------------------------------------------------------------

    @rule()
    def it_is_rolled_up(self) -> None:
        rollups.catch_up()

    @rule()
    def figures_are_true(self) -> None:
        if not hasattr(self, "workspace"):
            return
        rollups.catch_up()
        found = brute.lines(self.workspace)
        days = sorted({brute.day_of(line, self.workspace) for line in found}) or [datetime.now(UTC).date()]
        whole = Span(self.workspace, days[0], days[-1])
        last = Span(self.workspace, days[-1], days[-1])
        for span in {whole, last}:
            for where in self.filters():
                brute.assert_equal(queries.overview(span, where), brute.told(found, span, where))
        self.tables_are_true(whole, found)
        self.charts_are_true(whole, found)
        self.lists_are_true(whole, found)
        self.pages_are_true(Span(self.workspace, whole.first - DAY, whole.last + DAY), found)

    def filters(self) -> list[Filter]:
        one, two = self.people[:2]
        department = self.departments[0].pk
        return [
            Filter(),
            Filter(department_id=department),
            Filter(department_id=0),
            Filter(channel="website"),
            Filter(department_id=department, channel="zalo"),
            Filter(widget_uid=WIDGETS[1]),
            Filter(department_id=department, channel="website", widget_uid=WIDGETS[2]),
            Filter(agent_id=one.pk),
            Filter(agent_id=two.pk, department_id=department),
            Filter(agent_id=one.pk, channel="website", widget_uid=WIDGETS[1]),
        ]

    def tables_are_true(self, span, found) -> None:
        for channel, figures in queries.by_channel(span).items():
            brute.assert_equal(figures, brute.told(found, span, Filter(channel=channel)))
        for department, figures in queries.by_department(span):
            brute.assert_equal(
                figures, brute.told(found, span, Filter(department_id=department.pk if department else 0))
            )
        for agent, figures in queries.by_agent(span, Filter(channel="website")):
            brute.assert_equal(figures, brute.told(found, span, Filter(agent_id=agent.pk, channel="website")))
        for where in (Filter(), Filter(agent_id=self.people[0].pk), Filter(channel="zalo")):
            for tag, figures in queries.by_tag(span, where):
                brute.assert_equal(figures, brute.told(found, span, where, tag.pk))

    def pages_are_true(self, span, found) -> None:
        """The chats of each page of a widget are as many as it says, and no page is missing."""
        for widget in WIDGETS[1:]:
            of_widget = [line.chat for line in found if line.chat.widget_uid == widget]
            told = {page.page: page.chats for page in queries.widget(span, widget).pages}
            assert {page: n for page, n in told.items() if n} == dict(Counter(chat.page for chat in of_widget))
            for page, number in told.items():
                assert lists.chats(span, Filter(widget_uid=widget), page=page).count() == number

    def charts_are_true(self, span, found) -> None:
        grid = queries.heatmap(span)
        there = [line.chat.created_at.astimezone(self.workspace.zone) for line in found]
        assert sum(map(sum, grid)) == len(found)
        for at in there:
            same = sum((a.weekday(), a.hour) == (at.weekday(), at.hour) for a in there)
            assert grid[at.weekday()][at.hour] == same
        for by in ("day", "week", "month"):
            points = queries.trend(span, by=by)
            ends = [point.start - timedelta(days=1) for point in points[1:]] + [span.last]
            for point, end in zip(points, ends, strict=True):
                if point.figures.total or by != "day":
                    part = Span(self.workspace, point.start, end)
                    brute.assert_equal(point.figures, brute.told(found, part))
            assert sum(point.figures.total for point in points) == len(found)
        day = Span(self.workspace, span.last, span.last)
        for point in queries.trend(day, Filter(agent_id=self.people[0].pk), by="hour"):
            of_hour = [line for line, at in zip(found, there, strict=True) if at.hour == point.hour]
            brute.assert_equal(point.figures, brute.told(of_hour, day, Filter(agent_id=self.people[0].pk)))

    def lists_are_true(self, span, found) -> None:
        """Every figure opens as many chats as it says."""
        for where in (Filter(), Filter(agent_id=self.people[0].pk), Filter(channel="website")):
            figures = queries.overview(span, where)
            for name, number in numbers(figures).items():
                assert lists.chats(span, where, name).count() == number, (name, where)

    def counting_everything_anew_changes_nothing(self) -> None:
        if not hasattr(self, "workspace"):
            return
        before = stored(self.workspace)
        rollups.recompute(self.workspace, None, None, lambda _done, _of: None)
        assert stored(self.workspace) == before

    # -- helpers ------------------------------------------------------------------------------------------------------

    def department(self, number: int | None) -> Department | None:
        return None if number is None else self.departments[number]

    def attempt(self, pk: int, verb) -> None:
        """Do it, most times to a chat that is counted already: only then can a change be forgotten."""
        self.done = getattr(self, "done", 0) + 1
        if self.done % 3:
            rollups.catch_up()
        row = Chat.objects.select_related("visitor", "agent", "department", "workspace").filter(pk=pk).first()
        if row:
            with contextlib.suppress(ChatError):
                verb(row)


def numbers(figures: queries.Figures) -> dict[str, int]:
    """Return the figures that lists of chats must agree with, by the lists' names."""
    rating = figures.satisfaction
    within = {f"within_{promise}": figures.answered_within(promise) for promise in (10, 30, 60, 600)}
    late = {
        f"late_{promise}": figures.first_response.count + figures.unanswered - figures.answered_within(promise)
        for promise in (10, 30, 60, 600)
    }
    return within | late | {
        "total": figures.total,
        "open": figures.open,
        "completed": figures.completed,
        "abandoned": figures.abandoned,
        "wait": figures.wait.count,
        "first_response": figures.first_response.count,
        "unanswered": figures.unanswered,
        "resolution": figures.resolution.count,
        "first_contact": figures.solved_at_first,
        "came_back": figures.completed - figures.solved_at_first,
        "satisfaction": rating.count,
        "commented": rating.commented,
        "rating_5": rating.stars[4],
        "bot": figures.bots.chats,
        "contained": figures.bots.contained,
        "handed_over": figures.bots.handed_over,
    }  # fmt: skip


def stored(workspace: Workspace) -> tuple[list, list]:
    """Return everything that is kept of a workspace, without the rows' own ids."""
    rows = Rollup.objects.filter(workspace=workspace).values()
    plain = [tuple(value for name, value in row.items() if name != "id") for row in rows]
    hours = ChatHour.objects.filter(workspace=workspace).values_list("hour", "entries")
    return sorted(plain, key=str), sorted((hour, sorted(entries)) for hour, entries in hours)


@pytest.mark.django_db
@pytest.mark.parametrize(("long", "page"), [(timelines.LONG, timelines.PAGE), (0, 2)], ids=["short", "kept"])
def test_rollups_equal_the_rows_whatever_happens(monkeypatch, long, page):
    """With timelines that are read whole each time, and with ones that are kept after every entry."""
    monkeypatch.setattr(timelines, "LONG", long)
    monkeypatch.setattr(timelines, "PAGE", page)
    run_state_machine_as_test(
        Anything,
        settings=settings(
            max_examples=5,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
