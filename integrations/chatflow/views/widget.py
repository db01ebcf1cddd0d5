"""The Widget Configuration API: of the workspace's default widget, or of the one that ``widget_id`` names."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from widget.models import Widget
from widget.services import settings

from ...rest.fields import Malformed
from .. import mapping
from ..finding import find_widget
from ..requests.widget import NAMES, parse_widget
from .base import ChatFlowView


class Config(ChatFlowView):
    """``GET`` and ``PATCH /widget/config``."""

    scope = {"GET": "widget:read", "PATCH": "widget:write"}

    def get(self, request: Request) -> Response:
        """Answer the configuration."""
        return Response(mapping.widget(self._widget(request)))

    def patch(self, request: Request) -> Response:
        """Change what is given, and answer the configuration."""
        widget, wanted = self._widget(request), parse_widget(request.data)
        try:
            return Response(mapping.widget(settings.update(widget, self.actor, **wanted)))
        except ValidationError as error:
            raise Malformed.named(error, NAMES) from error

    def _widget(self, request: Request) -> Widget:
        return find_widget(self.workspace, request.query_params.get("widget_id", ""))
