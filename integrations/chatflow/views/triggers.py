"""The Automation API: triggers."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from widget.models import Trigger as Row
from widget.services import triggers

from .. import mapping
from ..finding import find_trigger, find_widget
from ..requests.triggers import TriggerRequest, parse_trigger
from .base import ChatFlowView

_CHANGES = ("POST", "PATCH", "DELETE")


class TriggerView(ChatFlowView):
    """What both addresses have in common."""

    scope = {"GET": "widget:read", **dict.fromkeys(_CHANGES, "widget:write")}
    roles = dict.fromkeys(_CHANGES, "administers")

    def fields(self, wanted: TriggerRequest) -> dict[str, Any]:
        """Return what the service takes. Raises NotFound for another workspace's widget."""
        if wanted.widget_id:
            return {**wanted.fields, "widget": find_widget(self.workspace, wanted.widget_id)}
        return {**wanted.fields, "widget": None} if wanted.any_widget else wanted.fields


class Triggers(TriggerView):
    """``GET`` and ``POST /automation/triggers``."""

    def get(self, request: Request) -> Response:
        """Answer all of them, the oldest first."""
        found = Row.objects.select_related("widget").filter(workspace=self.workspace).order_by("id")
        return Response({"data": [mapping.trigger(row) for row in found]})

    def post(self, request: Request) -> Response:
        """Create one."""
        wanted = parse_trigger(request.data, complete=True)
        return Response(mapping.trigger(triggers.create(self.workspace, **self.fields(wanted))), status=201)


class Trigger(TriggerView):
    """``GET``, ``PATCH`` and ``DELETE /automation/triggers/{trigger_id}``."""

    def get(self, request: Request, trigger_id: str) -> Response:
        """Answer it."""
        return Response(mapping.trigger(find_trigger(self.workspace, trigger_id)))

    def patch(self, request: Request, trigger_id: str) -> Response:
        """Change what is given, and answer it."""
        trigger, wanted = find_trigger(self.workspace, trigger_id), parse_trigger(request.data, complete=False)
        return Response(mapping.trigger(triggers.update(trigger, **self.fields(wanted))))

    def delete(self, request: Request, trigger_id: str) -> Response:
        """Remove it."""
        triggers.delete(find_trigger(self.workspace, trigger_id))
        return Response(status=204)
