"""/metrics: for Prometheus, and for nobody else."""

import re
import time
import uuid
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from config.demo.factories import AssistantFactory, ChatFactory, WorkspaceFactory
from integrations.chatbots import actions, standing
from integrations.chatbots.models import Action
from integrations.replies import standing as replying
from integrations.replies.models import Outcome, Turn
from integrations.setting_up import create_bot

pytestmark = pytest.mark.django_db


def test_this_machine_may_read_them(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "parley_http_requests_total" in answer.content.decode()


@pytest.mark.parametrize("address", ["10.0.0.7", "203.0.113.9", "not an address"])
def test_another_machine_may_not(client, address):
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403


def test_a_caller_behind_a_proxy_on_this_machine_may_not(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@override_settings(METRICS_TOKEN="a-long-token")
def test_with_a_token_set_only_the_token_opens_them(client):
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-long-token"}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 200


def test_they_count_the_open_chats(client):
    ChatFactory()
    ChatFactory(parked_until=timezone.now() + timedelta(hours=3))
    ChatFactory(active=True)
    ChatFactory(closed=True)
    text = client.get("/metrics").content.decode()
    assert 'parley_open_chats{status="waiting"} 1.0' in text
    assert 'parley_open_chats{status="parked"} 1.0' in text
    assert 'parley_open_chats{status="active"} 1.0' in text


def test_requests_are_counted_by_route_and_never_by_path(client):
    client.get("/docs/protocol/")
    client.get("/no/such/path/sesame")
    text = client.get("/metrics").content.decode()
    assert 'route="docs/<slug:name>/"' in text
    assert "sesame" not in text


def test_they_tell_what_bots_did_and_whether_somebody_listens(client):
    bot = create_bot(WorkspaceFactory(), "metered")
    for error in ("", "", "not_found"):
        Action.objects.create(bot=bot, key=str(uuid.uuid4()), fingerprint="", name="tag_thread", error=error)
    long_ago = timezone.now() - timedelta(hours=2)
    Action.objects.create(bot=bot, key="old", fingerprint="", name="tag_thread", at=long_ago)
    actions.set_aside(bot, b"not json", "not JSON")
    standing.tell(topics=1, waiting=7)
    text = client.get("/metrics").content.decode()
    assert 'parley_bot_actions_last_hour{result="done"} 2.0' in text
    assert 'parley_bot_actions_last_hour{result="not_found"} 1.0' in text
    assert "parley_bot_messages_set_aside_last_hour 1.0" in text
    assert "parley_bots_listener_waiting_messages 7.0" in text
    last = float(re.search(r"^parley_bots_listener_last_seen_timestamp_seconds (.+)$", text, re.M)[1])
    assert abs(last - time.time()) < 30


def test_they_tell_what_assistants_owe_and_whether_somebody_answers(client):
    assistant = AssistantFactory()
    now = timezone.now()
    for outcome in (Outcome.ANSWERED, Outcome.ANSWERED, Outcome.FAILED):
        chat = ChatFactory(workspace=assistant.workspace)
        Turn.objects.create(assistant=assistant, chat=chat, outcome=outcome, done_at=now)
    old = ChatFactory(workspace=assistant.workspace)
    Turn.objects.create(assistant=assistant, chat=old, outcome=Outcome.FAILED, done_at=now - timedelta(hours=2))
    Turn.objects.create(assistant=assistant, chat=old, created_at=now - timedelta(seconds=90))
    replying.tell()
    text = client.get("/metrics").content.decode()
    assert "parley_reply_turns_owed 1.0" in text
    assert 90 <= float(re.search(r"^parley_reply_oldest_owed_seconds (.+)$", text, re.M)[1]) < 150
    assert 'parley_reply_turns_last_hour{outcome="answered"} 2.0' in text
    assert 'parley_reply_turns_last_hour{outcome="failed"} 1.0' in text
    last = float(re.search(r"^parley_replies_last_seen_timestamp_seconds (.+)$", text, re.M)[1])
    assert abs(last - time.time()) < 30
