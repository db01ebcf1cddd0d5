"""/metrics: for Prometheus, and for nobody else."""

import pytest
from django.test import override_settings

from config.demo.factories import ChatFactory

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
    ChatFactory(active=True)
    ChatFactory(closed=True)
    text = client.get("/metrics").content.decode()
    assert 'parley_open_chats{status="waiting"} 1.0' in text
    assert 'parley_open_chats{status="active"} 1.0' in text


def test_requests_are_counted_by_route_and_never_by_path(client):
    client.get("/docs/protocol/")
    client.get("/no/such/path/4711")
    text = client.get("/metrics").content.decode()
    assert 'route="docs/<slug:name>/"' in text
    assert "4711" not in text
