"""Analytics: section 6, and an agent's performance (4.4)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent
from analytics import queries
from analytics.queries import Filter, Span
from chat.errors import NotAllowed

from ...rest.views import TEAM
from .. import reports, sessions
from ..envelope import done
from ..requests import ReportRequest, parse_report
from .base import LiveChatView


class ReportView(LiveChatView):
    """A view of figures: for supervisors and those above, and for secret keys."""

    callers = TEAM
    scope = "analytics:read"

    def asked(self, request: Request) -> ReportRequest:
        """Return what is asked, if the caller may see the whole team's figures. Raises NotAllowed, Malformed."""
        self.demand_sight()
        return parse_report(request.query_params.dict(), self.principal.workspace)

    def demand_sight(self, of: Agent | None = None) -> None:
        """Raise NotAllowed unless the caller may see these figures: everybody's, or this agent's."""
        agent = self.actor.agent
        if agent and not agent.supervises and (of is None or of.pk != agent.pk):
            raise NotAllowed(_("Only supervisors see the figures of others."))

    def span(self, asked: ReportRequest) -> Span:
        """Return the days asked for."""
        return Span(self.principal.workspace, asked.first, asked.last)

    def where(self, asked: ReportRequest) -> Filter:
        """Return the chats asked for. Raises NotFound for an unknown department."""
        workspace = self.principal.workspace
        found = sessions.find_department(workspace, asked.department, "department") if asked.department else None
        return Filter(department_id=found.pk if found else None, channel=asked.channel)

    def departments(self) -> dict[int, list[str]]:
        """Return the slugs of each agent's departments."""
        agents = Agent.objects.filter(workspace=self.principal.workspace).prefetch_related("departments")
        return {agent.pk: [d.slug for d in agent.departments.all()] for agent in agents}


class Overview(ReportView):
    """6.1 How the chats of these days went."""

    def get(self, request: Request) -> Response:
        """Answer the summary, the trend, and the chats by channel and department."""
        asked = self.asked(request)
        span, where = self.span(asked), self.where(asked)
        data = {
            "summary": reports.summary(queries.overview(span, where)),
            "trends": reports.trends(queries.trend(span, where, asked.period)),
            "byChannel": reports.totals_by_channel(queries.by_channel(span, where)),
            "byDepartment": reports.totals_by_department(queries.by_department(span, where)),
        }
        return done({**data, **reports.span(span)})


class Agents(ReportView):
    """6.2 How each person of the team did."""

    def get(self, request: Request) -> Response:
        """Answer a row for each person, their own share."""
        asked = self.asked(request)
        span, where, departments = self.span(asked), self.where(asked), self.departments()
        found = queries.by_agent(span, where)
        rows = [reports.agent_row(who, figures, departments.get(who.pk, [])) for who, figures in found]
        return done({"agents": rows, **reports.span(span)})


class Satisfaction(ReportView):
    """6.3 What visitors said."""

    def get(self, request: Request) -> Response:
        """Answer the score, how the stars are spread, the trend, and who was rated."""
        asked = self.asked(request)
        span, where = self.span(asked), self.where(asked)
        figures = queries.overview(span, where)
        data = reports.ratings(
            figures.satisfaction,
            figures.completed,
            queries.trend(span, where, asked.period),
            queries.by_agent(span, where),
            queries.by_department(span, where),
        )
        return done({**data, **reports.span(span)})


class Performance(ReportView):
    """4.4 How an agent did, by day, week or month: the same numbers as in the analytics."""

    scope = "agents:read"

    def get(self, request: Request, agent_id: str) -> Response:
        """Answer the agent's own share of the chats of these days."""
        agent = sessions.find_agent(self.principal.workspace, agent_id)
        self.demand_sight(agent)
        asked = parse_report(request.query_params.dict(), self.principal.workspace)
        span, where = self.span(asked), self.where(asked)
        own = Filter(department_id=where.department_id, channel=where.channel, agent_id=agent.pk)
        data = reports.performance(
            agent,
            queries.agent(span, agent, where),
            queries.trend(span, own, asked.period),
            [d.slug for d in agent.departments.all()],
            asked.period,
        )
        return done({**data, **reports.span(span)})
