"""Presence: a lease that an open inbox or an API request renews, and the agent's own word.

Who holds no running lease is offline, whatever they said (DESIGN.md section 5). Nothing here tells anybody: the chat
layer announces what changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Invalid
from ..models import Agent, Presence

# An API's request writes no more often than this.
_TOUCH_EVERY = timedelta(seconds=30)


def renew(agent_ids: Iterable[int], *, seconds: int | None = None) -> int:
    """Extend the leases of these agents, never shorten one. One UPDATE; returns how many it reached.

    Who left the team, or said that they are offline, gets no lease from a page that is still open.
    """
    now = timezone.now()
    until = now + timedelta(seconds=settings.PRESENCE_LEASE_SECONDS if seconds is None else seconds)
    return (
        Agent.objects.active()
        .on_duty(now)
        .filter(pk__in=list(agent_ids))
        .update(lease_until=_longer(until), last_active_at=now)
    )


def release(agent: Agent) -> None:
    """End the lease now: the agent has left and wants no grace."""
    Agent.objects.filter(pk=agent.pk).update(lease_until=None)
    agent.lease_until = None


def set_status(
    agent: Agent,
    status: str,
    message: str = "",
    until: datetime | None = None,
    lease_seconds: int | None = None,
) -> None:
    """Note what the agent says of themselves.

    With ``until`` the word that held before it holds again from then on; a second dated word does not make the first
    one lasting. ``lease_seconds`` is for an API, where no socket renews the lease: the agent is there until ``until``
    or, without one, for so many seconds. Raises Invalid for an unknown status or a time that has passed.
    """
    now = timezone.now()
    if status not in Presence.values:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(Presence.values)}, "status")
    if until is not None and until <= now:
        raise Invalid(_("The end of a status must lie ahead."), "until")
    agent.status_before = _lasting(agent, now) if until else ""
    agent.status, agent.status_message, agent.status_until = status, message[:200], until
    agent.last_active_at = now
    fields = ["status", "status_message", "status_until", "status_before", "last_active_at"]
    if status == Presence.OFFLINE:
        # The grace time of those whom they leave behind counts from here.
        agent.lease_until = min(agent.lease_until or now, now)
        fields.append("lease_until")
    elif lease_seconds is not None:
        ahead = until or now + timedelta(seconds=lease_seconds)
        agent.lease_until = max(agent.lease_until or ahead, ahead)
        fields.append("lease_until")
    agent.save(update_fields=fields)


def touch(agent: Agent) -> None:
    """Note that the agent acted over an API: their presence holds for ``API_PRESENCE_SECONDS`` more.

    A status with an end is never carried past that end. Writes at most every half minute.
    """
    now = timezone.now()
    until = now + timedelta(seconds=settings.API_PRESENCE_SECONDS)
    if agent.status_until is not None and agent.status_until > now:
        until = min(until, agent.status_until)
    if agent.lease_until is not None and agent.lease_until > until - _TOUCH_EVERY:
        return
    Agent.objects.active().filter(pk=agent.pk).update(lease_until=_longer(until), last_active_at=now)
    agent.lease_until, agent.last_active_at = until, now


def lapsed(since: datetime, now: datetime | None = None) -> list[tuple[int, int]]:
    """Return (workspace id, agent id) of those whose presence changed by the clock alone after ``since``.

    A lease ran out, or a dated status did: nobody called a service, so whoever announces presence asks here.
    """
    now = now or timezone.now()
    over = Q(lease_until__gt=since, lease_until__lte=now) | Q(status_until__gt=since, status_until__lte=now)
    return list(Agent.objects.active().filter(over).values_list("workspace_id", "id"))


def _lasting(agent: Agent, now: datetime) -> str:
    if agent.status_until is not None and agent.status_until > now:
        return agent.status_before
    return agent.said(now)


def _longer(until: datetime) -> Greatest:
    new = Value(until, output_field=DateTimeField())
    return Greatest(Coalesce("lease_until", new), new)
