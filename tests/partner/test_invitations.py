"""The first person of a registered partner: a mail, a link, a button, and a password."""

import re

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone

from agents.models import Agent
from config.demo.factories import UserFactory, WorkspaceFactory
from integrations.partner import invitations
from integrations.partner.models import Partner

pytestmark = pytest.mark.django_db
User = get_user_model()
EMAIL = "owner@yourdomain.com"


def register(email=EMAIL, **fields):
    fields = {"approved_at": timezone.now(), "domain": "yourdomain.com"} | fields
    return Partner.objects.create(workspace=WorkspaceFactory(name="Your Company"), owner_email=email, **fields)


def link():
    """Return the path of the last mail's link."""
    return re.search(rf"{re.escape(project.PUBLIC_URL)}(/invitations/\S+)", mail.outbox[-1].body)[1]


def test_the_link_makes_an_owner_who_chooses_a_password(client):
    partner = register()
    assert invitations.send_owed() == 1
    assert mail.outbox[0].to == [EMAIL]
    path = link()
    assert "Your Company" in client.get(path).content.decode()
    assert not User.objects.exists()
    answer = client.post(path, follow=True)
    assert "password" in answer.content.decode().lower()
    agent = Agent.objects.get()
    assert (agent.workspace, agent.role, agent.user.email) == (partner.workspace, "owner", EMAIL)
    chosen = {"password1": "a-long-Secret-9", "password2": "a-long-Secret-9"}
    client.post(answer.redirect_chain[-1][0], chosen)
    assert Client().login(email=EMAIL, password="a-long-Secret-9")


def test_the_link_works_once(client):
    register()
    invitations.send_owed()
    path = link()
    client.post(path)
    assert Client().get(path).status_code == Client().post(path).status_code == 404
    assert Agent.objects.count() == 1


def test_somebody_with_a_login_keeps_it_and_signs_in(client):
    known = UserFactory(email=EMAIL)
    before = known.password
    register()
    invitations.send_owed()
    assert client.post(link()).headers["Location"] == "/inbox/"
    known.refresh_from_db()
    assert (known.password, known.agents.get().role) == (before, "owner")


def test_a_mail_is_sent_once_and_not_before_the_approval():
    partner = register(approved_at=None)
    assert invitations.send_owed() == 0
    Partner.objects.filter(pk=partner.pk).update(approved_at=timezone.now())
    assert [invitations.send_owed(), invitations.send_owed()] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_tried_again(monkeypatch):
    register()
    with monkeypatch.context() as away:
        away.setattr(project, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        away.setattr(project, "EMAIL_PORT", 1)
        away.setattr(project, "EMAIL_HOST", "127.0.0.1")
        assert invitations.send_owed() == 0
    assert invitations.send_owed() == 1


def test_nobody_is_flooded_with_mails_by_others():
    for _registration in range(invitations.MOST_A_DAY + 2):
        register()
    invitations.send_owed()
    assert invitations.send_owed() == 0
    assert len(mail.outbox) == invitations.MOST_A_DAY


def test_a_forged_or_foreign_link_opens_nothing(client):
    first, second = register(), register("other@yourdomain.com")
    good = invitations.token_of(first)
    for token in ("x", good[:-1], good + "x", good.replace(":", "."), "a:b:c"):
        assert client.post(f"/invitations/{token}").status_code == 404, token
    Partner.objects.filter(pk=second.pk).update(owner_email="another@yourdomain.com")
    assert client.post(f"/invitations/{invitations.token_of(second)}").status_code == 404
    assert not Agent.objects.exists()


def test_a_foreign_page_cannot_press_the_button():
    register()
    invitations.send_owed()
    assert Client(enforce_csrf_checks=True).post(link()).status_code == 403
    assert not Agent.objects.exists()


def test_without_an_address_nobody_is_invited():
    register("")
    assert invitations.send_owed() == 0
