"""Agents: sections 4.1 to 4.3."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent
from chat import queries, snapshots
from chat.errors import NotAllowed
from chat.services import presence

from ...rest.views import TEAM
from .. import mapping, sessions
from ..envelope import done
from ..requests import parse_status
from .base import LiveChatView


def _shown(agent: Agent, base_url: str, loads: dict[int, int]) -> dict:
    departments = [d.slug for d in agent.departments.all()]
    return mapping.online_agent(agent, base_url, departments=departments, current_chats=loads.get(agent.pk, 0))


class Online(LiveChatView):
    """4.1 Who is there."""

    callers = TEAM
    scope = "agents:read"

    def get(self, request: Request) -> Response:
        """Answer the people of the team who are reachable, with their load."""
        workspace = self.principal.workspace
        agents = Agent.objects.reachable().humans().filter(workspace=workspace).order_by("name", "id")
        loads = queries.loads(workspace.pk)
        people = agents.select_related("user").prefetch_related("departments")
        return done([_shown(agent, self.reader.base_url, loads) for agent in people if agent.presence() != "offline"])


class Status(LiveChatView):
    """4.2 What an agent says of themselves."""

    callers = TEAM
    scope = "agents:write"

    def put(self, request: Request, agent_id: str) -> Response:
        """Set it, and answer the agent."""
        agent = sessions.find_agent(self.principal.workspace, agent_id)
        actor = self.actor.agent
        if actor and actor.pk != agent.pk and not actor.supervises:
            raise NotAllowed(_("Only supervisors set the status of others."))
        wanted = parse_status(request.data)
        lease = settings.API_PRESENCE_SECONDS
        changed = presence.set_status(agent, wanted.status, wanted.message, wanted.until, lease_seconds=lease)
        shown = _shown(changed, self.reader.base_url, queries.loads(self.principal.workspace.pk))
        until = mapping.short_time(snapshots.instant(wanted.until))
        return done({**shown, "availableUntil": until}, _("Status updated"))


class Workload(LiveChatView):
    """4.3 What an agent has to do now."""

    callers = TEAM
    scope = "agents:read"

    def get(self, request: Request, agent_id: str) -> Response:
        """Answer the agent's load, how many chats wait for somebody like them, and the sessions that they have."""
        agent = sessions.find_agent(self.principal.workspace, agent_id)
        found = queries.workload(agent)
        chats = queries.of_agent(self.actor, agent)
        return done(mapping.workload(agent, found, [snapshots.of_chat(chat) for chat in chats]))
