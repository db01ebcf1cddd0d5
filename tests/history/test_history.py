"""The export against a filter written out by hand, on chats of every kind."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from agents.ids import new_uid
from agents.models import Workspace
from chat import history
from chat.access import Actor
from chat.models import Chat
from config.demo.factories import AgentTokenFactory, ChatFactory, SecretKeyFactory, WidgetFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIELDS = {
    "ticket_id", "ticket_no", "customer_id", "cus_email", "cus_name", "cus_phone", "meet_time", "waitTime",
    "answer_time", "ring_time", "chat_status", "conversation_id", "landing_page", "referrer", "is_trigger",
    "facebook_page_id", "start_time", "end_time", "chat_duration", "agent_email", "agent_name", "group_name",
    "service_id",
}  # fmt: skip
WORDS = ["LBL_CHAT_STATUS_MISS", "LBL_CHAT_STATUS_MEET"]


class Api:
    """A server with a bearer token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get(self, **query: Any) -> tuple[int, dict[str, Any]]:
        answer = Client(raise_request_exception=False).get(
            f"/api/v1/chats?{urlencode(query, doseq=True)}", headers={"Authorization": f"Bearer {self.token}"}
        )
        return answer.status_code, answer.json()

    def chats(self, **query: Any) -> list[dict[str, Any]]:
        status, body = self.get(**query)
        assert status == 200 and body["code"] == "OK", body
        return body["chats"]


def key_of(workspace: Workspace) -> str:
    return SecretKeyFactory(workspace=workspace, per_minute=10_000, per_second=10_000).secret


@pytest.fixture
def api(world: Any) -> Api:
    return Api(key_of(world.workspace))


def ended(world: Any, minutes: int = 0, **fields: Any) -> Chat:
    """A chat that began so many minutes after noon, met Otto after 8.5 s and took 40 s."""
    began = NOON + timedelta(minutes=minutes)
    facts = {
        "workspace": world.workspace, "visitor": world.visitor, "status": "closed", "agent": world.operator,
        "created_at": began, "first_assigned_at": began + timedelta(seconds=8.5),
        "closed_at": began + timedelta(seconds=39.9),
    }  # fmt: skip
    return ChatFactory(**facts | fields)


# -- what a row says -------------------------------------------------------------------------------------------------


def test_a_row_has_every_field_in_the_documents_form(world: Any, api: Api) -> None:
    world.workspace.timezone = "Asia/Ho_Chi_Minh"
    world.workspace.save()
    widget = WidgetFactory(workspace=world.workspace)
    source = {"url": "https://shop.example.com/", "referrer": "https://search.example.com/"}
    chat = ended(world, department=world.support, widget_uid=widget.uid, source=source)
    (row,) = api.chats()
    assert set(row) == FIELDS
    assert row == {
        "ticket_id": chat.pk, "ticket_no": chat.ticket_no, "customer_id": world.visitor.pk, "group_name": "Support",
        "conversation_id": str(chat.uid), "cus_email": "", "cus_name": "Vera", "cus_phone": "",
        "start_time": "2026-03-02 19:00:00", "end_time": "2026-03-02 19:00:39", "chat_duration": 39,
        "agent_email": world.operator.user.email, "agent_name": "Otto", "ring_time": "2026-03-02 19:00:00",
        "meet_time": "2026-03-02 19:00:08", "waitTime": "00:00:08", "answer_time": "00:00:31",
        "chat_status": "LBL_CHAT_STATUS_MEET", "landing_page": "https://shop.example.com/",
        "referrer": "https://search.example.com/", "is_trigger": "LBL_CHAT_CUSTOMER_REQUEST_NORMAL",
        "facebook_page_id": None, "service_id": widget.pk,
    }  # fmt: skip


def test_a_missed_chat_waited_to_its_end(world: Any, api: Api) -> None:
    ended(world, agent=None, first_assigned_at=None, closed_at=NOON + timedelta(hours=101, minutes=2))
    (row,) = api.chats()
    assert row["chat_status"] == "LBL_CHAT_STATUS_MISS"
    assert (row["meet_time"], row["answer_time"], row["agent_name"]) == (None, "00:00:00", None)
    assert (row["waitTime"], row["chat_duration"]) == ("101:02:00", 101 * 3600 + 120)


def test_a_facebook_chat_names_its_page_and_no_web_site(world: Any, api: Api) -> None:
    ended(world, channel="facebook", custom_fields={"facebook_page_id": 1234}, source={"url": "https://x.example/"})
    assert api.chats() == []
    (row,) = api.chats(conversation_type=1)
    assert (row["facebook_page_id"], row["landing_page"]) == ("1234", None)


def test_open_chats_are_no_history(world: Any, api: Api) -> None:
    ChatFactory(workspace=world.workspace, visitor=world.visitor)
    ChatFactory(workspace=world.workspace, visitor=world.other_visitor, active=True)
    assert api.get() == (200, {"code": "OK", "numFound": 0, "chats": []})


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def past(world: Any) -> list[Chat]:
    """Sixty ended chats that differ in everything that a filter asks for; and one of another company."""
    dice = random.Random(20260302)
    widgets = [WidgetFactory(workspace=world.workspace, is_default=False) for _ in range(2)]
    chats = []
    for _ in range(60):
        began = NOON + timedelta(minutes=dice.randrange(600), microseconds=dice.randrange(1_000_000))
        met = dice.random() < 0.7
        chats.append(
            ChatFactory(
                workspace=world.workspace,
                visitor=dice.choice([world.visitor, world.other_visitor]),
                status="closed",
                agent=dice.choice([world.operator, world.teammate]) if met else None,
                department=dice.choice([world.support, world.sales, None]),
                widget_uid=dice.choice([*(w.uid for w in widgets), None]),
                channel=dice.choice(["website", "website", "facebook", "zalo"]),
                trigger_uid=new_uid() if dice.random() < 0.3 else None,
                created_at=began,
                first_assigned_at=began + timedelta(seconds=dice.randrange(60)) if met else None,
                closed_at=began + timedelta(seconds=60 + dice.randrange(3600)),
            )
        )
    ChatFactory(workspace=world.elsewhere, closed=True, created_at=NOON)
    world.widgets = widgets
    return chats


def by_hand(chats: list[Chat], widgets: list[Any], asked: dict[str, Any]) -> list[int]:
    """The same filters, one chat at a time."""
    uids = {widget.pk: widget.uid for widget in widgets}
    kind = {0: "website", 1: "facebook", 3: "zalo"}[asked.get("conversation_type", 0)]
    second = timedelta(seconds=1)

    def matches(chat: Chat) -> bool:
        since, to = asked.get("start_time_since"), asked.get("start_time_to")
        end_since, end_to = asked.get("end_time_since"), asked.get("end_time_to")
        return (
            chat.channel == kind
            and (since is None or chat.created_at >= at(since))
            and (to is None or chat.created_at < at(to) + second)
            and (end_since is None or chat.closed_at >= at(end_since))
            and (end_to is None or chat.closed_at < at(end_to) + second)
            and ("assignees" not in asked or chat.agent_id in asked["assignees"])
            and ("groups" not in asked or chat.department_id in asked["groups"])
            and ("customers" not in asked or chat.visitor_id in asked["customers"])
            and ("services" not in asked or chat.widget_uid in [uids.get(pk) for pk in asked["services"] if pk in uids])
            and ("ticket_no" not in asked or chat.ticket_no == asked["ticket_no"])
            and ("conversation_id" not in asked or str(chat.uid) == asked["conversation_id"])
            and ("chat_status" not in asked or (chat.first_assigned_at is not None) == bool(asked["chat_status"]))
            and ("chat_type" not in asked or (chat.trigger_uid is not None) == bool(asked["chat_type"]))
        )

    return [chat.pk for chat in sorted(chats, key=lambda c: (c.created_at, c.pk)) if matches(chat)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_every_filter_alone_and_together_finds_what_a_filter_by_hand_finds(
    world: Any, api: Api, past: list[Chat]
) -> None:
    dice = random.Random(7)
    found_some = set()
    for turn in range(60):
        chat = dice.choice(past)
        values = {
            "start_time_since": f"{chat.created_at:%Y-%m-%dT%H:%M:%SZ}",
            "start_time_to": f"{chat.created_at + timedelta(minutes=dice.randrange(300)):%Y-%m-%dT%H:%M:%SZ}",
            "end_time_since": f"{chat.closed_at - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}",
            "end_time_to": f"{chat.closed_at:%Y-%m-%dT%H:%M:%SZ}",
            "assignees": dice.choice([[world.operator.pk], [world.operator.pk, world.teammate.pk]]),
            "groups": [world.support.pk],
            "customers": [world.visitor.pk, world.stranger.pk],
            "services": dice.choice([[world.widgets[0].pk], [w.pk for w in world.widgets], [10**9]]),
            "ticket_no": chat.ticket_no,
            "conversation_id": str(chat.uid),
            "conversation_type": dice.choice([0, 1, 3]),
            "chat_status": dice.randrange(2),
            "chat_type": dice.randrange(2),
        }
        names = [list(values)[turn]] if turn < len(values) else dice.sample(list(values), dice.randrange(0, 4))
        asked = {name: values[name] for name in names}
        status, body = api.get(**asked, page=1, count=500)
        expected = by_hand(past, world.widgets, asked)
        assert (status, body["numFound"]) == (200, len(expected)), asked
        assert [row["ticket_id"] for row in body["chats"]] == expected, asked
        words = {row["chat_status"] for row in body["chats"]}
        assert words <= ({WORDS[asked["chat_status"]]} if "chat_status" in asked else set(WORDS)), asked
        found_some |= set(names) if expected else set()
    assert len(found_some) == 13


@pytest.mark.parametrize("count", [1, 7, 20, 60])
def test_pages_one_after_the_other_or_at_random_are_the_whole(
    world: Any, api: Api, past: list[Chat], count: int
) -> None:
    everything = by_hand(past, world.widgets, {})
    pages = -(-len(everything) // count)
    order = list(range(1, pages + 1))
    for visit in (order, random.Random(count).sample(order, pages)):
        found = {page: [row["ticket_id"] for row in api.chats(page=page, count=count)] for page in visit}
        assert [pk for page in order for pk in found[page]] == everything
    assert api.chats(page=pages + 1, count=count) == []


def test_a_chat_that_ends_while_an_export_runs_shifts_no_page(world: Any, api: Api, past: list[Chat]) -> None:
    everything = by_hand(past, world.widgets, {})
    first = [row["ticket_id"] for row in api.chats(page=1, count=10)]
    ended(world, minutes=-60)
    second = [row["ticket_id"] for row in api.chats(page=2, count=10)]
    assert first + second == everything[:20]


def test_a_page_costs_the_same_queries_whatever_it_holds(
    world: Any, api: Api, past: list[Chat], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        assert len(api.chats(page=1, count=20)) == 20


# -- who may ask -------------------------------------------------------------------------------------------------------


def test_an_operator_is_shown_what_they_may_see(world: Any) -> None:
    seen, hidden = ended(world, department=world.support), ended(world, agent=world.teammate, department=world.sales)
    own = Api(AgentTokenFactory(agent=world.operator).secret)
    assert [row["ticket_id"] for row in own.chats()] == [seen.pk]
    boss = Api(AgentTokenFactory(agent=world.supervisor).secret)
    assert [row["ticket_id"] for row in boss.chats()] == [seen.pk, hidden.pk]


def test_another_company_finds_nothing(world: Any, past: list[Chat]) -> None:
    stranger = Api(key_of(world.elsewhere))
    assert len(stranger.chats()) == 1
    assert stranger.chats(customers=[world.visitor.pk]) == []
    assert stranger.chats(conversation_id=str(past[0].uid)) == []


def test_without_a_key_there_is_no_history(db: None) -> None:
    answer = Client().get("/api/v1/chats")
    assert answer.status_code == 401 and answer.json()["code"] == "UNAUTHORIZED"
    assert "WWW-Authenticate" in answer


def test_mistakes_are_answered_in_the_contracts_form(api: Api) -> None:
    status, body = api.get(page=1, count=501)
    assert (status, body["code"], body["parameter"]) == (400, "INVALID_PARAMETER", "count")
    headers = {"Authorization": f"Bearer {api.token}"}
    client = Client(raise_request_exception=False)
    wrong_method = client.post("/api/v1/chats", headers=headers)
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    nowhere = client.get("/api/v1/nowhere", headers=headers)
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("total_known", [False, True])
def test_a_jump_behind_the_middle_of_what_is_counted_off_is_the_same_page(world, monkeypatch, total_known):
    monkeypatch.setattr(history, "_MANY", 4)
    chats = [ended(world, minutes=n // 2) for n in range(21)]
    wanted = history.History(ended_since=NOON - timedelta(days=1))
    actor = Actor.of_workspace(world.workspace)
    for page in range(1, 8):
        cache.clear()
        if total_known:
            # What was counted a moment ago, before the newest chat ended.
            cache.set(history._name(actor, wanted), 20, 30)
        found = history.read_page(actor, wanted, page=page, count=4).chats
        expected = [] if page == 6 and total_known else chats[(page - 1) * 4 : page * 4]
        assert [chat.pk for chat in found] == [chat.pk for chat in expected]
