"""Who is told that a webhook was paused: the owners and admins of its workspace, each once, in their language."""

from smtplib import SMTPException

import pytest
from django.core import mail
from django.utils import timezone

from integrations.webhooks import notices, services
from integrations.webhooks.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused(world):
    hook = services.create(world.workspace, url="https://hooks.example.com/", events=["chat.created"])
    Subscription.objects.filter(pk=hook.pk).update(paused_at=timezone.now(), pause_reason="Nothing but failures.")
    return Subscription.objects.get(pk=hook.pk)


def test_owners_and_admins_are_told_once_in_their_language(world, paused):
    world.workspace.language = "uz"
    world.workspace.save()
    world.admin.user.language = "vi"
    world.admin.user.save()
    assert (notices.tell(), notices.tell()) == (1, 0)
    assert sorted(m.to[0] for m in mail.outbox) == sorted([world.owner.user.email, world.admin.user.email])
    assert all("https://hooks.example.com/" in m.body and "/admin/" in m.body for m in mail.outbox)
    assert len({m.subject for m in mail.outbox}) == 2


def test_a_second_pause_is_told_again(paused):
    notices.tell()
    services.resume(paused)
    assert notices.tell() == 0
    Subscription.objects.update(paused_at=timezone.now())
    assert notices.tell() == 1


def test_while_the_mail_server_is_away_it_stays_owed(paused, monkeypatch):
    def away(*_args, **_kwargs):
        raise SMTPException("away")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    assert notices.tell() == 0
    monkeypatch.undo()
    assert notices.tell() == 1


def test_a_name_with_a_line_break_is_no_header(world, paused):
    world.workspace.name = "Acme\nBcc: everybody@example.com"
    world.workspace.save()
    assert notices.tell() == 1
    assert "\n" not in mail.outbox[0].subject


def test_who_has_left_is_told_nothing(world, paused):
    world.owner.is_active = False
    world.owner.save()
    world.admin.user.is_active = False
    world.admin.user.save()
    notices.tell()
    assert mail.outbox == []
