"""Partners in Django admin: the operator approves and lets old clients in, an owner looks."""

import pytest
from django.urls import reverse
from django.utils import timezone

from config.demo.factories import SecretKeyFactory
from integrations.keys.models import SecretKey
from integrations.partner.models import Partner
from tests.admin.conftest import as_owner, as_root, as_user, root  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:partner_partner_changelist"), reverse("admin:partner_partner_add")


@pytest.fixture
def pending(world):
    SecretKeyFactory(workspace=world.workspace, expires_at=timezone.now())
    return Partner.objects.create(workspace=world.workspace, domain="shop.example.com")


def approve(client, partner):
    return client.post(LIST, {"action": "approve", "_selected_action": [partner.pk]})


def test_an_operator_approves(as_root, pending):  # noqa: F811
    approve(as_root, pending)
    pending.refresh_from_db()
    assert pending.approved_at
    assert SecretKey.objects.get().works


def test_an_owner_approves_nothing_and_changes_nothing(as_owner, pending):  # noqa: F811
    approve(as_owner, pending)
    change = reverse("admin:partner_partner_change", args=[pending.pk])
    assert as_owner.get(change).status_code == 200
    assert as_owner.post(change, {"domain": "x.example.com", "allow_unverified_clients": "on"}).status_code == 403
    pending.refresh_from_db()
    assert (pending.approved_at, pending.allow_unverified_clients) == (None, False)
    assert not SecretKey.objects.get().works


def test_one_workspace_a_domain_may_let_clients_in_without_a_token(as_root, world):  # noqa: F811
    wanted = {"domain": "Shop.example.com", "allow_unverified_clients": "on"}
    as_root.post(ADD, wanted | {"workspace": world.workspace.pk})
    assert Partner.objects.get().domain == "shop.example.com"
    again = as_root.post(ADD, wanted | {"workspace": world.elsewhere.pk})
    assert "Another workspace lets sockets of this domain in" in again.content.decode()
    without = as_root.post(ADD, {"domain": "", "allow_unverified_clients": "on", "workspace": world.elsewhere.pk})
    assert "need the domain" in without.content.decode()
    bad = as_root.post(ADD, {"domain": "*.example.com", "workspace": world.elsewhere.pk})
    assert "Write a host name" in bad.content.decode()
    assert Partner.objects.count() == 1
