"""Webhooks over REST: made, changed, rotated, tested, read in the log, sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.ids import encode
from integrations.webhooks import relay, services
from integrations.webhooks.models import Attempt, Delivery, Subscription
from integrations.webhooks.policy import Pace
from tests.webhooks.receiver import Answer, Receiver

pytestmark = pytest.mark.django_db

URL = "https://myapp.com/webhooks/chatflow"
NEW = {"url": URL, "events": ["chat.created", "message.sent"]}


@pytest.fixture
def hook(world):
    return services.create(world.workspace, url=URL, events=["chat.created"])


@pytest.fixture
def address(hook):
    return f"webhooks/{encode('webhook', hook.uid)}"


def test_the_secret_is_whole_in_the_answer_that_made_it_and_in_no_other(server):
    made = server.post("webhooks", NEW)
    assert made.status == 201
    row = Subscription.objects.get()
    assert made.body["secret"] == row.secret
    assert (made.body["url"], made.body["events"], made.body["active"]) == (URL, NEW["events"], True)
    path = f"webhooks/{made.body['id']}"
    later = [
        server.get(path),
        server.get("webhooks"),
        server.patch(path, {"active": False}),
        server.post(f"{path}/resume"),
    ]
    assert all(row.secret.removeprefix("whsec_") not in str(answer.body) for answer in later)
    assert later[0].body["secret"].startswith("whsec_***")
    rotated = server.post(f"{path}/rotate-secret")
    new = Subscription.objects.get().secret
    assert (rotated.body["secret"], new != row.secret) == (new, True)
    assert rotated.body["previous_secret_valid_until"]


def test_a_secret_that_the_user_brings_is_theirs(server):
    made = server.post("webhooks", {**NEW, "secret": "your_webhook_secret"})
    assert made.body["secret"] == services._secret("your_webhook_secret")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://myapp.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://user:pass@myapp.com/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"events": []}, "events"),
        ({"events": ["chat.exploded"]}, "events"),
        ({"events": ["chat.created", "chat.created"]}, "events"),
        ({"events": "chat.created"}, "events"),
        ({"events": [{}]}, "events.0"),
        ({"events": None}, "events"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_!!!"}, "secret"),
        ({"active": "yes"}, "active"),
        ({"workspace": 2}, "workspace"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(server, address, change, field):
    answer = server.post("webhooks", {**NEW, **change})
    assert (answer.status, answer.code) == (400, "VAL-001")
    assert field in answer.details
    assert Subscription.objects.count() == 1
    if change.get("events", 1) is not None:
        answer = server.patch(address, change)
        assert (answer.status, list(answer.details)) == (400, [field])
    assert Subscription.objects.get().url == URL


def test_a_webhook_is_changed_and_deleted(server, address, hook):
    answer = server.patch(address, {"url": "https://other.example/", "events": ["chat.closed"], "active": False})
    assert (answer.body["url"], answer.body["events"], answer.body["state"]) == (
        "https://other.example/",
        ["chat.closed"],
        "off",
    )
    assert server.post(f"{address}/test").code == "WEBHOOK-004"
    assert server.delete(address).status == 204
    assert server.get(address).code == "WEBHOOK-001"


def test_a_pause_is_shown_and_ended(server, address, hook):
    Subscription.objects.filter(pk=hook.pk).update(paused_at=timezone.now(), pause_reason="Nothing but failures.")
    shown = server.get(address).body
    assert (shown["state"], shown["pause_reason"]) == ("paused", "Nothing but failures.")
    assert server.patch(address, {"active": True}).body["state"] == "on"


def test_there_is_a_limit(server, monkeypatch, hook):
    monkeypatch.setattr(services, "MOST_SUBSCRIPTIONS", 1)
    answer = server.post("webhooks", NEW)
    assert (answer.status, answer.code) == (409, "WEBHOOK-002")


@pytest.mark.django_db(transaction=True)
def test_the_log_shows_each_attempt_with_request_and_response_and_a_replay_has_the_same_id(server, world, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    receiver = Receiver(
        lambda request, before: Answer(500, body=b"not now") if before == 0 else Answer(200, body=b"ok")
    )
    try:
        made = server.post("webhooks", {"url": receiver.url, "events": ["chat.created"]}).body
        path = f"webhooks/{made['id']}"
        tested = server.post(f"{path}/test")
        assert (tested.status, tested.body["event"], tested.body["status"]) == (202, "webhook.test", "pending")
        relay.run_once(Pace())
        Delivery.objects.update(next_at=timezone.now())
        relay.run_once(Pace())
        one = server.get(f"{path}/deliveries/{tested.body['id']}").body
        assert (one["status"], one["attempts"]) == ("delivered", 2)
        assert [t["response"] for t in one["tries"]] == [
            {"status_code": 500, "body": "not now"},
            {"status_code": 200, "body": "ok"},
        ]
        assert one["tries"][0]["request"]["url"] == receiver.url
        assert one["tries"][0]["request"]["headers"]["webhook-id"] == one["id"] == receiver.received[0].id
        assert one["body"] == receiver.received[0].verified(made["secret"])
        (listed,) = server.get(f"{path}/deliveries?status=delivered&event=webhook.test").data
        assert (listed["id"], listed["last_status_code"]) == (one["id"], 200)
        again = server.post(f"{path}/deliveries/{one['id']}/replay")
        assert (again.status, again.body["status"]) == (202, "pending")
        relay.run_once(Pace())
        start = one["created_at"]
        assert server.post(f"{path}/replay", {"from": start, "failed_only": True}).body == {"replayed": 0}
        assert server.post(f"{path}/replay", {"from": start}).body == {"replayed": 1}
        relay.run_once(Pace())
        assert receiver.ids == [one["id"]] * 4
    finally:
        receiver.close()


def test_the_log_is_read_page_by_page(server, address, hook):
    rows = [services.send_test(hook) for _ in range(5)]
    first = server.get(f"{address}/deliveries?limit=3")
    rest = server.get(f"{address}/deliveries?limit=3&after={first.body['pagination']['next']}")
    assert rest.body["pagination"]["next"] is None
    shown = [row["id"] for row in first.data + rest.data]
    assert shown == [encode("delivery", row.uid) for row in reversed(rows)]
    assert server.get(f"{address}/deliveries?after=delivery_{'0' * 32}").code == "WEBHOOK-003"
    assert list(server.get(f"{address}/deliveries?status=lost").details) == ["status"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-02T00:00:00Z", "to": "2026-02-01T00:00:00Z"}, "to"),
    ],
)
def test_a_range_that_cannot_be_is_refused(server, address, body, field):
    assert list(server.post(f"{address}/replay", body).details) == [field]


CALLS = [
    ("GET", "", None),
    ("PATCH", "", {"active": False}),
    ("DELETE", "", None),
    ("POST", "/rotate-secret", {}),
    ("POST", "/resume", {}),
    ("POST", "/test", {}),
    ("POST", "/replay", {"from": "2020-01-01T00:00:00Z"}),
    ("GET", "/deliveries", None),
    ("GET", "/deliveries/DELIVERY", None),
    ("POST", "/deliveries/DELIVERY/replay", {}),
]


def test_webhooks_are_for_the_admins_and_servers_of_their_workspace(
    world, adam, sue, otto, strangers, foreigners, hook, address
):
    delivery = services.send_test(hook)
    Delivery.objects.update(delivered_at=timezone.now() - timedelta(hours=1))
    Attempt.objects.create(delivery=delivery, status=200)
    before = list(Subscription.objects.values()), list(Delivery.objects.values())
    for method, rest, body in CALLS:
        path = address + rest.replace("DELIVERY", encode("delivery", delivery.uid))
        for caller in foreigners.values():
            assert caller.call(method, path, body).code == "WEBHOOK-001"
        for caller in (sue, otto, *strangers.values()):
            assert caller.call(method, path, body).status in (401, 403)
    assert (list(Subscription.objects.values()), list(Delivery.objects.values())) == before
    assert adam.get(address).status == 200
    other = services.create(world.workspace, url=URL, events=["chat.closed"])
    crossed = f"webhooks/{encode('webhook', other.uid)}/deliveries/{encode('delivery', delivery.uid)}"
    assert adam.get(crossed).code == "WEBHOOK-003"
