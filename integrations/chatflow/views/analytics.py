"""The Analytics API. Every figure is the one that the dashboards show: ``analytics.queries`` alone knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent, Workspace
from analytics.queries import Figures, Span, by_agent, compare

from .. import mapping
from ..finding import demand_own
from ..requests.figures import parse_figures
from .base import ChatFlowView

Row = tuple[Agent, Figures]


@dataclass(frozen=True)
class Asked:
    """The days asked for, and the order of rows."""

    span: Span
    sort_by: str


def asked_figures(request: Request, workspace: Workspace) -> Asked:
    """Return which figures are asked for. Raises Malformed; NotFound for a workspace that is not the caller's."""
    today = timezone.now().astimezone(workspace.zone).date()
    wanted = parse_figures(request.query_params.dict(), today)
    demand_own(workspace, wanted.workspace_id)
    return Asked(Span(workspace, wanted.first, wanted.last), wanted.sort_by)


class Overview(ChatFlowView):
    """``GET /analytics/overview``."""

    scope = "analytics:read"
    roles = {"GET": "supervises"}

    def get(self, request: Request) -> Response:
        """Answer the figures of a span beside those of the one of the same length before it."""
        span = asked_figures(request, self.workspace).span
        return Response(mapping.overview(span, compare(span)))


class ByAgent(ChatFlowView):
    """``GET /analytics/agents``."""

    scope = "analytics:read"
    roles = {"GET": "supervises"}

    def get(self, request: Request) -> Response:
        """Answer each person's share, the best first; who cannot be compared stands last."""
        asked = asked_figures(request, self.workspace)
        rows = sorted(by_agent(asked.span), key=_ORDERS[asked.sort_by])
        return Response({"data": [mapping.agent_figures(agent, figures) for agent, figures in rows]})


def _best(value: float | None, *, least: bool = False) -> tuple[bool, float]:
    return (value is None, 0 if value is None else value if least else -value)


_ORDERS: dict[str, Any] = {
    "total_chats": lambda row: _best(row[1].total),
    "csat_score": lambda row: _best(row[1].satisfaction.mean),
    "response_time": lambda row: _best(row[1].response.mean, least=True),
}
