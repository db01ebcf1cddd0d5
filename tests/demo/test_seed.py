"""The demo team's week: consistent in every column, the same each time, in three languages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from agents.models import Agent, User, Workspace
from chat.models import Chat, Message, Visitor
from config.demo import seed
from integrations.keys.models import SecretKey
from widget.models import PublishableKey

from .checks import check_chat

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)  # 14:00 at the demo team's place


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def company():
    with time_machine.travel(NOON, tick=False):
        seed.seed()
        yield Workspace.objects.get(slug="hoa-sen-outdoor")


def told():
    """Return what the week says, without ids of this database and names that are new each time."""
    messages = Message.objects.filter(chat__workspace__slug="hoa-sen-outdoor").order_by("chat__ticket_no", "seq")
    return list(messages.values_list("chat__ticket_no", "chat__uid", "uid", "seq", "created_at", "body", "read_at"))


def test_every_column_of_every_chat_is_what_its_rows_say(company):
    chats = Chat.objects.select_related("previous", "agent").prefetch_related("messages__agent", "assignments__agent")
    for chat in chats:
        check_chat(chat)
    assert chats.count() >= 100


def test_it_looks_like_a_real_week(company):
    chats = company.chats.all()
    languages = set(chats.values_list("visitor__language", flat=True))
    assert languages == {"vi", "en", "uz"}
    assert company.visitors.count() == 45
    assert chats.filter(status="active").count() == 4
    assert chats.filter(status="waiting").count() == 3
    assert chats.filter(status="closed", agent=None).count() >= 5  # written when nobody was there
    assert chats.filter(previous__isnull=False).count() >= 30
    assert chats.filter(rating__isnull=False).exclude(rating_comment="").count() >= 10
    assert Message.objects.filter(chat__workspace=company, kind="note").count() >= 20
    assert chats.filter(messages__payload__event="transferred").count() >= 3
    assert company.tags.count() >= 10
    assert min(chats.values_list("created_at", flat=True)) > NOON - timedelta(days=8)
    assert max(chats.values_list("updated_at", flat=True)) <= NOON


def test_agents_work_in_their_hours_and_within_their_capacity(company):
    for message in Message.objects.filter(author_kind="agent", chat__workspace=company, chat__status="closed"):
        assert 8 <= message.created_at.astimezone(company.zone).hour <= 18
    for agent in company.agents.all():
        spans = [(a.started_at, a.ended_at or NOON) for a in agent.assignments.all()]
        for start, _ in spans:
            assert sum(begun <= start < ended for begun, ended in spans) <= agent.max_chats


def test_no_word_was_left_unfilled(company):
    assert not Message.objects.filter(body__regex=r"[{}]|\|\|").exists()


def test_it_is_the_same_each_time_on_the_same_day(company):
    first = told()
    assert first
    Message.objects.all().delete()
    Chat.objects.all().delete()
    Workspace.objects.all().delete()
    User.objects.all().delete()
    with time_machine.travel(NOON, tick=False):
        assert seed.seed()
    assert told() == first


def test_the_queue_goes_on_from_the_last_ticket(company):
    from chat.access import Actor
    from chat.services import starting

    visitor = Visitor.objects.create(workspace=company, name="New")
    started = starting.start(workspace=company, visitor=visitor, actor=Actor.of_visitor(visitor))
    assert started.chat.ticket_no == company.chats.count()


def test_colleagues_keep_their_chats_and_take_no_new_ones(company):
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        for chat in company.chats.filter(status="active"):
            assert chat.agent.presence() == "busy"
        assert not Agent.objects.available().exists()


def test_the_file_lets_in_and_belongs_to_its_owner_alone(company, data, client):
    path = data / "demo.json"
    assert path.stat().st_mode & 0o777 == 0o600
    told = json.loads(path.read_text())
    assert SecretKey.find(told["secretKey"]).workspace == company
    assert PublishableKey.find(told["publishableKey"]).workspace == company
    assert {login["role"] for login in told["logins"]} == {"owner", "admin", "supervisor", "operator"}
    for login in told["logins"]:
        assert set(login) == {"email", "password", "name", "role"}
        assert User.objects.get(email=login["email"]).check_password(login["password"])


def test_a_second_time_changes_nothing(company, data, capsys):
    before = (data / "demo.json").read_bytes(), Chat.objects.count(), timezone.now()
    call_command("seed_demo")
    assert "there already" in capsys.readouterr().out
    assert before == ((data / "demo.json").read_bytes(), Chat.objects.count(), timezone.now())


@pytest.mark.parametrize("hour", [0, 6, 12, 23])
def test_it_can_be_seeded_at_any_hour(hour):
    with time_machine.travel(datetime(2026, 11, 22, hour, 30, tzinfo=UTC), tick=False):
        assert seed.seed()
        assert Chat.objects.filter(updated_at__gt=timezone.now()).count() == 0
        assert Chat.objects.exclude(status="closed").count() == 8
