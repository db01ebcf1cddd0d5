"""What people do to webhooks: only what can be right is stored, and only in one's own workspace."""

import base64

import pytest
from django.db import connection

from agents.ids import encode
from chat.errors import Invalid
from integrations.webhooks import services
from integrations.webhooks.models import Delivery, Subscription
from integrations.webhooks.names import EVENTS

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/parley"


def create(world, **fields):
    return services.create(world.workspace, **{"url": URL, "events": ["chat.created"]} | fields)


def test_a_webhook_is_created_with_a_secret_of_its_own(world):
    one, two = create(world), create(world)
    assert one.secret.startswith("whsec_")
    assert one.secret != two.secret
    assert len(base64.b64decode(one.secret.removeprefix("whsec_"))) == 24
    assert Subscription.objects.get(pk=one.pk).secret == one.secret
    assert (one.state, one.events, one.url) == ("on", ["chat.created"], URL)


def test_its_secret_is_not_readable_in_the_database(world):
    subscription = create(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM webhooks_subscription")
        assert subscription.secret not in cursor.fetchone()[0]


def test_every_documented_event_can_be_chosen(world):
    assert set(EVENTS) == {
        "chat.created", "chat.assigned", "chat.transferred", "chat.closed", "chat.rated",
        "message.sent", "message.read", "agent.status_changed", "visitor.updated",
    }  # fmt: skip
    assert create(world, events=EVENTS).events == list(EVENTS)


@pytest.mark.parametrize(
    "events",
    [[], ["chat.exploded"], ["chat.created", "chat.created"], "chat.created", None, [1], [{}], ["webhook.test"]],
)
def test_events_that_there_are_not_are_refused(world, events):
    with pytest.raises(Invalid) as refused:
        create(world, events=events)
    assert refused.value.field == "events"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks", "ftp://hooks.example.com/", "http://hooks.example.com/", "https://", "https:///path", "//x.com/",
        "javascript:alert(1)", "file:///etc/passwd", "https://user:pw@hooks.example.com/", "https://u@hooks.example.com/",
        "https://hooks.example.com:99999/", "https://hooks.example.com:0/", " https://hooks.example.com/",
        "https://hooks.example.com/a b", "https://hooks.example.com/\r\nX-Evil: 1", "https://127.0.0.1/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/", "https://[::ffff:10.0.0.1]/", "https://" + "a" * 2000 + ".com/",
        "https://[::1/", None, 5,
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_right_are_refused(world, url):
    with pytest.raises(Invalid) as refused:
        create(world, url=url)
    assert refused.value.field == "url"


def test_plain_http_and_private_numbers_are_for_operators_who_allow_them(world, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    assert create(world, url="http://127.0.0.1:9000/in").pk
    assert create(world, url="http://receiver:9000/in").pk


def test_a_secret_that_users_bring_is_kept_in_its_standard_form(world):
    key = base64.b64encode(b"k" * 24).decode()
    assert create(world, secret="whsec_" + key).secret == "whsec_" + key
    text = create(world, secret="your_webhook_secret").secret
    assert base64.b64decode(text.removeprefix("whsec_")) == b"your_webhook_secret"


@pytest.mark.parametrize("secret", ["", "short", "whsec_", "whsec_%%%%", "whsec_c2hvcnQ=", 7])
def test_a_weak_secret_is_refused(world, secret):
    with pytest.raises(Invalid) as refused:
        create(world, secret=secret)
    assert refused.value.field == "secret"


def test_there_is_a_limit_to_how_many(world, monkeypatch):
    monkeypatch.setattr(services, "MOST_SUBSCRIPTIONS", 2)
    create(world)
    create(world)
    with pytest.raises(Invalid) as refused:
        create(world)
    assert refused.value.code == "too_many_webhooks"
    assert services.create(world.elsewhere, url=URL, events=["chat.created"]).pk


def test_an_update_changes_what_is_given_and_is_checked(world):
    subscription = create(world)
    services.update(subscription, events=["chat.closed"])
    services.update(subscription, active=False)
    subscription.refresh_from_db()
    assert (subscription.url, subscription.events, subscription.state) == (URL, ["chat.closed"], "off")
    with pytest.raises(Invalid):
        services.update(subscription, events=["nonsense"])
    subscription.refresh_from_db()
    assert subscription.events == ["chat.closed"]


def test_a_new_address_starts_with_a_clean_record(world):
    subscription = create(world)
    subscription.failures, subscription.failing_since, subscription.paused_at = 30, *[subscription.created_at] * 2
    subscription.save()
    assert subscription.state == "paused"
    services.update(subscription, url="https://new.example.com/")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.failures) == ("on", 0)


def test_deleting_takes_its_deliveries_along_and_leaves_the_others(world):
    mine, other = create(world), create(world)
    services.send_test(mine)
    kept = services.send_test(other)
    services.delete(mine)
    assert list(Delivery.objects.all()) == [kept]


def test_a_test_event_names_its_webhook(world):
    subscription = create(world)
    delivery = services.send_test(subscription)
    assert delivery.payload["type"] == "webhook.test"
    assert delivery.payload["data"] == {"webhook_id": encode("webhook", subscription.uid)}
    assert delivery.workspace_id == world.workspace.pk
