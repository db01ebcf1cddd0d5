"""What every view of this contract does beside what all contracts do: its envelope, its sessions, its visitors."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chat.models import Chat
from chat.services import visitors

from ...rest.addresses import base_url
from ...rest.views import ContractView
from .. import sessions
from ..envelope import failed
from ..errors import problem
from ..mapping import Reader


class LiveChatView(ContractView):
    """Base of the contract's views."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note that a visitor who calls is there."""
        super().initial(request, *args, **kwargs)
        if self.principal.visitor:
            visitors.note_call(self.principal.visitor, request.headers.get("User-Agent", ""))

    @property
    def reader(self) -> Reader:
        """For whom the answer is made."""
        return Reader(self.principal.is_team, base_url(self.request._request))

    def session(self, session_id: str) -> Chat:
        """Return the session if the caller may see it. Raises SessionNotFound."""
        return sessions.find(self.actor, session_id)

    def failed(self, error: Exception) -> Response:
        """Return the error envelope."""
        return failed(problem(error))
