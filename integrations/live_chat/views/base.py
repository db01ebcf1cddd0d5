"""What every view of the contract does the same way: who may call, language, envelope, errors, cross-origin headers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import languages
from chat.access import Actor
from chat.errors import NotAllowed
from chat.models import Chat
from chat.services import visitors

from ...keys import cors
from ...keys.authentication import BearerAuthentication, Principal
from .. import sessions
from ..addresses import base_url
from ..envelope import AlwaysJson, StrictJson, failed
from ..errors import problem
from ..mapping import Reader

# A visitor's presence is written once in a while, not with each request.
_HALF_A_LEASE = timedelta(seconds=20)
EVERYBODY = frozenset({"secret", "agent", "visitor", "publishable"})
MEMBERS = frozenset({"secret", "agent", "visitor"})
TEAM = frozenset({"secret", "agent"})


class LiveChatView(APIView):
    """Base of the contract's views. ``callers`` are the kinds of principal that may call at all."""

    authentication_classes: Sequence[Any] = (BearerAuthentication,)
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes: Sequence[Any] = (StrictJson,)
    content_negotiation_class = AlwaysJson
    metadata_class = None
    callers: ClassVar[frozenset[str]] = TEAM

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a browser's preflight before anybody is asked who they are."""
        return cors.preflight(request) if cors.is_preflight(request) else super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Establish who calls, and speak their language."""
        super().initial(request, *args, **kwargs)
        principal = request.auth
        if not isinstance(principal, Principal):
            raise NotAuthenticated
        header = request.headers.get("Accept-Language", "")
        translation.activate(languages.accepted(header, principal.workspace.language))
        if principal.kind not in self.callers:
            raise NotAllowed
        if principal.visitor and not principal.visitor.online(timezone.now() + _HALF_A_LEASE):
            visitors.seen(principal.visitor, user_agent=request.headers.get("User-Agent", ""))

    @property
    def principal(self) -> Principal:
        """Who calls."""
        assert isinstance(self.request.auth, Principal)
        return self.request.auth

    @property
    def actor(self) -> Actor:
        """How the caller acts on chats; views that a publishable key may call do not ask."""
        assert self.principal.actor
        return self.principal.actor

    @property
    def reader(self) -> Reader:
        """For whom the answer is made."""
        return Reader(self.principal.is_team, base_url(self.request._request))

    def session(self, session_id: str) -> Chat:
        """Return the session if the caller may see it. Raises SessionNotFound."""
        return sessions.find(self.actor, session_id)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer every failure in the contract's envelope; what nobody expected is logged with its traceback."""
        answer = failed(problem(exc))
        answer.exception = True
        if answer.status_code >= 500:
            got_request_exception.send(sender=type(self), request=self.request._request)
        return answer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers that every answer has."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        principal = getattr(request, "_auth", None)
        cors.share(request._request, answer, principal if isinstance(principal, Principal) else None)
        patch_vary_headers(answer, ["Accept-Language", "Authorization"])
        answer["Cache-Control"] = "no-store"
        return answer
