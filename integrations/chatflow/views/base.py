"""What every view of this contract does beside what all contracts do: its errors, and which role may do what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from agents.ids import decode
from agents.models import Workspace
from chat.access import get_chat
from chat.errors import NotAllowed, NotFound
from chat.models import Chat

from ...rest.views import ContractView, Nothing
from ..errors import problem


class ChatFlowView(ContractView):
    """Base of the contract's views: for secret keys and agents' tokens.

    ``roles`` says what an agent must be for a method: ``supervises`` or ``administers``. A secret key stands for the
    workspace and may do all of it.
    """

    roles: ClassVar[Mapping[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an agent whose role is too low for the method."""
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        agent, role = self.principal.agent, self.roles.get(method)
        if agent and role and not getattr(agent, role):
            raise NotAllowed

    @property
    def workspace(self) -> Workspace:
        """Whose everything is."""
        return self.principal.workspace

    def chat(self, chat_id: str) -> Chat:
        """Return the chat if the caller may see it. Raises NotFound."""
        uid = decode("chat", chat_id)
        if uid is None:
            raise NotFound
        return get_chat(self.actor, uid)

    def failed(self, error: Exception) -> Response:
        """Return the documented error object."""
        found = problem(error)
        request_id = self.request.META.get("HTTP_X_REQUEST_ID", "")
        return Response(found.body(request_id), status=found.status, headers=found.headers)


class Unknown(Nothing, ChatFlowView):
    """404 to every method."""
