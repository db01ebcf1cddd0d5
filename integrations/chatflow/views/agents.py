"""The Agents API."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent
from analytics.queries import agent as figures_of
from analytics.queries import chats_ever
from chat.errors import NotAllowed
from chat.queries import loads

from .. import mapping
from ..finding import find_agent
from .analytics import asked_figures
from .base import ChatFlowView


class Agents(ChatFlowView):
    """``GET /agents``."""

    scope = "agents:read"

    def get(self, request: Request) -> Response:
        """Answer the people of the team, by name."""
        team = Agent.objects.active().humans().filter(workspace=self.workspace).select_related("user")
        now, ever = loads(self.workspace.pk), chats_ever(self.workspace)
        shown = [mapping.agent(one, now.get(one.pk, 0), ever.get(one.pk, 0)) for one in team.order_by("name", "id")]
        return Response({"data": shown})


class Stats(ChatFlowView):
    """``GET /agents/{agent_id}/stats``."""

    scope = "agents:read"

    def get(self, request: Request, agent_id: str) -> Response:
        """Answer one person's share; an operator's own alone."""
        member = find_agent(self.workspace, agent_id)
        caller = self.principal.agent
        if caller and caller.pk != member.pk and not caller.supervises:
            raise NotAllowed
        span = asked_figures(request, self.workspace).span
        return Response(mapping.agent_stats(member, span, figures_of(span, member)))
