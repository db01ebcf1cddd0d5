"""Every page of Django admin, seen by the superuser, by an owner, by everybody else."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import AgentToken, User, Workspace
from config.demo.factories import UserFactory

from .rows import ADDED_BY_OWNERS, DELETED_BY_OWNERS, INTERNAL, ROWS

pytestmark = pytest.mark.django_db
OURS = ("agents", "chat", "widget", "keys", "webhooks", "bots", "chatbots", "partner", "replies")
MODELS = pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
SHOWN = pytest.mark.parametrize("model", [m for m in ROWS if m not in INTERNAL], ids=lambda model: model.__name__)
SECRETS = ("secret_hash", "identity_secret", "client_secret", "session_epoch", "password")


def page(model, name="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def test_every_model_of_ours_is_there():
    models = {m for m in apps.get_models() if m._meta.app_label in OURS}
    assert models - set(admin.site._registry) == set()
    assert models - {User} == set(ROWS)


def test_nothing_of_others_is_there():
    """Their pages know nothing of workspaces."""
    assert {m._meta.app_label for m in admin.site._registry} <= set(OURS)


@MODELS
def test_a_superuser_opens_every_page(as_root, world, model):
    mine, other = ROWS[model](world.workspace), ROWS[model](world.elsewhere)
    assert as_root.get(page(model)).status_code == 200
    for row in (mine, other):
        assert as_root.get(page(model, "change", row.pk)).status_code == 200
        assert as_root.get(page(model, "history", row.pk)).status_code == 200
    assert as_root.get(page(model), {"q": "anything' OR 1=1"}).status_code == 200


def test_a_superuser_opens_the_pages_of_logins(as_root, world):
    assert as_root.get(page(User)).status_code == 200
    assert as_root.get(page(User, "add")).status_code == 200
    assert as_root.get(page(User, "change", world.owner.user.pk)).status_code == 200
    assert as_root.get(reverse("admin:auth_user_password_change", args=[world.owner.user.pk])).status_code == 200


@SHOWN
def test_an_owner_opens_their_own_pages(as_owner, world, model):
    row = ROWS[model](world.workspace)
    answer = as_owner.get(page(model))
    assert answer.status_code == 200
    assert row in answer.context["cl"].queryset
    assert as_owner.get(page(model, "change", row.pk)).status_code == 200
    assert as_owner.get(page(model), {"q": "1"}).status_code == 200
    assert as_owner.get(page(model, "add")).status_code == (200 if model in ADDED_BY_OWNERS else 403)


@MODELS
def test_an_owner_never_meets_a_row_of_elsewhere(as_owner, world, model):
    """Not in lists, not by address, not for a change or a deletion, not in a history."""
    row = ROWS[model](world.elsewhere)
    if model not in INTERNAL:
        assert row not in as_owner.get(page(model)).context["cl"].queryset
    for name in ("change", "delete", "history"):
        for method in (as_owner.get, as_owner.post):
            answer = method(page(model, name, row.pk))
            assert answer.status_code in (302, 403, 404)
            assert "Beyond" not in answer.content.decode()
    assert type(row).objects.filter(pk=row.pk).exists()


@SHOWN
def test_no_form_offers_an_owner_a_row_of_elsewhere(as_owner, world, model):
    """Not in one choice, not among several: a name in a list is told, even where choosing it is refused."""
    for other in ROWS.values():
        other(world.elsewhere)
    row = ROWS[model](world.workspace)
    for address in (page(model, "change", row.pk), *([page(model, "add")] if model in ADDED_BY_OWNERS else [])):
        form = as_owner.get(address).context["adminform"].form
        for name, field in form.fields.items():
            for choice in getattr(field, "queryset", ()):
                home = choice if isinstance(choice, Workspace) else choice.workspace
                assert home == world.workspace, (name, choice)


@MODELS
@pytest.mark.parametrize("who", ["supervisor", "operator"])
def test_supervisors_and_operators_have_no_admin(as_user, world, model, who):
    client = as_user(getattr(world, who).user)
    row = ROWS[model](world.workspace)
    assert client.get(page(model)).status_code in (302, 403)
    assert client.get(page(model, "change", row.pk)).status_code in (302, 403)


@pytest.mark.parametrize("who", ["supervisor", "operator"])
def test_even_marked_as_staff_they_have_none(as_user, world, who):
    """Whoever may enter is decided by the seat, not by a flag that somebody forgot."""
    user = getattr(world, who).user
    user.is_staff = True
    user.save()
    client = as_user(user)
    assert client.get(reverse("admin:index")).context["app_list"] == []
    for model in ROWS:
        assert client.get(page(model)).status_code == 403


def test_staff_without_any_seat_sees_nothing(as_user, world):
    client = as_user(UserFactory(is_staff=True))
    assert client.get(reverse("admin:index")).context["app_list"] == []
    assert client.get(page(AgentToken)).status_code == 403


def test_a_deactivated_owner_sees_nothing(as_user, world):
    world.owner.is_active = False
    world.owner.save()
    assert as_user(world.owner.user).get(page(AgentToken)).status_code == 403


def test_a_stranger_is_sent_to_the_common_login(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")


def test_somebody_without_admin_is_told_so_and_not_asked_to_log_in_again(as_user, world):
    answer = as_user(world.operator.user).get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403


def test_an_owner_opens_the_front_page_and_not_that_of_logins(as_owner, world):
    answer = as_owner.get(reverse("admin:index"))
    assert answer.status_code == 200
    names = {entry["object_name"] for app in answer.context["app_list"] for entry in app["models"]}
    assert names == {model.__name__ for model in ROWS if model not in INTERNAL}
    assert as_owner.get(page(User)).status_code == 403
    assert as_owner.get(page(User, "change", world.owner.user.pk)).status_code == 403


@SHOWN
def test_no_page_shows_a_secret(as_owner, world, model):
    row = ROWS[model](world.workspace)
    texts = as_owner.get(page(model)).content.decode() + as_owner.get(page(model, "change", row.pk)).content.decode()
    for name in (*SECRETS, "secret"):
        value = getattr(row, name, None)
        if isinstance(value, str) and value:
            assert value not in texts


@SHOWN
@pytest.mark.parametrize("field", SECRETS)
def test_secrets_cannot_be_asked_for_letter_by_letter(as_owner, world, model, field):
    ROWS[model](world.workspace)
    for path in (field, f"workspace__{field}", f"agent__user__{field}", f"user__{field}"):
        answer = as_owner.get(page(model), {f"{path}__startswith": "a"})
        assert answer.status_code in (302, 400)


@SHOWN
def test_a_longer_list_costs_no_more_queries(as_owner, world, model):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_owner.get(page(model)).status_code == 200
        return len(queries)

    ROWS[model](world.workspace)
    ROWS[model](world.workspace)
    cost()
    few = cost()
    if model._meta.model_name != "workspace":
        for _ in range(4):
            ROWS[model](world.workspace)
    assert cost() <= few
    assert few <= 16


@SHOWN
def test_owners_delete_only_what_hangs_together_with_nothing(as_owner, world, model):
    row = ROWS[model](world.workspace)
    answer = as_owner.post(page(model, "delete", row.pk), {"post": "yes"})
    gone = not model.objects.filter(pk=row.pk).exists()
    assert gone == (model in DELETED_BY_OWNERS)
    assert answer.status_code == (302 if gone else 403)
