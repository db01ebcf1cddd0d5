"""Setting an assistant up in Django admin: the key goes in and never comes out, and a try says what is wrong."""

import pytest
from django.test import Client
from django.urls import reverse

from config.demo.factories import AssistantFactory, WidgetFactory
from integrations.replies.models import Assistant

from . import model as talk

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "key-that-nobody-sees"
LIST = "admin:replies_assistant_changelist"


@pytest.fixture
def owner(world):
    client = Client()
    client.force_login(world.owner.user)
    return client


def form(world, **fields):
    return {
        "workspace": world.workspace.pk, "name": "Robin", "enabled": "on", "mode": "answer",
        "base_url": "https://models.example.com/v1", "model": "small", "key": KEY, "instructions": "",
        "handover_words": "boss\n\nchief", "least_confidence": 50, "deadline_seconds": 20, "turns_per_chat": 20,
        "tokens_per_day": 0, **fields,
    }  # fmt: skip


def add(client, world, **fields):
    return client.post(reverse("admin:replies_assistant_add"), form(world, **fields))


def change(client, assistant, world, **fields):
    address = reverse("admin:replies_assistant_change", args=[assistant.pk])
    return client.post(address, form(world, **{"key": "", **fields}))


def test_an_owner_makes_one_and_it_is_a_bot_of_the_team(owner, world):
    assert add(owner, world).status_code == 302
    made = Assistant.objects.get()
    assert (made.secret, made.handover_words) == (KEY, ["boss", "chief"])
    assert (made.agent.name, made.agent.is_bot, made.agent.is_active) == ("Robin", True, True)
    change(owner, made, world, name="Ravi", mode="suggest")
    made.refresh_from_db()
    assert (made.agent.name, made.agent.is_active, made.secret) == ("Ravi", False, KEY)


def test_the_audit_log_tells_who_changed_what_and_no_values(owner, world):
    widget = WidgetFactory(workspace=world.workspace)
    add(owner, world)
    made = Assistant.objects.get()
    change(owner, made, world)
    change(owner, made, world, mode="suggest", key="another-key", widgets=[widget.pk])
    change(owner, made, world, mode="suggest", widgets=[widget.pk], enabled="")
    told = list(world.workspace.audit_entries.order_by("id").values_list("act", "target", "actor_name"))
    who = world.owner.user.email
    assert [(act, target) for act, target, _who in told] == [
        ("assistant.created", "Robin"),
        ("assistant.switched_on", "Robin"),
        ("assistant.changed", "Robin: mode, secret, widgets"),
        ("assistant.switched_off", "Robin"),
    ]
    assert {name for _act, _target, name in told} <= {who, world.owner.name}


def test_of_one_that_is_off_the_page_says_how_to_switch_it_on(owner, world):
    off = AssistantFactory(workspace=world.workspace, enabled=False)
    address = reverse("admin:replies_assistant_change", args=[off.pk])
    assert "To switch it on:" in owner.get(address).content.decode()
    Assistant.objects.filter(pk=off.pk).update(enabled=True)
    assert "It answers visitors." in owner.get(address).content.decode()


def test_the_key_is_encrypted_and_on_no_page(owner, world):
    from django.db import connection

    add(owner, world)
    made = Assistant.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM replies_assistant")
        assert KEY not in cursor.fetchone()[0]
    for address in (reverse(LIST), reverse("admin:replies_assistant_change", args=[made.pk])):
        assert KEY not in owner.get(address).content.decode()
    refused = change(owner, made, world, key="new key", name="")
    assert "new key" not in refused.content.decode()


def test_the_stored_key_goes_to_no_other_address(owner, world):
    add(owner, world)
    made = Assistant.objects.get()
    for elsewhere in ("https://evil.example.com/v1", "https://models.example.com:8443/v1"):
        assert change(owner, made, world, base_url=elsewhere).status_code == 200
        made.refresh_from_db()
        assert made.base_url == "https://models.example.com/v1"
    assert change(owner, made, world, base_url="https://models.example.com/v2").status_code == 302
    assert change(owner, made, world, base_url="https://evil.example.com/v1", key="another").status_code == 302
    made.refresh_from_db()
    assert made.secret == "another"


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://models.example.com"}, {"base_url": "https://10.0.0.1/v1"}, {"base_url": "no address"},
        {"base_url": "https://user:pass@models.example.com"}, {"key": "two words"}, {"key": "đ"},
        {"least_confidence": 101}, {"deadline_seconds": 1}, {"deadline_seconds": 121}, {"turns_per_chat": 0},
        {"instructions": "x" * 4001}, {"handover_words": "x" * 101}, {"mode": "obey"}, {"name": ""},
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(owner, world, wrong):
    assert add(owner, world, **wrong).status_code == 200
    assert not Assistant.objects.exists()


def test_nothing_of_another_workspace_is_taken(owner, world):
    foreign = WidgetFactory(workspace=world.elsewhere)
    assert add(owner, world, widgets=[foreign.pk]).status_code == 200
    assert add(owner, world, workspace=world.elsewhere.pk).status_code == 200
    assert not Assistant.objects.exists()


def tried(client, assistant, question="Hello?"):
    asked = {"action": "try_it", "_selected_action": assistant.pk, "question": question}
    return client.post(reverse(LIST), asked)


def test_a_try_shows_what_a_visitor_would_get(owner, world, assistant, model):
    page = tried(owner, assistant, "").content.decode()
    assert "What can you help me with?" in page and not model.asked
    model.usual = talk.says("<b>Within</b> 30 days.")
    page = tried(owner, assistant, "Returns?").content.decode()
    assert "It works" in page and "&lt;b&gt;Within" in page and "Returns" in page
    model.usual = talk.says("?", confidence=0)
    assert "a person would take over" in tried(owner, assistant).content.decode()


@pytest.mark.parametrize("how", ["401", "gone", "private"])
def test_a_try_says_what_is_wrong(owner, world, assistant, model, settings, how):
    if how == "401":
        model.usual = talk.fails(401, f"Incorrect key {assistant.secret}")
    elif how == "gone":
        model.close()
    else:
        settings.ALLOW_PRIVATE_WEBHOOKS = False
    page = tried(owner, assistant).content.decode()
    assert "It does not work" in page
    assert {"401": "HTTP 401", "gone": "Connect", "private": "not a public address"}[how] in page
    assert assistant.secret not in page


def test_a_stranger_tries_nothing(owner, world, model, private_allowed):
    foreign = AssistantFactory(workspace=world.elsewhere, base_url=model.url)
    tried(owner, foreign)
    supervisor = Client()
    supervisor.force_login(world.supervisor.user)
    assert tried(supervisor, foreign).status_code in (302, 403)
    assert not model.asked
