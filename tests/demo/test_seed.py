"""The demo team's week: consistent in every column, the same each time, in three languages."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from agents.models import Agent, User, Workspace
from analytics import queries, rollups
from analytics.models import WidgetHour, WidgetPage
from analytics.queries import Span
from chat.models import ActionCard, Chat, Command, Message, Visitor
from config.demo import seed
from integrations.keys.models import SecretKey
from integrations.lookups import addresses
from integrations.lookups.answers import lines
from integrations.replies.models import Assistant
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


def test_the_widget_counted_what_came_before_each_chat(company):
    on_site = [chat for chat in Chat.objects.filter(workspace=company) if chat.widget_uid and chat.source]
    assert on_site
    counted = dict(WidgetPage.objects.filter(workspace=company).values_list("event").annotate(n=Sum("count")))
    assert counted["view"] > counted["open"] >= len(on_site)
    rollups.catch_up()
    pages = queries.widget(Span.latest(company, 8, NOON), company.widgets.get().uid).pages
    assert sum(page.chats for page in pages) == len(on_site)
    assert all(page.views and page.chats for page in pages)
    by_hour = dict(WidgetHour.objects.filter(workspace=company).values_list("event").annotate(n=Sum("count")))
    prompted = len([chat for chat in on_site if chat.trigger_uid])
    shown = by_hour.pop("trigger_shown")
    assert by_hour == {"view": counted["view"], "open": counted["open"], "trigger_answered": prompted}
    assert shown > prompted >= 5


def test_the_proactive_message_has_figures(company):
    rollups.catch_up()
    widget, trigger = company.widgets.get(), company.triggers.get()
    found = queries.widget(Span.latest(company, 8, NOON), widget.uid).triggers
    assert [(row.trigger_uid, row.answered) for row in found] == [(trigger.uid, found[0].chats.total)]
    assert found[0].chats.total == company.chats.filter(trigger_uid=trigger.uid).count() >= 5


def test_orders_that_visitors_name_have_cards(company):
    cards = ActionCard.objects.filter(workspace=company)
    assert cards.count() >= 20
    assert {(card.title, card.state) for card in cards} == {("Đơn hàng", "plain")}, "nothing is called outside"
    for card in cards.select_related("message"):
        assert card.message.payload["metadata"]["value"] in card.message.body


def test_the_shop_looks_orders_up_where_private_addresses_are_allowed(data, client, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with time_machine.travel(NOON, tick=False):
        seed.seed()
    command = Command.objects.get()
    card = ActionCard.objects.filter(command=command).select_related("message").first()
    address = urlsplit(addresses.filled(command.url, card.message.payload["metadata"]["value"]))
    answer = client.get(address.path, headers={"host": address.netloc})
    assert answer.status_code == 200
    assert lines(answer.content, command.shown) == card.answer
    assert client.get("/demo-site/orders/nonsense", headers={"host": address.netloc}).status_code == 404
    own = urlsplit(settings.PUBLIC_URL).netloc
    assert client.get(address.path, headers={"host": own}).status_code == 404


def test_the_assistant_is_off_and_calls_nobody(company):
    assistant = Assistant.objects.get(workspace=company)
    assert (assistant.enabled, assistant.secret, assistant.agent.is_active) == (False, "", False)
    assert urlsplit(assistant.base_url).hostname.endswith(".example")
    assert company.saved_answers.count() >= 8


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
    assert chats.filter(agent__is_bot=True, status="closed").count() >= 10  # settled by the bot
    assert chats.filter(assignments__agent__is_bot=True, first_assigned_at__isnull=False).count() >= 8  # handed over
    assert not chats.filter(agent__is_bot=True).exclude(status="closed").exists()
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


def forget():
    for model in (Message, Chat, Workspace, User):
        model.objects.all().delete()


def test_it_is_the_same_each_time_on_the_same_day(company):
    first = told()
    assert first
    forget()
    with time_machine.travel(NOON, tick=False):
        assert seed.seed()
    assert told() == first


def story(chat):
    """Return all that is said and done in a chat, without when."""
    return (
        chat.visitor.name, chat.visitor.email, chat.channel, chat.source, chat.status, chat.rating,
        chat.department and chat.department.slug, chat.agent and chat.agent.name,
        chat.previous and chat.previous.uid, [tag.name for tag in chat.tags.all()],
        [(m.kind, m.author_kind, m.agent and m.agent.name, m.body, event_of(m.payload)) for m in chat.messages.all()],
    )  # fmt: skip


def event_of(payload):
    return {name: value["name"] if isinstance(value, dict) and "name" in value else value
            for name, value in payload.items() if name != "by"}  # fmt: skip


def seeded_at(now):
    """Return the stories of a seeding at this time: of ended chats by their uid, of open ones in their order."""
    forget()
    with time_machine.travel(now, tick=False):
        assert seed.seed()
    chats = Chat.objects.filter(workspace__slug="hoa-sen-outdoor").order_by("id")
    joined = chats.select_related("visitor", "department", "agent", "previous")
    ended, going_on = {}, []
    for chat in joined.prefetch_related("tags", "messages__agent"):
        if chat.is_open:
            going_on.append(story(chat))
        else:
            ended[chat.uid] = (chat.created_at, chat.closed_at, story(chat))
    return ended, sorted(going_on, key=str)


def test_the_hour_of_seeding_changes_only_how_far_today_has_got():
    midnight = datetime(2026, 11, 17, 17, 0, tzinfo=UTC)  # at the demo team's place
    hours = (0.2, 11, 14.6, 23.9)  # just begun, in the morning, in the afternoon, nearly over
    seedings = [seeded_at(midnight + timedelta(hours=hour)) for hour in hours]
    (before, going_on), (morning, _), *_, (whole, _now) = seedings
    assert len(before) > 90
    for earlier, later in itertools.pairwise(seedings):
        assert earlier[1] == later[1] == going_on
        assert earlier[0].items() <= later[0].items()
    today = {uid: chat for uid, chat in whole.items() if uid not in before}
    assert len(today) == 17
    assert all(created >= midnight for created, _closed, _story in today.values())
    assert 0 < len(morning) - len(before) < 17


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
