"""Adding and changing in Django admin: keys shown once, nothing moved or tied to another workspace."""

import pytest
from django.urls import reverse

from agents.models import Department, User, Workspace
from chat.models import Tag
from config.demo import factories as make
from integrations.bots.models import Bot
from integrations.chatbots.signing import signature
from integrations.keys.models import SecretKey
from integrations.webhooks.models import Delivery, Subscription
from widget.models import PublishableKey, Trigger, Widget

pytestmark = pytest.mark.django_db

WIDGET = {
    "name": "Shop", "enabled": "on", "domains": "example.com\n*.example.com\nexample.com", "primary_color": "#4F46E5",
    "position": "bottom-right", "shape": "circle", "border_radius": 12, "proactive_delay": 30, "department": "",
}  # fmt: skip


def add(kind):
    return reverse(f"admin:{kind}_add")


def change(kind, row):
    return reverse(f"admin:{kind}_change", args=[row.pk])


@pytest.mark.parametrize(("kind", "model"), [("keys_secretkey", SecretKey), ("widget_publishablekey", PublishableKey)])
def test_a_new_key_is_shown_once_and_works(as_owner, world, kind, model):
    answer = as_owner.post(add(kind), {"workspace": world.workspace.pk, "name": "Server", "scopes": ["chats:read"]})
    secret = dict(answer.context["secrets"])["Key"]
    row = model.find(secret)
    assert (row.name, row.workspace) == ("Server", world.workspace)
    assert secret not in as_owner.get(change(kind, row)).content.decode()
    as_owner.post(
        change(kind, row),
        {"name": "Renamed", "scopes": ["chats:read"], "revoked_at": "2020-01-01", "secret_hash": "0" * 64},
    )
    assert model.find(secret).name == "Renamed"
    as_owner.post(reverse(f"admin:{kind}_changelist"), {"action": "revoke", "_selected_action": [row.pk]})
    assert model.find(secret) is None


def test_keys_of_elsewhere_are_not_made_or_revoked(as_owner, world):
    theirs = make.SecretKeyFactory(workspace=world.elsewhere)
    as_owner.post(add("keys_secretkey"), {"workspace": world.elsewhere.pk, "name": "Mine"})
    as_owner.post(reverse("admin:keys_secretkey_changelist"), {"action": "revoke", "_selected_action": [theirs.pk]})
    assert SecretKey.find(theirs.secret) == theirs
    assert SecretKey.objects.count() == 1


def test_a_widget_is_made_and_changed(as_owner, world):
    assert as_owner.post(add("widget_widget"), WIDGET | {"workspace": world.workspace.pk}).status_code == 302
    widget = Widget.objects.get()
    assert widget.domains == ["example.com", "*.example.com"]
    assert as_owner.post(change("widget_widget", widget), WIDGET | {"department": world.sales.pk}).status_code == 302
    widget.refresh_from_db()
    assert widget.department == world.sales


TRIGGER = {
    "name": "Help", "active": "on", "condition": "page_load", "delay_seconds": 3, "threshold": 70, "url_pattern": "*",
    "repeat": "visitor", "repeat_hours": 9, "message": "Can we help?", "text_vi": "Cần hỗ trợ gì không?", "widget": "",
}  # fmt: skip


def test_a_trigger_is_made_and_changed_and_keeps_only_what_goes_with_it(as_owner, world):
    assert as_owner.post(add("widget_trigger"), TRIGGER | {"workspace": world.workspace.pk}).status_code == 302
    trigger = Trigger.objects.get()
    assert (trigger.threshold, trigger.repeat_hours, trigger.messages) == (None, None, {"vi": "Cần hỗ trợ gì không?"})
    page, changed = change("widget_trigger", trigger), {"condition": "scroll", "repeat": "hours", "text_vi": ""}
    assert as_owner.post(page, TRIGGER | changed).status_code == 302
    trigger.refresh_from_db()
    assert (trigger.threshold, trigger.repeat_hours, trigger.messages) == (70, 9, {})


def test_a_trigger_says_what_is_wrong_with_it(as_owner, world):
    theirs = make.WidgetFactory(workspace=world.elsewhere)
    wrong = {"repeat": "hours", "repeat_hours": "", "url_pattern": "", "widget": theirs.pk, "delay_seconds": 9999}
    answer = as_owner.post(add("widget_trigger"), TRIGGER | wrong | {"workspace": world.workspace.pk})
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"repeat_hours", "url_pattern", "widget", "delay_seconds"}
    assert not Trigger.objects.exists()


def test_a_widget_does_not_point_elsewhere_nor_move(as_owner, world):
    widget = make.WidgetFactory(workspace=world.workspace)
    theirs = make.DepartmentFactory(workspace=world.elsewhere)
    answer = as_owner.post(change("widget_widget", widget), WIDGET | {"department": theirs.pk})
    assert "department" in answer.context["adminform"].form.errors
    as_owner.post(change("widget_widget", widget), WIDGET | {"workspace": world.elsewhere.pk})
    widget.refresh_from_db()
    assert widget.workspace == world.workspace


def test_even_a_superuser_ties_no_two_workspaces_together(as_root, world):
    widget = make.WidgetFactory(workspace=world.workspace)
    theirs = make.DepartmentFactory(workspace=world.elsewhere)
    answer = as_root.post(change("widget_widget", widget), WIDGET | {"department": theirs.pk})
    assert "department" in answer.context["adminform"].form.errors


def test_a_second_default_widget_is_an_error_of_the_form(as_owner, world):
    make.WidgetFactory(workspace=world.workspace)
    second = make.WidgetFactory(workspace=world.workspace, is_default=False)
    answer = as_owner.post(change("widget_widget", second), WIDGET | {"is_default": "on"})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors


@pytest.mark.parametrize("domains", ["http://example.com/", "exa mple.com", "example.com/x"])
def test_a_widget_refuses_what_is_no_host(as_owner, world, domains):
    answer = as_owner.post(add("widget_widget"), WIDGET | {"workspace": world.workspace.pk, "domains": domains})
    assert "domains" in answer.context["adminform"].form.errors


def test_a_department_says_by_which_id_bots_name_it(as_owner, world):
    assert str(world.sales.uid) in as_owner.get(change("agents_department", world.sales)).content.decode()


def test_departments_and_tags_are_unique_in_their_workspace_only(as_owner, world):
    make.DepartmentFactory(workspace=world.elsewhere, slug="legal")
    url, data = add("agents_department"), {"workspace": world.workspace.pk, "name": "Legal", "slug": "legal"}
    assert as_owner.post(url, data).status_code == 302
    assert as_owner.post(url, data).context["adminform"].form.errors
    other = make.DepartmentFactory(workspace=world.workspace)
    assert as_owner.post(change("agents_department", other), data).context["adminform"].form.errors
    assert Department.objects.filter(slug="legal").count() == 2
    as_owner.post(add("chat_tag"), {"workspace": world.workspace.pk, "name": "  Big   Spender "})
    assert Tag.objects.get().name == "big spender"


def test_a_bot_is_made_with_its_agent_and_its_secret_shown_once(as_owner, world):
    data = {"workspace": world.workspace.pk, "name": "helper", "transport": "broker", "url": "", "deadline_seconds": 30}
    answer = as_owner.post(add("bots_bot"), data)
    bot = Bot.objects.get()
    assert bot.agent.is_bot
    shown = {"Bot id": str(bot.agent.uid), "Client id": bot.client_id, "Client secret": bot.client_secret}
    assert dict(answer.context["secrets"]) == shown
    assert shown["Bot id"] in as_owner.get(change("bots_bot", bot)).content.decode()
    assert bot.client_secret not in as_owner.get(change("bots_bot", bot)).content.decode()
    refused = as_owner.post(change("bots_bot", bot), {"transport": "http", "url": "", "deadline_seconds": 30})
    assert "url" in refused.context["adminform"].form.errors
    wanted = {"transport": "http", "url": "https://bot.example.com", "name": "other", "deadline_seconds": 45}
    as_owner.post(change("bots_bot", bot), wanted)
    bot.refresh_from_db()
    assert (bot.name, bot.url, bot.deadline_seconds) == ("helper", "https://bot.example.com", 45)
    told = world.workspace.audit_entries.order_by("id").values_list("act", "target")
    assert list(told) == [("bot.created", "helper"), ("bot.changed", "helper: deadline_seconds, transport, url")]


def test_a_bots_new_secret_is_shown_once_and_the_old_one_signs_no_more(as_owner, world, client):
    ours, theirs = make.BotFactory(workspace=world.workspace), make.BotFactory(workspace=world.elsewhere)
    old, foreign = ours.client_secret, theirs.client_secret

    def status(secret):
        headers = {
            "x-client-id": ours.client_id,
            "x-bot-id": str(ours.agent.uid),
            "x-signature": signature(secret, b""),
        }
        return client.post("/bots/list_routing_statuses", b"", "application/json", headers=headers).status_code

    def rotate(bot):
        data = {"action": "rotate", "_selected_action": [bot.pk]}
        return as_owner.post(reverse("admin:bots_bot_changelist"), data)

    assert status(old) == 200
    answer = rotate(ours)
    assert "no-store" in answer["Cache-Control"]
    new = dict(answer.context["secrets"])["Client secret"]
    assert (status(old), status(new)) == (401, 200)
    assert new not in as_owner.get(change("bots_bot", ours)).content.decode()
    rotate(theirs)
    theirs.refresh_from_db()
    assert theirs.client_secret == foreign
    assert list(world.workspace.audit_entries.values_list("act", "target")) == [("bot.secret_rotated", ours.name)]


def test_a_webhook_is_made_changed_and_its_secret_shown_once(as_owner, world):
    data = {
        "workspace": world.workspace.pk,
        "url": "https://a.example.com/x",
        "events": ["chat.closed"],
        "active": "on",
    }
    secret = dict(as_owner.post(add("webhooks_subscription"), data).context["secrets"])["Secret"]
    hook = Subscription.objects.get()
    assert (hook.secret, hook.events) == (secret, ["chat.closed"])
    assert secret not in as_owner.get(change("webhooks_subscription", hook)).content.decode()
    as_owner.post(change("webhooks_subscription", hook), {"url": hook.url, "events": ["chat.rated", "chat.closed"]})
    hook.refresh_from_db()
    assert set(hook.events) == {"chat.rated", "chat.closed"} and not hook.active
    assert hook.secret == secret


def test_a_delivery_is_sent_again_only_by_its_own(as_owner, world):
    from django.utils import timezone

    mine = make.DeliveryFactory(subscription__workspace=world.workspace, failed_at=timezone.now())
    theirs = make.DeliveryFactory(subscription__workspace=world.elsewhere, failed_at=timezone.now())
    url = reverse("admin:webhooks_delivery_changelist")
    as_owner.post(url, {"action": "replay", "_selected_action": [mine.pk, theirs.pk]})
    assert list(Delivery.objects.filter(failed_at=None)) == [mine]


def test_an_owner_changes_their_workspace_and_opens_none(as_owner, world):
    data = {
        "name": "Acme II",
        "language": "vi",
        "timezone": "Asia/Ho_Chi_Minh",
        "max_file_bytes": 1000,
        "slug": "other",
    }
    as_owner.post(change("agents_workspace", world.workspace), data)
    world.workspace.refresh_from_db()
    assert (world.workspace.name, world.workspace.slug) == ("Acme II", "acme")
    assert as_owner.post(add("agents_workspace"), data).status_code == 403
    answer = as_owner.post(change("agents_workspace", world.workspace), data | {"timezone": "Mars"})
    assert "timezone" in answer.context["adminform"].form.errors


def test_the_largest_file_fits_into_a_request(as_owner, world, settings):
    form = {"name": "Acme", "language": "en", "timezone": "UTC", "max_file_bytes": 40 * 1024 * 1024}
    answer = as_owner.post(change("agents_workspace", world.workspace), form)
    assert "max_file_bytes" in answer.context["adminform"].form.errors
    settings.S3 = object()  # files go straight to the bucket
    as_owner.post(change("agents_workspace", world.workspace), form)
    world.workspace.refresh_from_db()
    assert world.workspace.max_file_bytes == form["max_file_bytes"]


def test_a_superuser_opens_a_workspace(as_root):
    answer = as_root.post(add("agents_workspace"), {"name": "Đà Lạt", "language": "vi", "timezone": "UTC"})
    workspace = Workspace.objects.get()
    assert workspace.slug == "da-lat"
    assert dict(answer.context["secrets"]) == {"Identity secret": workspace.identity_secret}


def test_chats_and_messages_are_for_reading(as_root, world):
    chat = make.ChatFactory(workspace=world.workspace)
    message = make.MessageFactory(chat=chat)
    for kind, row in (("chat_chat", chat), ("chat_message", message)):
        assert as_root.post(change(kind, row), {"status": "closed", "body": "forged"}).status_code == 403
        assert as_root.get(add(kind)).status_code == 403
    message.refresh_from_db()
    assert message.body != "forged"


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("agents", "agenttoken", "agent"),
        ("widget", "widget", "department"),
        ("agents", "agenttoken", "workspace"),
    ],
)
def test_autocomplete_offers_nothing_of_elsewhere(as_owner, world, app, model, field):
    make.DepartmentFactory(workspace=world.elsewhere, name="Secret plans")
    answer = as_owner.get(
        reverse("admin:autocomplete"), {"app_label": app, "model_name": model, "field_name": field, "term": ""}
    )
    texts = {entry["text"] for entry in answer.json()["results"]}
    assert texts
    assert not texts & {"Oscar", "Secret plans", "Beyond"}


def test_filters_offer_nothing_of_elsewhere(as_owner, world):
    theirs = make.DepartmentFactory(workspace=world.elsewhere, name="Secret plans")
    make.AgentFactory(workspace=world.elsewhere, departments=[theirs])
    make.ChatFactory(workspace=world.elsewhere, department=theirs, active=True)
    make.ChatFactory(workspace=world.workspace, department=world.sales)
    make.ChatFactory(workspace=world.workspace, department=world.support)
    for kind in ("agents_agent", "chat_chat"):
        page = as_owner.get(reverse(f"admin:{kind}_changelist"))
        assert "Secret plans" not in page.content.decode()
        assert page.status_code == 200
    filtered = as_owner.get(reverse("admin:agents_agent_changelist"), {"departments__id__exact": theirs.pk})
    assert not filtered.context["cl"].queryset.exists()


def test_nobody_becomes_a_superuser(as_owner, world):
    url = change("agents_user", world.owner.user)
    assert as_owner.post(url, {"email": "x@example.com", "is_superuser": "on"}).status_code == 403
    assert not User.objects.get(pk=world.owner.user.pk).is_superuser


def test_a_superuser_adds_a_login_and_logs_somebody_out(as_root, client, world):
    from django.test import Client

    data = {"email": "Root2@Example.com", "password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}
    answer = as_root.post(add("agents_user"), data | {"usable_password": "true"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert User.objects.filter(email="root2@example.com").exists()
    theirs = Client()
    theirs.force_login(world.operator.user)
    as_root.post(
        reverse("admin:agents_user_changelist"), {"action": "log_out", "_selected_action": [world.operator.user.pk]}
    )
    assert "_auth_user_id" not in theirs.session or theirs.get("/inbox/").status_code == 302
