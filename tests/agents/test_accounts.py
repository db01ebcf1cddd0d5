"""Signing in and everything around it: pages, mails, the second step, the agent's language."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from agents.models import User
from agents.services import logins, team
from config.demo.factories import PASSWORD, AgentFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = reverse("account_login")


def sign_in(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": user.email, "password": password} | more)


def test_an_agent_signs_in_by_address_in_any_case(client, world):
    answer = client.post(LOGIN, {"login": world.operator.user.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/inbox/"


def test_a_wrong_password_says_so_without_saying_who_exists(client, world):
    known = sign_in(client, world.operator.user, "wrong")
    unknown = client.post(LOGIN, {"login": "nobody@example.com", "password": "wrong"})
    errors = [str(answer.context["form"].errors) for answer in (known, unknown)]
    assert errors[0] == errors[1]
    assert 'role="alert"' in known.content.decode()


def test_after_too_many_tries_even_the_right_password_waits(client, world, settings):
    # A cache of this process: tests that run beside this one empty the shared one.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    for _ in range(6):
        sign_in(client, world.operator.user, "wrong")
    assert "_auth_user_id" not in client.session
    sign_in(client, world.operator.user)
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client):
    answer = client.post(reverse("account_signup"), {"email": "me@example.com", "password1": "a-b-c-d-e-f-g"})
    assert not User.objects.exists()
    assert "admin of your team" in answer.content.decode()


def test_nobody_takes_another_address(client, world):
    client.force_login(world.operator.user)
    answer = client.post("/accounts/email/", {"action_add": "", "email": "boss@example.com"})
    assert answer.status_code == 302
    assert world.operator.user.emailaddress_set.count() == 0


def test_a_forgotten_password_is_chosen_anew_by_mail(client, world):
    user = world.operator.user
    answer = client.post(reverse("account_reset_password"), {"email": user.email})
    assert answer.status_code == 302
    letter = mail.outbox[0]
    assert (letter.to, letter.subject) == ([user.email], "Parley: Choose a new password")
    path = re.search(r"http://[^/]+(/\S+)", letter.body)[1]
    page = client.get(path, follow=True)
    url = page.redirect_chain[-1][0]
    answer = client.post(url, {"password1": "a whole new phrase", "password2": "a whole new phrase"})
    assert answer.status_code == 302
    assert User.objects.get(pk=user.pk).check_password("a whole new phrase")
    assert "works no more" in client.get(path, follow=True).content.decode()


def test_an_unknown_address_gets_no_mail_and_the_same_page(client):
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert answer.status_code == 302
    assert mail.outbox == []


def test_a_weak_password_is_refused_with_a_reason_that_is_tied_to_its_field(client, world):
    client.force_login(world.operator.user)
    url = reverse("account_change_password")
    page = client.post(url, {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}).content.decode()
    assert 'aria-invalid="true"' in page
    assert re.search(r'aria-describedby="(\S+)"', page)[1] in re.findall(r'id="(\S+)"', page)


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_reset_password", "account_reset_password_done", "account_signup", "account_inactive"],
)
def test_pages_before_signing_in_open_and_have_one_heading(client, name):
    page = client.get(reverse(name))
    assert page.status_code == 200
    assert page.content.decode().count("<h1") == 1
    assert "<script" not in page.content.decode()
    assert "style=" not in page.content.decode()


@pytest.mark.parametrize(
    "name", ["account_logout", "account_change_password", "account_reauthenticate", "mfa_index", "mfa_activate_totp"]
)
def test_pages_of_the_signed_in_open_and_have_one_heading(client, world, name):
    sign_in(client, world.operator.user)
    page = client.get(reverse(name), follow=True)
    assert page.status_code == 200
    assert page.content.decode().count("<h1") == 1


def test_the_second_step_is_asked_for_also_on_the_way_to_the_admin(client, world):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = world.owner.user
    TOTP.activate(user, generate_totp_secret())
    code = RecoveryCodes.activate(user).generate_codes()[0]
    answer = sign_in(client, user, next="/admin/")
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/admin/").status_code == 302
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_deactivated_agent_is_out_at_once(client, world):
    sign_in(client, world.operator.user)
    assert client.get(reverse("mfa_index")).status_code == 200
    team.deactivate(world.operator)
    assert client.get(reverse("mfa_index")).status_code == 302


def test_somebody_with_a_second_seat_stays_signed_in(client, world):
    AgentFactory(workspace=world.elsewhere, user=world.operator.user)
    sign_in(client, world.operator.user)
    team.deactivate(world.operator)
    assert client.get(reverse("mfa_index")).status_code == 200


def test_an_agents_own_language_wins_over_the_browsers(client, world):
    client.force_login(world.owner.user)
    german = {"HTTP_ACCEPT_LANGUAGE": "de,en"}
    assert client.get("/admin/", **german)["Content-Language"] == "en"
    logins.set_language(world.owner.user, "vi")
    for path in ("/admin/", reverse("account_change_password")):
        assert client.get(path, **german)["Content-Language"] == "vi"
    logins.set_language(world.owner.user, "")
    assert client.get("/admin/", HTTP_ACCEPT_LANGUAGE="uz")["Content-Language"] == "uz"


def test_elsewhere_the_visitors_language_is_kept(client, world):
    logins.set_language(world.owner.user, "vi")
    client.force_login(world.owner.user)
    assert client.get("/healthz", HTTP_ACCEPT_LANGUAGE="uz").get("Content-Language", "uz") == "uz"


def test_a_user_without_any_seat_can_still_sign_in(client):
    user = UserFactory()
    assert sign_in(client, user).status_code == 302


def test_every_form_has_a_button_that_stands_out(client, world):
    sign_in(client, world.operator.user)
    page = client.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    assert re.search(r'<button class="button wide primary"', page)
