"""What every view of every REST contract does the same way: who may call, language, errors, cross-origin headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import languages
from chat.access import Actor
from chat.errors import NotAllowed

from ..keys import cors, limits, scopes
from ..keys.authentication import BearerAuthentication, Principal, principal_of
from .parsing import AlwaysJson, StrictJson

EVERYBODY = frozenset({"secret", "agent", "visitor", "publishable"})
MEMBERS = frozenset({"secret", "agent", "visitor"})
TEAM = frozenset({"secret", "agent"})


class ContractView(APIView):
    """Base of the views of a contract.

    ``callers`` are the kinds of principal that may call at all, ``scope`` what a secret key needs for it
    (:mod:`integrations.keys.scopes`). A dialect's own base says how a failure looks, in ``failed``.
    """

    authentication_classes: Sequence[Any] = (BearerAuthentication,)
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes: Sequence[Any] = (StrictJson,)
    content_negotiation_class = AlwaysJson
    metadata_class = None
    callers: ClassVar[frozenset[str]] = TEAM
    scope: ClassVar[scopes.Scope] = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a browser's preflight before anybody is asked who they are."""
        return cors.preflight(request) if cors.is_preflight(request) else super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Establish who calls, and speak their language: a refusal for sending too much is read by somebody, too."""
        _speak(request)
        limits.demand(request._request)
        super().initial(request, *args, **kwargs)
        principal = request.auth
        if not isinstance(principal, Principal):
            raise NotAuthenticated
        if principal.kind not in self.callers:
            raise NotAllowed
        scopes.check(self, principal, str(request.method))

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

    def failed(self, error: Exception) -> Response:
        """Return the contract's answer to this failure."""
        raise NotImplementedError

    def handle_exception(self, exc: Exception) -> Response:
        """Answer every failure in the contract's format; what nobody expected is logged with its traceback."""
        answer = self.failed(exc)
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


class Open:
    """Put before a dialect's base: a view that tells nobody anything, so nobody need say who they are."""

    authentication_classes: Sequence[Any] = ()
    schema: Any = None  # no endpoint of a contract

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask nothing, and count all the same."""
        _speak(request)
        limits.demand(request._request)
        APIView.initial(self, request, *args, **kwargs)  # type: ignore[arg-type]  # what it is put before is one


def _speak(request: Request) -> None:
    """Answer in the language that the request asks for, or else in the caller's workspace's."""
    header = request.headers.get("Accept-Language", "")
    if principal := principal_of(request._request):
        translation.activate(languages.accepted(header, principal.workspace.language))


class Nothing(Open):
    """An address where nothing is, whatever the method."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer that nothing is here."""
        raise Http404
