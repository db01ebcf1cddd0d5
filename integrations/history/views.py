"""``GET /api/v1/chats``: the one address of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Workspace
from chat import history
from widget.models import Widget

from ..rest.views import ContractView, Nothing
from . import mapping
from .errors import failed
from .requests import Asked, parse

# The parameters are to the second; a second's last instant belongs to it.
_REST_OF_SECOND = timedelta(microseconds=999_999)


class HistoryView(ContractView):
    """Base: answers failures as the contract does."""

    scope = "chats:read"

    def failed(self, error: Exception) -> Response:
        """Return ``{"code", "message"}``."""
        return failed(error)


class Chats(HistoryView):
    """The ended chats that match, a page of them."""

    def get(self, request: Request) -> Response:
        """Answer the page."""
        asked = parse(request._request.GET)
        workspace = self.principal.workspace
        services = services_of(workspace)
        found = history.read_page(self.actor, wanted(asked, services), page=asked.page, count=asked.count)
        zone = workspace.zone
        rows = [mapping.row(chat, zone=zone, services=services) for chat in found.chats]
        return Response({"code": "OK", "numFound": found.total, "chats": rows})


class Unknown(Nothing, HistoryView):
    """404 to every method."""


def services_of(workspace: Workspace) -> dict[UUID, int]:
    """Return the id by which the contract names each widget ("service"), by the widget's uid."""
    return dict(Widget.objects.filter(workspace=workspace).values_list("uid", "id"))


def wanted(asked: Asked, services: Mapping[UUID, int]) -> history.History:
    """Return what is asked for in the domain's words."""
    return history.History(
        started_since=asked.started_since,
        started_until=_whole_second(asked.started_until),
        ended_since=asked.ended_since,
        ended_until=_whole_second(asked.ended_until),
        agent_ids=asked.agent_ids,
        department_ids=asked.department_ids,
        visitor_ids=asked.visitor_ids,
        widget_uids=tuple(u for u, pk in services.items() if pk in asked.service_ids) if asked.service_ids else None,
        ticket_no=asked.ticket_no,
        uid=asked.conversation_id,
        channel=asked.channel,
        met=asked.met,
        proactive=asked.proactive,
    )


def _whole_second(moment: datetime | None) -> datetime | None:
    return moment and moment + _REST_OF_SECOND
