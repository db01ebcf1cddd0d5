"""What is asked at no address of the contract, or at a socket's address without a socket."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.errors import ChatError

from .base import LiveChatView


class _Open(LiveChatView):
    """A view that tells nobody anything, so nobody need say who they are."""

    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask nothing."""
        APIView.initial(self, request, *args, **kwargs)


class Unknown(_Open):
    """4040 to every method."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer that nothing is here."""
        raise Http404


class SocketDoor(_Open):
    """5002: this address is a WebSocket's (section 1.2)."""

    def get(self, request: Request, session_id: str) -> Response:
        """Answer that an upgrade is needed."""
        raise ChatError(code="upgrade")
