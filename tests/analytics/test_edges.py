"""Edges, worked out on paper: half-open days and hours, months beside days, weeks, percentiles, whose share it is."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from agents.models import Workspace
from analytics import chats as lists
from analytics import counting, queries, rollups, spreads
from analytics.figures import Figures, Rating, change
from analytics.models import WidgetHour
from analytics.queries import Filter, Span
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning, lifecycle, messages, rating, starting, tagging
from config.demo.factories import AgentFactory, VisitorFactory

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(world):
    world.workspace.agents.update(lease_until=FAR)
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


def ended(world, *times, visitor=None, **columns):
    """Store chats that began at these times and ended a minute later, as an import does."""
    for at in times:
        Chat.objects.create(
            workspace=world.workspace, visitor=visitor or world.visitor, ticket_no=5000 + Chat.objects.count(),
            status="closed", created_at=at, updated_at=at, closed_at=at + timedelta(minutes=1), **columns,
        )  # fmt: skip
    rollups.catch_up()


def begin(world, visitor=None, **more):
    visitor = visitor or world.visitor
    return starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor), **more).chat


def day(world, number=2):
    return Span(world.workspace, date(2026, 3, number), date(2026, 3, number))


def zone(world, name):
    Workspace.objects.filter(pk=world.workspace.pk).update(timezone=name)
    world.workspace.refresh_from_db()


def test_midnight_belongs_to_the_day_that_begins(world):
    """The instant itself, and a moment before it."""
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    ended(world, midnight - timedelta(microseconds=1), midnight)
    for number in (2, 3):
        assert queries.overview(day(world, number)).total == 1
        assert lists.chats(day(world, number)).count() == 1
        hourly = queries.trend(day(world, number), by="hour")
        assert sum(point.figures.total for point in hourly) == 1
        assert [point.hour for point in hourly if point.figures.total] == [23 if number == 2 else 0]


def test_a_day_of_23_hours_ends_at_its_own_midnight(world):
    """New York, 8 March 2026: the day has 23 hours, and ends at 04:00 UTC."""
    zone(world, "America/New_York")
    end = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
    ended(world, end - timedelta(seconds=1), end)
    for number in (8, 9):
        assert queries.overview(day(world, number)).total == lists.chats(day(world, number)).count() == 1


def test_today_is_the_workspaces(world):
    zone(world, "Asia/Tokyo")
    late = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # already the third in Tokyo
    assert Span.latest(world.workspace, 1, late).first == date(2026, 3, 3)
    widget = uuid.uuid4()
    counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="view", page="/%C3%A1o", now=late)
    page = queries.widget(day(world, 3), widget).pages
    assert [(found.page, found.views) for found in page] == [("/áo", 1)]


def test_a_widgets_hours_are_counted_from_midnight_to_midnight(world):
    widget = uuid.uuid4()
    for at in (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="view", page="/", now=at)
    assert [queries.widget(day(world, number), widget).views for number in (1, 2, 3, 4)] == [0, 1, 1, 0]


def test_of_chats_no_hours_are_counted_beside_the_rollups(world):
    told = {counting.told_apart(workspace_id=world.workspace.pk, widget_uid=uuid.uuid4(), page="/a") for _ in range(2)}
    assert told == {"/a"}
    assert not WidgetHour.objects.exists()
    with pytest.raises(ValueError, match="No such event"):
        counting.note(workspace_id=world.workspace.pk, widget_uid=uuid.uuid4(), event="chat")


def test_long_spans_add_whole_months_and_the_days_at_both_ends(world):
    """One chat on each edge: the first and last days, the ends of the months, and one day outside on either side."""
    edges = [(1, 14), (1, 15), (1, 31), (2, 1), (2, 28), (3, 1), (3, 31), (4, 1), (4, 9), (4, 10)]
    ended(world, *(datetime(2026, month, number, 12, tzinfo=UTC) for month, number in edges))
    wanted = {(date(2026, 1, 15), date(2026, 4, 9)): 8, (date(2026, 1, 1), date(2026, 3, 31)): 7}
    for (first, last), total in wanted.items():
        span = Span(world.workspace, first, last)
        assert queries.overview(span).total == lists.chats(span).count() == total
        for by in ("day", "week", "month"):
            points = queries.trend(span, by=by)
            assert sum(point.figures.total for point in points) == total
            assert points[0].start == first
    weeks = queries.trend(Span(world.workspace, date(2026, 3, 30), date(2026, 4, 9)), by="week")
    assert [(point.start, point.figures.total) for point in weeks] == [(date(2026, 3, 30), 2), (date(2026, 4, 6), 1)]


def test_weeks_begin_on_monday(world):
    ended(world, datetime(2026, 3, 8, 12, tzinfo=UTC))  # a Sunday
    weeks = queries.trend(Span(world.workspace, date(2026, 3, 2), date(2026, 3, 15)), by="week")
    assert [(point.start.day, point.figures.total) for point in weeks] == [(2, 1), (9, 0)]


def test_what_is_compared_is_filtered_alike(world):
    ended(world, datetime(2026, 3, 1, 12, tzinfo=UTC), department=world.sales)
    ended(world, datetime(2026, 3, 1, 13, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC), department=world.support)
    found = queries.compare(day(world), Filter(department_id=world.support.pk))
    assert (found.now.total, found.before.total) == (1, 1)
    assert found.change(lambda figures: figures.total) == 0
    assert change(3, 2) == 0.5
    nobodys = Filter(department_id=0)
    ended(world, datetime(2026, 3, 2, 14, tzinfo=UTC))
    assert queries.overview(day(world), nobodys).total == lists.chats(day(world), nobodys).count() == 1


def test_shares_and_tags_are_not_added_to_the_hours(world, clock):
    chat = begin(world)
    assigning.assign(chat, world.operator, Actor.system(world.workspace.pk))
    tagging.set_tags(chat, Actor.system(world.workspace.pk), {"vip", "refund"})
    rollups.catch_up()
    for where in (Filter(), Filter(agent_id=world.operator.pk)):
        assert sum(point.figures.total for point in queries.trend(day(world), where, by="hour")) == 1


def test_who_has_left_keeps_their_share_and_who_replied_has_one(world, clock):
    """Tina replies in Otto's chat and is never given it; then she leaves the team."""
    chat = begin(world)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
    chat = assigning.assign(chat, world.operator, Actor.system(world.workspace.pk))
    chat.messages.create(
        workspace=world.workspace, seq=chat.last_seq + 1, public_prev=chat.last_public_seq, kind="text",
        author_kind="agent", agent=world.teammate, body="Hi",
    )  # fmt: skip
    Chat.objects.filter(pk=chat.pk).update(first_response_at=TEN, counted=False)
    world.teammate.is_active = False
    world.teammate.save()
    rollups.catch_up()
    shares = {agent.pk: found.total for agent, found in queries.by_agent(day(world))}
    assert (shares[world.teammate.pk], shares[world.operator.pk]) == (1, 1)
    idle = AgentFactory(workspace=world.workspace, is_active=False)
    assert idle.pk not in {agent.pk for agent, _found in queries.by_agent(day(world))}


def test_what_a_bot_settled_is_abandoned_and_not_unanswered(world, clock):
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True, lease_until=FAR)
    chat = begin(world)
    messages.post(chat, Actor.of_visitor(world.visitor), body="Hello?")
    chat = assigning.assign(chat, bot, Actor.system(world.workspace.pk))
    messages.post(chat, Actor.of_agent(bot), body="I am a bot")
    lifecycle.close(chat, Actor.of_agent(bot))
    rollups.catch_up()
    found = queries.overview(day(world))
    assert (found.abandoned, found.unanswered, found.bots.contained) == (1, 0, 1)
    chat.assignments.all().delete()
    Chat.objects.filter(pk=chat.pk).update(counted=False)
    rollups.catch_up()
    assert queries.overview(day(world)).bots.contained == 1, "it wrote, whoever it was given to"


def test_a_bot_that_comes_later_takes_nothing_from_the_wait(world, clock):
    """Otto has it after 20 s; then a bot, from which Tina takes it after 80 s."""
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True, lease_until=FAR)
    system, chat = Actor.system(world.workspace.pk), begin(world)
    for seconds, agent in ((20, world.operator), (50, bot), (80, world.teammate)):
        clock.move_to(TEN + timedelta(seconds=seconds))
        chat = assigning.assign(chat, agent, system)
    rollups.catch_up()
    assert queries.overview(day(world)).wait.mean == 20


def test_who_was_never_answered_counts_against_the_service_level_and_their_agent(world, clock):
    for visitor in (world.visitor, world.other_visitor):
        chat = begin(world, visitor)
        messages.post(chat, Actor.of_visitor(visitor), body="Hello?")
        chat = assigning.assign(chat, world.operator, Actor.system(world.workspace.pk))
        if visitor == world.visitor:
            messages.post(chat, Actor.of_agent(world.operator), body="Hi")
        lifecycle.close(chat, Actor.of_agent(world.operator))
    rollups.catch_up()
    assert queries.service_level(day(world), seconds=10) == 0.5
    assert queries.agent(day(world), world.operator).unanswered == 1


def test_a_chat_that_was_opened_again_keeps_its_rating(world, clock):
    visitor, chat = Actor.of_visitor(world.visitor), begin(world)
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    rating.rate(lifecycle.close(chat, Actor.of_agent(world.operator)), visitor, 4)
    lifecycle.reopen(Chat.objects.get(pk=chat.pk), Actor.of_agent(world.operator))
    rollups.catch_up()
    found = queries.overview(day(world))
    assert (found.satisfaction.count, found.open, found.completed) == (1, 1, 0)


def test_four_stars_are_content_and_three_are_not():
    assert Rating(stars=(0, 0, 1, 1, 0)).content == 0.5
    assert Figures(satisfaction=Rating(stars=(0, 0, 1, 0, 0))).satisfaction.content == 0


def test_the_visitor_of_two_chats_in_one_instant_came_back_once(world):
    ended(world, TEN, TEN, first_response_at=TEN)
    found = queries.overview(day(world))
    assert (found.completed, found.solved_at_first) == (2, 1)
    first, cursor = lists.page(lists.chats(day(world)), limit=1)
    second, end = lists.page(lists.chats(day(world)), cursor, limit=1)
    assert (len({*first, *second}), end) == (2, "")


def test_a_return_is_seen_whatever_else_is_collected_beside_it(world):
    """Two changes in one look: of the one with the older date the earlier chats are looked for from its own date."""
    old = TEN - timedelta(days=40)
    ended(world, old, first_response_at=old)
    span = Span(world.workspace, old.date(), old.date())
    assert queries.overview(span).first_contact == 1
    later = {"workspace": world.workspace, "status": "closed"}
    for number, (at, visitor) in enumerate(
        ((old + timedelta(days=1), world.visitor), (TEN, VisitorFactory(workspace=world.workspace)))
    ):
        Chat.objects.create(**later, visitor=visitor, ticket_no=9000 + number, created_at=at, closed_at=at)
    rollups.catch_up()
    assert queries.overview(span).first_contact == 0


@pytest.mark.parametrize(("share", "bucket"), [(0.5, 5), (0.9, 9), (0.51, 6), (1.0, 10)])
def test_percentiles_are_by_nearest_rank(share, bucket):
    assert spreads.percentile(dict.fromkeys(range(1, 11), 1), share) == spreads.middle_of(bucket)


def test_an_odd_number_of_durations_has_its_middle_one(world):
    assert spreads.percentile({1: 1, 5: 1, 9: 1}, 0.5) == spreads.middle_of(5)
    assert (spreads.bucket_of(1000), spreads.bucket_of(1001) > 0) == (0, True)
