"""The weekly summary: to whom, when, in which language, once and only once, and how it stops."""

import re
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from agents.models import Agent, Workspace
from analytics import weekly
from analytics.models import NoWeeklyMail, WeeklyMail
from analytics.weekly import sending

pytestmark = pytest.mark.django_db


def next_monday(workspace, hour=8, minute=1):
    """The Monday after today, at this time of the workspace's zone: the chats of the fixture are of the week before."""
    today = timezone.now().astimezone(workspace.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    return datetime(monday.year, monday.month, monday.day, hour, minute, tzinfo=workspace.zone)


def receivers():
    return sorted(message.to[0] for message in mail.outbox)


def supervisors(world):
    return sorted(agent.user.email for agent in (world.owner, world.admin, world.supervisor))


def test_who_supervises_gets_one_mail_and_only_one(counted):
    now = next_monday(counted.workspace)
    assert weekly.send_due(now) == 3
    assert weekly.send_due(now) == 0
    assert weekly.send_due(now + timedelta(hours=5)) == 0
    # Operators get none, nor does a workspace in which nothing happened.
    assert receivers() == supervisors(counted)


@pytest.mark.parametrize(
    ("hour", "day", "due"), [(7, 0, False), (8, 0, True), (23, 0, True), (19, 1, True), (21, 1, False), (9, 3, False)]
)
def test_it_is_due_on_monday_from_eight_of_the_workspaces_zone(counted, hour, day, due):
    counted.workspace.timezone = "Asia/Tashkent"
    now = next_monday(counted.workspace, hour) + timedelta(days=day)
    found = sending.week_due(counted.workspace, now.astimezone(UTC))
    monday = next_monday(counted.workspace).date()
    assert found == (monday - timedelta(days=7) if due else None)


def test_it_tells_the_figures_of_the_week_in_each_ones_language(counted):
    counted.owner.user.language = "vi"
    counted.owner.user.save()
    counted.admin.user.language = "uz"
    counted.admin.user.save()
    weekly.send_due(next_monday(counted.workspace))
    bodies = {message.to[0]: message for message in mail.outbox}
    english = bodies[counted.supervisor.user.email]
    assert "Completed: 3" in english.body
    assert "Otto: 2, rated 3.5" in english.body
    assert "Hoàn tất" in bodies[counted.owner.user.email].body or "Tổng" in bodies[counted.owner.user.email].body
    subjects = {message.subject for message in mail.outbox}
    assert len(subjects) == 3
    parsed = message_from_bytes(english.message().as_bytes(), policy=default)
    page = parsed.get_body(("html",)).get_content()
    assert "<style" not in page
    assert "style=" in page
    assert "http://" in page
    assert "Completed" in page


def test_the_headers_let_mail_programs_stop_it_with_one_press(counted):
    weekly.send_due(next_monday(counted.workspace))
    message = next(message for message in mail.outbox if message.to == [counted.supervisor.user.email])
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https?://[^/]+(/.*)>", headers["List-Unsubscribe"])[1]
    nobody = Client(enforce_csrf_checks=True)
    # A scanner that follows links stops nothing.
    assert nobody.get(address).status_code == 200
    assert not NoWeeklyMail.objects.exists()
    assert nobody.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status_code == 200
    assert nobody.post(address).status_code == 200
    assert list(NoWeeklyMail.objects.values_list("agent", flat=True)) == [counted.supervisor.pk]
    mail.outbox.clear()
    WeeklyMail.objects.all().delete()
    weekly.send_due(next_monday(counted.workspace))
    assert counted.supervisor.user.email not in receivers()
    assert len(receivers()) == 2


@pytest.mark.parametrize(
    "change", [lambda path: path[:-1] + "x", lambda path: path.replace(":", ""), lambda path: path + "/"]
)
def test_a_link_that_is_not_ours_stops_nothing(counted, change):
    from analytics.weekly.stopping import stop_url

    assert Client().post(change(stop_url(counted.supervisor))).status_code == 404
    assert not NoWeeklyMail.objects.exists()


def test_who_supervises_switches_it_off_and_on_in_the_reports(counted, sit):
    browser = sit(counted.supervisor)
    assert browser.post("/inbox/analytics/weekly", {"wants": "off"}).status_code == 302
    assert NoWeeklyMail.objects.filter(agent=counted.supervisor).exists()
    browser.post("/inbox/analytics/weekly", {"wants": "on"})
    assert not NoWeeklyMail.objects.exists()
    assert sit(counted.operator).post("/inbox/analytics/weekly", {"wants": "off"}).status_code == 404
    assert Client().post("/inbox/analytics/weekly", {"wants": "off"}).status_code == 302
    assert not NoWeeklyMail.objects.exists()


def test_a_mail_server_that_is_down_is_tried_again(counted, monkeypatch):
    now = next_monday(counted.workspace)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.message.EmailMessage.send", _refuse)
        assert weekly.send_due(now) == 0
    # While it is taken nobody else tries; then somebody does.
    assert weekly.send_due(now + timedelta(minutes=1)) == 0
    assert weekly.send_due(now + sending.CLAIM) == 3


def _refuse(*_args, **_options):
    raise ConnectionRefusedError("no mail server")


def test_the_name_of_a_workspace_writes_no_header(counted):
    Workspace.objects.filter(pk=counted.workspace.pk).update(name="Acme\r\nBcc: everybody@example.com")
    assert weekly.send_due(next_monday(counted.workspace)) == 3
    assert all("\n" not in message.subject and not message.bcc for message in mail.outbox)


def test_who_has_left_gets_none(counted):
    Agent.objects.filter(pk=counted.admin.pk).update(is_active=False)
    weekly.send_due(next_monday(counted.workspace))
    assert counted.admin.user.email not in receivers()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail_each(counted):
    now = next_monday(counted.workspace)
    start, sent = threading.Barrier(3), []

    def work():
        try:
            start.wait()
            sent.append(weekly.send_due(now))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 3
    assert receivers() == supervisors(counted)
