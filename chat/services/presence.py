"""Agents coming and going, made known: the pure state lives in ``agents.services.presence``."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agents.models import Agent
from agents.services import presence

from .. import events, routing


def set_status(
    agent: Agent,
    status: str,
    message: str = "",
    until: datetime | None = None,
    lease_seconds: int | None = None,
) -> Agent:
    """Set what the agent says of themselves, tell everybody, and give them chats if they are free now.

    ``lease_seconds`` as in :func:`agents.services.presence.set_status`; without it an open inbox holds the lease.
    """
    with transaction.atomic():
        presence.set_status(agent, status, message=message, until=until, lease_seconds=lease_seconds)
        if lease_seconds is None:
            presence.renew([agent.pk])
        _announce(agent)
    return agent


def arrived(agent: Agent) -> None:
    """Somebody came: the lease runs, the team hears of it, the queue moves."""
    with transaction.atomic():
        presence.renew([agent.pk])
        _announce(agent)


def there(agent: Agent) -> None:
    """An inbox opened its socket, or asked again without one. Nobody is told of what they know already.

    Or each of a thousand sockets that come back at once would be news to all the others.
    """
    if Agent.objects.leased().filter(pk=agent.pk).exists():
        presence.renew([agent.pk])
    else:
        arrived(agent)


def announce_lapsed(since: datetime) -> int:
    """Tell the team of those whose presence changed by the clock alone after ``since``. Returns how many."""
    ids = [agent_id for _workspace_id, agent_id in presence.lapsed(since)]
    with transaction.atomic():
        for agent in Agent.objects.filter(pk__in=ids):
            events.record(events.AgentChanged(workspace_id=agent.workspace_id, agent=agent))
    return len(ids)


def _announce(agent: Agent) -> None:
    agent.refresh_from_db()
    events.record(events.AgentChanged(workspace_id=agent.workspace_id, agent=agent))
    transaction.on_commit(lambda: routing.route(agent.workspace_id), robust=True)
