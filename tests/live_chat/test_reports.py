"""Figures over the contract: workload (4.3), performance (4.4), the widget's (5.3) and analytics (6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.ids import encode
from agents.models import Agent
from analytics import counting, rollups
from chat.access import Actor
from chat.models import Chat
from chat.services import assigning
from config.demo.factories import ChatFactory, MessageFactory

from .conftest import Caller, start_chat

pytestmark = pytest.mark.django_db

REPORTS = ["analytics/overview", "analytics/agents", "analytics/satisfaction", "widget/analytics"]


def agent_path(agent: Agent, what: str) -> str:
    return f"agents/{encode('agent', agent.uid)}/{what}"


@pytest.fixture
def chats(world, widget) -> list[Chat]:
    """Three chats in support: answered and rated 5; answered and rated 4; left unanswered. And one of elsewhere."""
    day = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    made = []
    for number, (rating, wait, reply) in enumerate([(5, 10, 20), (4, 21, 41), (None, None, None)]):
        begun = day + timedelta(days=number)
        chat = ChatFactory(
            workspace=world.workspace, visitor__workspace=world.workspace, department=world.support,
            channel="zalo" if number else "website", widget_uid=widget.uid, created_at=begun, queued_at=begun,
        )  # fmt: skip
        if rating:
            met, ended = begun + timedelta(seconds=wait), begun + timedelta(seconds=600)
            chat.assignments.create(workspace=world.workspace, agent=world.operator, started_at=met, ended_at=ended)
            Chat.objects.filter(pk=chat.pk).update(
                agent=world.operator, status="closed", closed_at=ended, first_assigned_at=met, rating=rating,
                rated_at=ended, rating_comment="Fine" if rating == 4 else "",
            )  # fmt: skip
            chat.refresh_from_db()
            MessageFactory(chat=chat, author_kind="visitor", created_at=begun)
            MessageFactory(
                chat=chat, author_kind="agent", agent=world.operator, created_at=begun + timedelta(seconds=reply)
            )
        else:
            Chat.objects.filter(pk=chat.pk).update(status="closed", closed_at=begun + timedelta(seconds=60))
        made.append(chat)
    ChatFactory(workspace=world.elsewhere, visitor__workspace=world.elsewhere, created_at=day)
    for event in ("view", "view", "view", "view", "open"):
        counting.note(workspace_id=world.workspace.pk, widget_uid=widget.uid, event=event, page="/shop?x=1", now=day)
    rollups.recompute(world.workspace, None, None, lambda done, of: None)
    return made


MARCH = "fromDate=2026-03-01&toDate=2026-03-31"


def test_the_overview_counts_each_chat_once_in_the_contracts_shape(server, world, chats):
    data = server.get(f"analytics/overview?{MARCH}").data
    assert data["summary"] == {
        "totalChats": 3,
        "completedChats": 2,
        "abandonedChats": 1,
        "averageWaitTime": 16,
        "averageResponseTime": 30,
        "averageResolutionTime": 600,
        "satisfactionScore": 4.5,
        "firstContactResolution": 100.0,
    }
    assert len(data["trends"]) == 31
    assert data["trends"][3] == {
        "date": "2026-03-04", "chats": 1, "avgWaitTime": 10, "avgResponseTime": 20, "satisfaction": 5.0,
    }  # fmt: skip
    assert data["trends"][0]["avgWaitTime"] is None
    assert data["byChannel"] == {"website": 1, "facebook": 0, "zalo": 2}
    assert data["byDepartment"] == {"sales": 0, "support": 3}


def test_department_channel_days_and_period_narrow_it(server, world, chats):
    def total(query: str) -> int:
        return server.get(f"analytics/overview?{query}").data["summary"]["totalChats"]

    assert total(f"{MARCH}&department=sales") == 0
    assert total(f"{MARCH}&department=department_{world.support.uid.hex}&channel=zalo") == 2
    assert total("fromDate=2026-03-04&toDate=2026-03-05") == 2
    assert total("") == 0
    weekly = server.get(f"analytics/overview?{MARCH}&period=week").data["trends"]
    assert [(row["date"], row["chats"]) for row in weekly][:2] == [("2026-03-01", 0), ("2026-03-02", 3)]
    assert len(server.get(f"analytics/overview?{MARCH}&period=month").data["trends"]) == 1


def test_agents_have_their_own_share_and_performance_says_the_same(server, otto, world, chats):
    rows = {row["name"]: row for row in server.get(f"analytics/agents?{MARCH}").data["agents"]}
    assert (rows["Otto"]["completedChats"], rows["Otto"]["satisfactionScore"]) == (2, 4.5)
    assert rows["Tina"]["totalChats"] == 0
    assert "Oscar" not in rows
    own = otto.get(agent_path(world.operator, f"performance?{MARCH}&period=week")).data
    assert {name: rows["Otto"][name] for name in own["summary"]} == own["summary"]
    assert own["period"] == "week"
    assert [row["chats"] for row in own["trends"]] == [0, 2, 0, 0, 0, 0]


def test_satisfaction_says_how_the_stars_are_spread_and_who_got_them(server, chats):
    data = server.get(f"analytics/satisfaction?{MARCH}").data
    assert data["summary"] == {
        "satisfactionScore": 4.5, "totalRatings": 2, "positiveRate": 100.0, "responseRate": 100.0, "withFeedback": 1,
    }  # fmt: skip
    assert data["distribution"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 1}
    assert [(row["name"], row["totalRatings"]) for row in data["byAgent"]] == [("Otto", 2)]
    assert data["byDepartment"]["support"] == {"satisfactionScore": 4.5, "totalRatings": 2}


def test_the_widget_tells_views_opens_chats_and_pages(server, widget, chats):
    data = server.get(f"widget/analytics?{MARCH}&domain=shop.example.com").data
    assert data["summary"] == {
        "views": 4, "opens": 1, "chatsStarted": 3, "openRate": 25.0, "conversionRate": 75.0,
    }  # fmt: skip
    shop = {"page": "/shop", "views": 4, "opens": 1, "chatsStarted": 0, "openRate": 25.0, "conversionRate": 0.0}
    assert data["byPage"] == [shop]
    assert server.get("widget/analytics?domain=evil.example").code == 4030


def test_a_chat_counts_for_the_page_where_it_began(server, page, widget):
    def begin(path):
        source = {"url": f"https://shop.example.com{path}", "title": "Shop"}
        return page.post(
            "sessions", {"source": source, "initialMessage": "Hi", "startKey": path.encode().hex().ljust(64, "0")}
        )

    for path in ("/tents?colour=blue", "/tents#top", "/boots"):
        assert begin(path).status == 201
    assert begin("/boots").status == 201  # the same start once more
    rollups.catch_up()
    told = server.get("widget/analytics?domain=shop.example.com").data
    assert {row["page"]: row["chatsStarted"] for row in told["byPage"]} == {"/tents": 2, "/boots": 1}
    assert [row["conversionRate"] for row in told["byPage"]] == [None, None]


def test_an_agents_workload_is_what_they_have_now(server, otto, world):
    world.workspace.agents.update(status="away")
    mine = start_chat(world.visitor, department=world.support)
    start_chat(world.other_visitor, department=world.sales)
    assigning.assign(mine, world.operator, Actor.of_workspace(world.workspace))
    Agent.objects.filter(pk=world.operator.pk).update(status="available", max_chats=4)
    data = otto.get(agent_path(world.operator, "workload")).data
    assert {name: data[name] for name in ("currentChats", "maxChats", "availableSlots", "utilization")} == {
        "currentChats": 1, "maxChats": 4, "availableSlots": 3, "utilization": 25.0,
    }  # fmt: skip
    assert (data["waitingChats"], data["unansweredChats"], data["unreadMessages"]) == (0, 1, 1)
    assert [row["id"] for row in data["sessions"]] == [encode("session", mine.uid)]
    assert server.get(agent_path(world.teammate, "workload")).data["waitingChats"] == 1


def test_an_operator_sees_a_colleagues_load_but_not_their_sessions(otto, world):
    world.workspace.agents.update(status="away")
    theirs = start_chat(world.visitor, department=world.sales)
    assigning.assign(theirs, world.teammate, Actor.of_workspace(world.workspace))
    data = otto.get(agent_path(world.teammate, "workload")).data
    assert (data["currentChats"], data["sessions"]) == (1, [])


def test_figures_are_for_supervisors_and_ones_own_for_everybody(sue, otto, page, vera, world, widget):
    for report in [*REPORTS, agent_path(world.teammate, "performance")]:
        assert sue.get(report).status == 200, report
        for caller in (otto, page, vera):
            assert caller.get(report).code == 4030, report
        assert Caller().get(report).code == 4010
    assert otto.get(agent_path(world.operator, "performance")).status == 200
    for what in ("workload", "performance"):
        foreign = sue.get(agent_path(world.outsider, what))
        unknown = sue.get(f"agents/agent_{'0' * 32}/{what}")
        assert (foreign.status, foreign.code, foreign.body) == (404, 4002, unknown.body)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("fromDate=yesterday", ["fromDate"]),
        ("toDate=2026-02-30", ["toDate"]),
        ("fromDate=2026-03-02&toDate=2026-03-01", ["toDate"]),
        ("fromDate=2001-01-01&toDate=2026-03-01", ["fromDate"]),
        ("fromDate=0001-01-01&toDate=0001-01-02", ["fromDate"]),
        ("toDate=0001-01-01", ["fromDate"]),
        ("toDate=9999-12-31", ["fromDate"]),
        ("channel=fax", ["channel"]),
        ("period=hour", ["period"]),
    ],
)
def test_days_that_cannot_be_are_refused(server, widget, query, fields):
    for report in (*REPORTS[:2], "widget/analytics"):
        answer = server.get(f"{report}?{query}")
        assert (answer.status, answer.code, answer.fields) == (400, 4000, fields)


def test_an_unknown_department_is_not_found(server, world):
    assert server.get("analytics/overview?department=nowhere").code == 4040
    assert server.get(f"analytics/overview?department=department_{world.elsewhere.uid.hex}").code == 4040
