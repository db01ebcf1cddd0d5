"""One conversation a story, its numbers worked out on paper; and what happens in widgets."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from agents.models import Workspace
from agents.services import hours
from analytics import chats as lists
from analytics import counting, queries, rollups
from analytics.models import ChatHour, Rollup, WidgetPage
from analytics.queries import Filter, Span
from chat import queries as chat_queries
from chat.access import Actor
from chat.errors import Invalid
from chat.models import Chat
from chat.services import assigning, lifecycle, messages, rating, starting, tagging
from config.demo.factories import AgentFactory

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(world):
    world.workspace.agents.update(lease_until=FAR)
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


def at(clock, seconds: float) -> None:
    clock.move_to(TEN + timedelta(seconds=seconds))


def story(world, clock) -> None:
    """0 s start and question; 20 s to Otto; 50 s answer (turn: 50); 60 s and 70 s questions; 90 s note; 100 s to Tina;
    130 s her answer (turn: 70); 140 s thanks; 200 s closed; 210 s rated 5."""
    visitor, otto, tina = (
        Actor.of_visitor(world.visitor),
        Actor.of_agent(world.operator),
        Actor.of_agent(world.teammate),
    )
    system = Actor.system(world.workspace.pk)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    messages.post(chat, visitor, body="Where is my parcel?")
    at(clock, 20)
    assigning.assign(chat, world.operator, system)
    at(clock, 50)
    messages.post(chat, otto, body="Let me see.")
    at(clock, 60)
    messages.post(chat, visitor, body="Please do.")
    at(clock, 70)
    messages.post(chat, visitor, body="Hello?")
    at(clock, 90)
    messages.post(chat, otto, kind="note", body="I do not know.")
    at(clock, 100)
    assigning.assign(chat, world.teammate, system)
    at(clock, 130)
    messages.post(chat, tina, body="It comes tomorrow.")
    at(clock, 140)
    messages.post(chat, visitor, body="Thanks!")
    at(clock, 200)
    lifecycle.close(chat, system)
    at(clock, 210)
    rating.rate(chat, visitor, 5, "Quick")


def test_one_conversation_on_paper(world, clock):
    story(world, clock)
    rollups.catch_up()
    span = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    figures = queries.overview(span)
    assert (figures.total, figures.completed, figures.abandoned, figures.open) == (1, 1, 0, 0)
    assert (figures.wait.count, figures.wait.mean) == (1, 20)
    assert (figures.response.count, figures.response.mean) == (2, 60)
    assert figures.first_response.mean == 50
    assert (figures.service_level(45), figures.service_level(60)) == (0, 1)
    assert figures.resolution.mean == 200
    assert (figures.satisfaction.mean, figures.satisfaction.count, figures.satisfaction.commented) == (5, 1, 1)
    assert figures.first_contact == 1
    assert queries.heatmap(span)[0][10] == 1
    otto, tina = queries.agent(span, world.operator), queries.agent(span, world.teammate)
    assert (otto.total, otto.completed, otto.wait.mean, otto.response.mean) == (1, 0, 20, 50)
    assert (tina.total, tina.completed, tina.wait.mean, tina.response.mean) == (1, 1, None, 70)
    assert (otto.satisfaction.count, tina.satisfaction.count) == (0, 1)
    assert queries.compare(span).change(lambda f: f.total) is None


def test_a_bot_is_no_answer_and_its_time_is_no_wait(world, clock):
    visitor, system = Actor.of_visitor(world.visitor), Actor.system(world.workspace.pk)
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True, lease_until=FAR, max_chats=99)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    chat = assigning.assign(chat, bot, system)
    messages.post(chat, visitor, body="Hello?")
    at(clock, 5)
    messages.post(chat, Actor.of_agent(bot), body="I am a bot.")
    at(clock, 100)
    assigning.transfer(chat, system, department=world.support)
    at(clock, 130)
    assigning.assign(chat, world.operator, system)
    at(clock, 160)
    messages.post(chat, Actor.of_agent(world.operator), body="And I am not.")
    rollups.catch_up()
    figures = queries.overview(Span(world.workspace, TEN.date(), TEN.date()))
    assert (figures.wait.mean, figures.response.mean, figures.response.count) == (30, 160, 1)
    assert (figures.bots.chats, figures.bots.contained, figures.bots.handed_over) == (1, 0, 1)


def test_a_night_is_no_wait(world, clock):
    """Two come at midnight; the team opens at eight. One is taken by hand at night, one two minutes after opening."""
    hours.set_week(world.workspace, {"tuesday": [("08:00", "17:00")]})
    midnight, opening = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)
    clock.move_to(midnight)
    early, late = (
        starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor)).chat
        for visitor in (world.visitor, world.other_visitor)
    )
    backlog = queries.backlog(world.workspace)
    assert (backlog.waiting, backlog.parked, backlog.active, backlog.oldest_wait) == (0, 2, 0, None)
    assert lists.open_now(world.workspace, figure="parked").count() == 2
    assert chat_queries.workload(world.operator).waiting == 0
    clock.move_to(midnight + timedelta(hours=1))
    assigning.assign(early, world.operator, Actor.system(world.workspace.pk))
    clock.move_to(opening + timedelta(seconds=60))
    assert queries.backlog(world.workspace).waiting == chat_queries.workload(world.teammate).waiting == 1
    assert queries.backlog(world.workspace).oldest_wait == 60
    clock.move_to(opening + timedelta(seconds=120))
    assigning.assign(late, world.teammate, Actor.system(world.workspace.pk))
    rollups.catch_up()
    figures = queries.overview(Span(world.workspace, midnight.date(), midnight.date()))
    assert (figures.wait.count, figures.wait.mean) == (2, 60)


def test_a_pause_is_no_wait(world, clock):
    """Nobody came; it ended, and was opened again an hour later: from then on the visitor waits for a person."""
    system = Actor.system(world.workspace.pk)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat
    at(clock, 60)
    lifecycle.close(chat, system)
    at(clock, 3600)
    lifecycle.reopen(chat, system)
    at(clock, 3630)
    assigning.assign(chat, world.operator, system)
    rollups.catch_up()
    assert queries.overview(Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))).wait.mean == 30


def test_a_share_is_what_somebody_did(world, clock):
    """Otto answers first, after 10 s; a bot had the chat before him, and Tina ends it."""
    bot = AgentFactory(workspace=world.workspace, user=None, is_bot=True, lease_until=FAR)
    system, visitor = Actor.system(world.workspace.pk), Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    chat = assigning.assign(chat, bot, system)
    messages.post(chat, visitor, body="Hello?")
    tagging.set_tags(chat, system, {"vip"})
    at(clock, 5)
    chat = assigning.assign(chat, world.operator, system)
    at(clock, 10)
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    chat = assigning.assign(chat, world.teammate, system)
    lifecycle.close(chat, system)
    rollups.catch_up()
    day = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    otto, tina, robot = (queries.agent(day, who) for who in (world.operator, world.teammate, bot))
    assert (otto.total, otto.wait.count, otto.first_response.mean, otto.completed) == (1, 1, 10, 0)
    assert (tina.total, tina.wait.count, tina.first_response.count, tina.completed) == (1, 0, 0, 1)
    assert robot == queries.Figures()
    for who, share in ((world.operator, otto), (world.teammate, tina)):
        assert [(tag.name, found) for tag, found in queries.by_tag(day, Filter(agent_id=who.pk))] == [("vip", share)]
    settled = starting.start(
        workspace=world.workspace, visitor=world.other_visitor, actor=Actor.of_visitor(world.other_visitor)
    ).chat
    lifecycle.close(assigning.assign(settled, bot, system), system)
    rollups.catch_up()
    assert queries.agent(day, bot) == queries.Figures(), "a bot has no share"


def test_what_happened_is_not_what_was_said(world, clock):
    """Otto takes a chat with a question, tags and ends it, and the visitor rates it: nobody has answered."""
    otto, visitor = Actor.of_agent(world.operator), Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    messages.post(chat, visitor, body="Hello?")
    chat = assigning.assign(chat, world.operator, otto)
    tagging.set_tags(chat, otto, {"vip"})
    chat = lifecycle.close(chat, otto)
    rating.rate(chat, visitor, 1)
    rollups.catch_up()
    found = queries.overview(Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2)))
    assert (found.response.count, found.first_response.count, found.unanswered, found.abandoned) == (0, 0, 1, 1)


def test_at_the_edge_a_promise_is_kept_and_a_return_is_one(world, clock):
    """Answered after 30 s sharp; back seven days to the instant after the end."""
    system, visitor = Actor.system(world.workspace.pk), Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    messages.post(chat, visitor, body="Hello?")
    at(clock, 30)
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    lifecycle.close(chat, system)
    rollups.catch_up()
    day = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    assert (queries.service_level(day, seconds=20), queries.service_level(day, seconds=30)) == (0, 1)
    assert queries.overview(day).first_contact == 1
    at(clock, 30 + 7 * 24 * 3600)
    starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor)
    rollups.catch_up()
    assert queries.overview(day).first_contact == 0


def test_a_day_is_a_day_of_the_workspace(world, clock):
    """18:20 UTC is past midnight in Kathmandu (+05:45), and before it in London."""
    clock.move_to(TEN.replace(hour=18, minute=20))
    visitor = Actor.of_visitor(world.visitor)
    starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor)
    for zone, day in (("Europe/London", 2), ("Asia/Kathmandu", 3), ("Europe/London", 2), ("Asia/Tokyo", 3)):
        Workspace.objects.filter(pk=world.workspace.pk).update(timezone=zone)
        world.workspace.refresh_from_db()
        rollups.catch_up()
        totals = [
            point.figures.total for point in queries.trend(Span(world.workspace, date(2026, 3, 1), date(2026, 3, 4)))
        ]
        assert totals.index(1) + 1 == day
        assert not rollups.moved(), "and is cut anew once"
        assert sum(totals) == 1


def test_a_figure_opens_its_chats_page_by_page(world, clock):
    for n in range(5):
        at(clock, n)
        visitor = world.workspace.visitors.create(name=f"{n}")
        starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor))
    span = Span(world.workspace, TEN.date(), TEN.date())
    first, cursor = lists.page(lists.chats(span), limit=3)
    rest, end = lists.page(lists.chats(span), cursor, limit=3)
    assert [chat.visitor.name for chat in first + rest] == ["4", "3", "2", "1", "0"]
    assert end == ""
    assert lists.chats(span, hour_of_week=10).count() == 5
    assert lists.chats(span, hour_of_week=11).count() == 0
    assert lists.open_now(world.workspace, figure="waiting").count() == queries.backlog(world.workspace).waiting == 5
    with pytest.raises(Invalid):
        lists.page(lists.chats(span), "nonsense")
    with pytest.raises(KeyError):
        lists.chats(span, figure="nonsense")


def test_a_span_is_whole_days_and_has_one_before(world):
    span = Span(world.workspace, date(2026, 3, 1), date(2026, 3, 31))
    assert (span.days, span.before().first, span.before().last) == (31, date(2026, 1, 29), date(2026, 2, 28))
    with pytest.raises(ValueError, match="ends before"):
        Span(world.workspace, date(2026, 3, 2), date(2026, 3, 1))


def test_what_happens_in_a_widget(world):
    widget, trigger = uuid.uuid4(), uuid.uuid4()
    for page in ("/tents?utm=1", "/tents#top", "/boots"):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="view", page=page)
    counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="open", page="/tents")
    for event in ("trigger_shown", "trigger_shown", "trigger_answered"):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event=event, trigger_uid=trigger)
    visitor = Actor.of_visitor(world.visitor)
    starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor, widget_uid=widget)
    rollups.catch_up()
    figures = queries.widget(Span.latest(world.workspace, 1), widget)
    assert (figures.views, figures.opens, figures.chats.total) == (3, 1, 1)
    assert figures.conversion == 1 / 3
    assert [(page.page, page.views, page.opens) for page in figures.pages] == [("/tents", 2, 1), ("/boots", 1, 0)]
    assert (figures.triggers[0].shown, figures.triggers[0].answered) == (2, 1)
    assert queries.widget(Span.latest(world.elsewhere, 1), widget).views == 0


def test_pages_that_are_made_up_do_not_fill_the_table(world, monkeypatch):
    monkeypatch.setattr(counting, "PAGES_A_DAY", 3)
    widget = uuid.uuid4()
    for n in range(6):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="view", page=f"/{n}")
    assert WidgetPage.objects.count() == 4
    assert WidgetPage.objects.get(page="").count == 3
    with pytest.raises(ValueError, match="No such event"):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget, event="nonsense")


def test_filters_that_nobody_matches_are_zero_not_an_error(world):
    figures = queries.overview(Span.latest(world.workspace, 1), Filter(agent_id=1, department_id=2, channel="zalo"))
    assert (figures.total, figures.first_contact, figures.wait.mean) == (0, None, None)


def test_the_hours_of_the_week_are_the_workspaces_own(world, clock):
    """On Monday 18:10 and 18:20 UTC it is Monday 23:55 and Tuesday 00:05 in Kathmandu (+05:45)."""
    Workspace.objects.filter(pk=world.workspace.pk).update(timezone="Asia/Kathmandu")
    world.workspace.refresh_from_db()
    for minute, visitor in ((10, world.visitor), (20, world.other_visitor)):
        clock.move_to(TEN.replace(hour=18, minute=minute))
        starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor))
    rollups.catch_up()
    span = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 3))
    cells = {(day, hour) for day, row in enumerate(queries.heatmap(span)) for hour, count in enumerate(row) if count}
    assert cells == {(0, 23), (1, 0)}
    assert {at for at in range(7 * 24) if lists.chats(span, hour_of_week=at).exists()} == {23, 24}
    hourly = {(point.start.day, point.hour): point.figures.total for point in queries.trend(span, by="hour")}
    assert {at for at, total in hourly.items() if total} == {(2, 23), (3, 0)}


def test_a_note_is_neither_an_answer_nor_a_share_nor_in_the_way_of_one(world, clock):
    """Sue only notes; Otto answers after her note."""
    otto, sue = Actor.of_agent(world.operator), Actor.of_agent(world.supervisor)
    visitor = Actor.of_visitor(world.visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    messages.post(chat, visitor, body="Hello?")
    at(clock, 20)
    chat = assigning.assign(chat, world.operator, Actor.system(world.workspace.pk))
    at(clock, 30)
    messages.post(chat, sue, kind="note", body="A regular.")
    rollups.catch_up()
    day = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    assert queries.overview(day).response.count == queries.overview(day).first_response.count == 0
    at(clock, 60)
    messages.post(chat, otto, body="Hi")
    rollups.catch_up()
    for who, total, turns in ((world.operator, 1, 1), (world.supervisor, 0, 0)):
        share, theirs = queries.agent(day, who), Filter(agent_id=who.pk)
        assert (share.total, share.response.count) == (total, turns)
        for name in ("total", "response", "first_response", "within_60"):
            assert lists.chats(day, theirs, name).count() == (total if name == "total" else turns), name
    assert queries.overview(day).response.mean == 60


def test_an_hour_of_which_no_chat_is_left_is_not_kept(world, clock):
    """Nor does it count against the chats that begin in it later."""
    visitor = Actor.of_visitor(world.visitor)
    day = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor).chat
    rollups.catch_up()
    assert ChatHour.objects.count() == 1
    chat.delete()
    rollups.catch_up()
    assert not ChatHour.objects.exists()
    assert not Rollup.objects.exists()
    starting.start(workspace=world.workspace, visitor=world.visitor, actor=visitor)
    rollups.catch_up()
    assert queries.overview(day).total == 1
    Chat.objects.all().delete()
    rollups.recompute(world.workspace, None, None, lambda _done, _of: None)
    assert not Rollup.objects.exists(), "counted anew, nothing is left of them either"


def test_who_turns_out_to_be_somebody_else_has_not_come_back(world, clock):
    """Vera was answered at ten; Victor writes at one o'clock, is taken for Vera, and is himself again."""
    vera, victor = Actor.of_visitor(world.visitor), Actor.of_visitor(world.other_visitor)
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=vera).chat
    messages.post(chat, vera, body="Hello?")
    messages.post(chat, Actor.of_agent(world.operator), body="Hi")
    lifecycle.close(chat, Actor.system(world.workspace.pk))
    at(clock, 3 * 3600)
    second = starting.start(workspace=world.workspace, visitor=world.other_visitor, actor=victor).chat
    day = Span(world.workspace, date(2026, 3, 2), date(2026, 3, 2))
    for who, first_contact in ((world.other_visitor, 1), (world.visitor, 0), (world.other_visitor, 1)):
        Chat.objects.filter(pk=second.pk).update(visitor=who)
        rollups.catch_up()
        assert queries.overview(day).first_contact == first_contact
