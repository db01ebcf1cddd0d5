"""The developer page: who may enter, each act, secrets shown once, and what it costs."""

import re

import pytest
from django.test import Client
from django.utils import timezone, translation

from agents.models import AuditEntry
from agents.services import audit, team
from config.demo.factories import (
    AttemptFactory,
    DeliveryFactory,
    PublishableKeyFactory,
    SecretKeyFactory,
    SubscriptionFactory,
    WidgetFactory,
)
from integrations.keys.models import SecretKey
from integrations.webhooks import services
from integrations.webhooks.models import Subscription
from tests.keys.callers import call
from widget.models import PublishableKey

pytestmark = pytest.mark.django_db
ROOT = "/inbox/developers/"
ONLINE = "/v1/chat/agents/online"


@pytest.fixture
def sit(db):
    def sit(agent):
        browser = Client()
        browser.force_login(agent.user)
        return browser

    return sit


@pytest.fixture
def admin(world, sit):
    return sit(world.admin)


@pytest.fixture
def things(world):
    """One of everything in the company, and the addresses where they are."""
    key, page = SecretKeyFactory(workspace=world.workspace), PublishableKeyFactory(workspace=world.workspace)
    widget = WidgetFactory(workspace=world.workspace, domains=["shop.example.com"])
    hook = SubscriptionFactory(workspace=world.workspace)
    delivery = DeliveryFactory(subscription=hook)
    AttemptFactory(delivery=delivery, response="<b>thanks</b>")
    at = f"webhooks/{hook.uid.hex}"
    return {
        "seen": [
            "", "keys/new", "website", "website/keys/new", "website/identity", "webhooks", "webhooks/new", "activity",
            f"keys/{key.uid.hex}", f"keys/secret/{key.uid.hex}/rotate", f"keys/secret/{key.uid.hex}/revoke",
            f"keys/page/{page.uid.hex}/rotate", f"keys/page/{page.uid.hex}/revoke",
            at, f"{at}/rotate", f"{at}/delete", f"{at}/deliveries/{delivery.uid.hex}",
        ],
        "sent": [
            f"{at}/resume", f"{at}/test", f"{at}/replay", f"{at}/deliveries/{delivery.uid.hex}/replay",
            f"website/domains/{widget.uid.hex}",
        ],
        "secrets": [key.secret, page.secret, hook.secret, world.workspace.identity_secret],
    }  # fmt: skip


def new_key(browser, **fields):
    form = browser.get(f"{ROOT}keys/new").context["form"]
    uid = str(form.initial.get("uid") or form["uid"].value())
    return browser.post(f"{ROOT}keys/new", {"name": "Backend", "scopes": ["all"], "uid": uid, **fields}), uid


def shown(answer):
    return re.search(r'id="secret"[^>]*>([^<]+)<', answer.content.decode())[1]


def rotate(browser, path, overlap="24"):
    uid = browser.get(ROOT + path).context["form"]["uid"].value()
    return browser.post(ROOT + path, {"overlap": overlap, "uid": uid})


def test_owners_and_admins_open_every_page_and_others_none(world, sit, things):
    for name, status in (("owner", 200), ("admin", 200), ("supervisor", 403), ("operator", 403)):
        browser = sit(getattr(world, name))
        for path in things["seen"]:
            assert browser.get(ROOT + path).status_code == status, (name, path)
    for path in things["seen"]:
        assert Client().get(ROOT + path).status_code == 302


def test_nobody_of_elsewhere_sees_or_does_anything(world, sit, things):
    browser = sit(world.outsider)
    before = [list(m.objects.order_by("pk").values()) for m in (SecretKey, PublishableKey, Subscription)]
    for path in [*things["seen"], *things["sent"]]:
        if re.search(r"[0-9a-f]{32}", path):
            assert browser.get(ROOT + path).status_code in (404, 405), path
            assert browser.post(ROOT + path, {"overlap": "0"}).status_code in (404, 405), path
    operator = sit(world.operator)
    for path in [*things["seen"], *things["sent"]]:
        assert operator.post(ROOT + path, {"name": "x"}).status_code in (403, 405), path
    assert [list(m.objects.order_by("pk").values()) for m in (SecretKey, PublishableKey, Subscription)] == before


def test_only_those_who_may_enter_see_the_way(world, sit):
    assert ROOT in sit(world.admin).get("/inbox/").content.decode()
    assert ROOT not in sit(world.operator).get("/inbox/").content.decode()


def test_no_page_costs_more_than_twelve_queries_or_shows_a_secret(world, admin, things, django_assert_max_num_queries):
    for _ in range(5):
        SecretKeyFactory(workspace=world.workspace)
        DeliveryFactory(subscription=Subscription.objects.first())
    for path in things["seen"]:
        with django_assert_max_num_queries(12):
            text = admin.get(ROOT + path).content.decode()
        assert not any(secret in text for secret in things["secrets"]), path
        assert "<b>thanks</b>" not in text
        assert " style=" not in text


def test_empty_pages_say_what_to_do(world, admin):
    for path, words in (("", "No keys yet"), ("webhooks", "No webhooks yet"), ("activity", "Nothing yet")):
        assert words in admin.get(ROOT + path).content.decode()


def test_a_new_key_is_shown_once_and_does_what_its_scopes_say(world, admin):
    answer, _uid = new_key(admin, scopes=["agents:read", "chats:read"], per_minute="7", lasts="30")
    secret = shown(answer)
    assert answer["Cache-Control"] == "no-store"
    key = SecretKey.objects.get()
    assert (key.workspace, key.scopes, key.per_minute) == (world.workspace, ["chats:read", "agents:read"], 7)
    assert 29 <= (key.expires_at - key.created_at).days <= 30
    assert call(ONLINE, secret)["X-RateLimit-Limit"] == "7"
    assert call("/v1/chat/sessions", secret, "POST", "{}").status_code == 403
    assert secret not in admin.get(ROOT).content.decode()


def test_a_form_sent_twice_makes_one_key(admin):
    _answer, uid = new_key(admin)
    again = admin.post(f"{ROOT}keys/new", {"name": "Backend", "scopes": ["all"], "uid": uid}, follow=True)
    assert SecretKey.objects.count() == 1
    assert "shown then" in again.content.decode()


WRONG = [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"per_minute": "0"}, {"uid": "x"}]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_key_that_makes_no_sense_is_not_made(admin, wrong):
    answer, _uid = new_key(admin, **wrong)
    assert answer.status_code == 200
    assert not SecretKey.objects.exists()


def test_a_rotated_key_works_beside_the_old_one_until_its_end(world, admin):
    old = SecretKeyFactory(workspace=world.workspace, scopes=["agents:read"], per_minute=50)
    secret = shown(rotate(admin, f"keys/secret/{old.uid.hex}/rotate"))
    assert [call(ONLINE, s).status_code for s in (old.secret, secret)] == [200, 200]
    new = SecretKey.objects.exclude(pk=old.pk).get()
    assert (new.name, new.scopes, new.per_minute) == (old.name, ["agents:read"], 50)
    SecretKey.objects.filter(pk=old.pk).update(expires_at="2026-01-01T00:00:00Z")
    assert [call(ONLINE, s).status_code for s in (old.secret, secret)] == [401, 200]
    newest = shown(rotate(admin, f"keys/secret/{new.uid.hex}/rotate", overlap="0"))
    assert [call(ONLINE, s).status_code for s in (secret, newest)] == [401, 200]
    assert rotate(admin, f"keys/secret/{new.uid.hex}/rotate").status_code == 302
    assert SecretKey.objects.count() == 3


def test_revoking_asks_first_and_ends_the_key(world, admin):
    key = SecretKeyFactory(workspace=world.workspace)
    path = f"{ROOT}keys/secret/{key.uid.hex}/revoke"
    assert "cannot be undone" in admin.get(path).content.decode()
    assert call(ONLINE, key.secret).status_code == 200
    admin.post(path)
    assert call(ONLINE, key.secret).status_code == 401


def test_a_key_is_changed_and_keeps_its_secret(world, admin):
    key = SecretKeyFactory(workspace=world.workspace)
    admin.post(f"{ROOT}keys/{key.uid.hex}", {"name": "Reports", "scopes": ["analytics:read"], "per_second": "5"})
    assert call(ONLINE, key.secret).status_code == 403
    key.refresh_from_db()
    assert (key.name, key.per_minute, key.per_second) == ("Reports", None, 5)


def test_the_website_gets_its_key_in_the_snippet_and_its_domains(world, admin):
    widget = WidgetFactory(workspace=world.workspace, domains=[])
    uid = admin.get(f"{ROOT}website/keys/new").context["form"]["uid"].value()
    answer = admin.post(f"{ROOT}website/keys/new", {"name": "Shop", "uid": uid})
    assert answer.content.decode().count(shown(answer)) == 2
    path = f"{ROOT}website/domains/{widget.uid.hex}"
    assert admin.post(path, {"domains": "https://x y"}).status_code == 400
    assert admin.post(path, {"domains": "Shop.example.com\n\n*.shop.example.com\n"}).status_code == 302
    widget.refresh_from_db()
    assert widget.domains == ["shop.example.com", "*.shop.example.com"]


def test_a_new_identity_secret_leaves_the_old_one_its_time(world, admin):
    import jwt

    from widget.identity import InvalidIdentity, verify

    old = world.workspace.identity_secret
    secret = shown(rotate(admin, "website/identity"))
    world.workspace.refresh_from_db()
    for used in (old, secret):
        assert verify(world.workspace, jwt.encode({"sub": "c1", "exp": 4102444800}, used)).external_id == "c1"
    newest = shown(rotate(admin, "website/identity", overlap="0"))
    world.workspace.refresh_from_db()
    assert verify(world.workspace, jwt.encode({"sub": "c1", "exp": 4102444800}, newest))
    with pytest.raises(InvalidIdentity):
        verify(world.workspace, jwt.encode({"sub": "c1", "exp": 4102444800}, secret))


def test_a_webhook_lives_its_life(world, admin):
    fields = {"url": "https://hooks.example.com/a", "events": ["chat.created"], "active": "on"}
    answer = admin.post(f"{ROOT}webhooks/new", fields)
    assert shown(answer).startswith("whsec_")
    hook = Subscription.objects.get()
    at = f"{ROOT}webhooks/{hook.uid.hex}"
    assert admin.post(f"{ROOT}webhooks/new", {**fields, "url": "http://10.0.0.1/"}).context["form"].errors["url"]
    admin.post(at, {**fields, "events": ["chat.closed", "chat.rated"]})
    assert admin.post(at, {**fields, "url": "ftp://x"}).context["form"].errors["url"]
    hook.refresh_from_db()
    assert (hook.url, hook.events) == (fields["url"], ["chat.closed", "chat.rated"])
    old = hook.secret
    assert shown(rotate(admin, f"webhooks/{hook.uid.hex}/rotate")) != old
    admin.post(f"{at}/test")
    assert hook.deliveries.get().event == "webhook.test"
    Subscription.objects.update(paused_at="2026-01-01T00:00:00Z", pause_reason="It was gone.")
    assert "It was gone." in admin.get(at).content.decode()
    admin.post(f"{at}/resume")
    assert Subscription.objects.get().state == "on"
    assert "cannot" not in admin.get(f"{at}/delete").content.decode()
    assert Subscription.objects.exists()
    admin.post(f"{at}/delete")
    assert not Subscription.objects.exists()


def test_deliveries_are_sent_again_one_by_one_or_by_time(world, admin):
    hook = SubscriptionFactory(workspace=world.workspace)
    one, two = (DeliveryFactory(subscription=hook, delivered_at="2026-01-01T00:00:00Z") for _ in range(2))
    at = f"{ROOT}webhooks/{hook.uid.hex}"
    admin.post(f"{at}/deliveries/{one.uid.hex}/replay")
    assert [d.delivered_at is None for d in hook.deliveries.order_by("id")] == [True, False]
    assert admin.post(f"{at}/replay", {"since": ""}).context["replay_form"].errors["since"]
    admin.post(f"{at}/replay", {"since": "2020-01-01T00:00"})
    two.refresh_from_db()
    assert two.delivered_at is None


def test_the_log_goes_on_where_it_stopped(world, admin, monkeypatch):
    monkeypatch.setattr("integrations.developers.webhooks.DELIVERIES", 2)
    hook = SubscriptionFactory(workspace=world.workspace)
    made = [DeliveryFactory(subscription=hook).pk for _ in range(5)]
    at, query, seen = f"{ROOT}webhooks/{hook.uid.hex}", "", []
    while query is not None:
        context = admin.get(at + query).context
        seen += [row.pk for row in context["deliveries"]]
        query = f"?before={context['more']}" if context["more"] else None
    assert seen == made[::-1]


def test_what_was_done_is_written_down_with_who_and_from_where(world, admin):
    new_key(admin)
    key = SecretKey.objects.get()
    admin.post(f"{ROOT}keys/secret/{key.uid.hex}/revoke")
    team.change_role(world.operator, "supervisor", by=world.owner)
    entries = list(AuditEntry.objects.order_by("id").values_list("act", "actor__name", "address"))
    assert entries == [
        ("key.created", "Adam", "127.0.0.1"),
        ("key.revoked", "Adam", "127.0.0.1"),
        ("agent.role_changed", "Olga", ""),
    ]
    text = admin.get(f"{ROOT}activity").content.decode()
    assert "Key revoked" in text
    assert "Operator → Supervisor" in text
    world.admin.user.language = "vi"
    world.admin.user.save()
    assert "operator → supervisor" not in admin.get(f"{ROOT}activity").content.decode().lower()


@pytest.mark.parametrize(
    ("act", "target", "words"),
    [
        (audit.ROLE_CHANGED, "Olga: operator → supervisor", "Olga: Operator → Supervisor"),
        (audit.SEAT_GIVEN, "Olga (admin)", "Olga (Admin)"),
        (audit.SEAT_GIVEN, "Mr (owner) : admin (operator)", "Mr (owner) : admin (Operator)"),
        (audit.ROLE_CHANGED, "Old: operator: owner → admin", "Old: operator: Owner → Admin"),
        (audit.KEY_CREATED, "Shop (admin)", "Shop (admin)"),
    ],
)
def test_roles_are_told_by_their_names_and_names_are_left_alone(act, target, words):
    with translation.override("en"):
        assert audit.shown(AuditEntry(act=act, target=target)) == words


@pytest.mark.parametrize(("language", "words"), [("vi", "Khóa API"), ("uz", "API kalitlari")])
def test_it_speaks_the_persons_language(world, sit, language, words):
    world.admin.user.language = language
    world.admin.user.save()
    assert words in sit(world.admin).get(ROOT).content.decode()


def test_a_paused_webhook_is_marked_on_every_page_for_admins_alone(world, admin, sit):
    badge = '<span class="badge waiting" title="Paused">1<'
    hook = services.create(world.workspace, url="https://myapp.com/hook", events=["message.sent"])
    assert badge not in admin.get("/inbox/").content.decode()
    Subscription.objects.filter(pk=hook.pk).update(paused_at=timezone.now())
    assert badge in admin.get("/inbox/").content.decode()
    assert badge in admin.get("/inbox/developers/").content.decode()
    assert badge not in sit(world.operator).get("/inbox/").content.decode()
