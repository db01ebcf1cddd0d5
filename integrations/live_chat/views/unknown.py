"""What is asked at no address of the contract, or at a socket's address without a socket."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat.errors import ChatError

from ...rest.views import Nothing, Open
from .base import LiveChatView


class Unknown(Nothing, LiveChatView):
    """4040 to every method."""


class SocketDoor(Open, LiveChatView):
    """5002: this address is a WebSocket's (section 1.2)."""

    def get(self, request: Request, session_id: str) -> Response:
        """Answer that an upgrade is needed."""
        raise ChatError(code="upgrade")
