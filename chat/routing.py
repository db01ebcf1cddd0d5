"""From the queue to agents.

Order: priority, then time waited. Eligible: a person who is available, below ``max_chats``, in the chat's department if
it has one, with its required skills. The preferred agent first, then the least loaded, then the longest idle.
Who is parked for opening hours is not in the queue yet.
One process at a time routes a workspace (its routing lock), so no chat goes to two and no capacity is exceeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from agents.models import Agent

from .models import Chat, Status
from .services import assigning
from .services.locking import lock_chat, lock_routing

_AT_ONCE = 200


@dataclass
class Candidate:
    """An available agent and how much they carry."""

    agent: Agent
    load: int
    departments: frozenset[int]
    skills: frozenset[str]

    def fits(self, chat: Chat) -> bool:
        """Whether the chat may go to this agent now."""
        return (
            self.load < self.agent.max_chats
            and (chat.department_id is None or chat.department_id in self.departments)
            and self.skills.issuperset(chat.required_skills)
        )

    def rank(self, chat: Chat) -> tuple[bool, int, datetime, int]:
        """Sort key: smaller goes first."""
        idle_since = self.agent.last_assigned_at or self.agent.created_at
        return (self.agent.pk != chat.preferred_agent_id, self.load, idle_since, self.agent.pk)


def candidates(workspace_id: int) -> list[Candidate]:
    """Return the available people of a workspace with their load: three queries whatever the size of the team."""
    agents = (
        Agent.objects.available()
        .humans()
        .filter(workspace_id=workspace_id)
        .annotate(load=Count("chats", filter=Q(chats__status=Status.ACTIVE)))
        .prefetch_related("memberships")
    )
    return [
        Candidate(
            agent=agent,
            load=agent.load,
            departments=frozenset(m.department_id for m in agent.memberships.all()),
            skills=frozenset(agent.skills),
        )
        for agent in agents
    ]


def route(workspace_id: int) -> int:
    """Give waiting chats to eligible agents, in the order of the queue. Returns how many found one."""
    if not Chat.objects.of(workspace_id).queued().exists():
        return 0
    with transaction.atomic():
        lock_routing(workspace_id)
        free = candidates(workspace_id)
        if not any(c.load < c.agent.max_chats for c in free):
            return 0
        queue = Chat.objects.of(workspace_id).queued()[:_AT_ONCE]
        return sum(_place(chat, free) for chat in queue)


def _place(waiting: Chat, free: list[Candidate]) -> bool:
    fitting = [c for c in free if c.fits(waiting)]
    if not fitting:
        return False
    best = min(fitting, key=lambda c: c.rank(waiting))
    chat = lock_chat(waiting)
    if chat.status != Status.WAITING:
        return False
    now = timezone.now()
    assigning.give(chat, best.agent, now=now, by=None, reason="")
    best.load += 1
    best.agent.last_assigned_at = now
    return True
