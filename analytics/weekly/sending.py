"""Sends the summaries that are due: on Mondays from eight o'clock of the workspace's zone, to who supervises there.

A row per person and week (``WeeklyMail``) is taken before the mail goes out and closed after: two beats or workers send
once, a mail server that was down is tried again, and who was killed in between is followed by another.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from agents.models import Agent, Role, Workspace

from ..models import NoWeeklyMail, WeeklyMail
from .composing import compose

log = logging.getLogger(__name__)

# From when on Monday, and for how long it is still worth reading.
HOUR = 8
WORTH = timedelta(hours=36)
CLAIM = timedelta(minutes=15)
_SUPERVISORS = (Role.OWNER, Role.ADMIN, Role.SUPERVISOR)


def send_due(now: datetime | None = None) -> int:
    """Send every summary that is due and not sent. Returns how many were sent."""
    now = now or timezone.now()
    return sum(_send(agent, week, now) for workspace in Workspace.objects.all() for agent, week in _due(workspace, now))


def _due(workspace: Workspace, now: datetime) -> Iterator[tuple[Agent, date]]:
    """Yield who should have a mail about which week, and may not have it yet."""
    week = week_due(workspace, now)
    if week is None:
        return
    people = Agent.objects.active().humans().filter(workspace=workspace, role__in=_SUPERVISORS, user__is_active=True)
    done = WeeklyMail.objects.filter(week=week, agent__workspace=workspace, sent_at__isnull=False)
    stopped = NoWeeklyMail.objects.filter(agent__workspace=workspace)
    people = people.exclude(pk__in=done.values("agent_id")).exclude(pk__in=stopped.values("agent_id"))
    for agent in people.select_related("user", "workspace").order_by("id"):
        yield agent, week


def week_due(workspace: Workspace, now: datetime) -> date | None:
    """Return the Monday of the week that is to be told about now; None when there is none."""
    here = now.astimezone(workspace.zone)
    monday = here.date() - timedelta(days=here.weekday())
    begin = datetime(monday.year, monday.month, monday.day, HOUR, tzinfo=workspace.zone)
    return monday - timedelta(days=7) if begin <= here < begin + WORTH else None


def _send(agent: Agent, week: date, now: datetime) -> bool:
    row, _made = WeeklyMail.objects.get_or_create(agent=agent, week=week)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    mine = WeeklyMail.objects.filter(free, pk=row.pk, sent_at__isnull=True).update(claimed_until=now + CLAIM)
    if not mine:
        return False
    try:
        mail = compose(agent, week)
        # A week in which nothing happened is nothing to write about.
        if mail is not None:
            mail.send()
    except OSError as problem:
        # The mail server: the claim runs out, and the next one tries again.
        log.warning("weekly summary not sent", extra={"agent": agent.uid.hex, "problem": str(problem)})
        return False
    WeeklyMail.objects.filter(pk=row.pk).update(sent_at=timezone.now())
    return mail is not None
