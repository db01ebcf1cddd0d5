"""The one place that says who a bearer token is, for every contract's requests and sockets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from agents.models import Agent, AgentToken, Key, Workspace
from agents.services import presence
from chat.access import Actor
from chat.models import Visitor
from widget import tokens
from widget.models import PublishableKey

from .browsers import Caller, NotAdmitted, admit
from .models import SecretKey

PrincipalKind = Literal["secret", "publishable", "agent", "visitor"]
_LONGEST = 512
_WHO = "_parley_principal"


@dataclass(frozen=True)
class Principal:
    """Who calls: a kind, a workspace, and how that acts on chats. A publishable key acts on none: it only starts."""

    kind: PrincipalKind
    workspace: Workspace
    actor: Actor | None = None
    key: Key | None = None
    agent: Agent | None = None
    visitor: Visitor | None = None

    @property
    def is_team(self) -> bool:
        """Whether this is the company's side."""
        return self.kind in ("secret", "agent")


def identify(token: str) -> Principal | None:
    """Return whose bearer token this is, or None: unknown, revoked, run out, or of somebody who is gone."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    finder = _FINDERS.get(token.partition("_")[0])
    return finder(token) if finder else None


def principal_of(request: HttpRequest) -> Principal | None:
    """Return whose bearer token this request carries, or None. Looked up once a request."""
    if not hasattr(request, _WHO):
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        _remember(request, identify(token.strip()) if scheme.lower() == "bearer" else None)
    found: Principal | None = getattr(request, _WHO)
    return found


def _remember(request: HttpRequest, principal: Principal | None) -> None:
    """Keep who calls; the audit log names them by the agent or the key."""
    setattr(request, _WHO, principal)
    if principal and principal.agent:
        request.acting_agent = principal.agent  # type: ignore[attr-defined]
    elif principal and principal.key:
        request.acting_key = str(principal.key)  # type: ignore[attr-defined]


def _secret(token: str) -> Principal | None:
    key = SecretKey.find(token)
    return Principal("secret", key.workspace, Actor.of_workspace(key.workspace), key) if key else None


def _publishable(token: str) -> Principal | None:
    key = PublishableKey.find(token)
    return Principal("publishable", key.workspace, key=key) if key else None


def _agent(token: str) -> Principal | None:
    key = AgentToken.find(token)
    if key is None:
        return None
    agent = Agent.objects.select_related("workspace", "user").prefetch_related("memberships").get(pk=key.agent_id)
    if not agent.is_active or agent.workspace_id != key.workspace_id or not (agent.user and agent.user.is_active):
        return None
    return Principal("agent", key.workspace, Actor.of_agent(agent), key, agent=agent)


def _visitor(token: str) -> Principal | None:
    visitor = tokens.read(token)
    return Principal("visitor", visitor.workspace, Actor.of_visitor(visitor), visitor=visitor) if visitor else None


_FINDERS = {"sk": _secret, "pk": _publishable, "at": _agent, "vt": _visitor}


def note_agent_at_work(agent: Agent) -> None:
    """A request of an agent whose presence holds keeps it so; it makes nobody present who never said so."""
    if agent.presence() != "offline":
        presence.touch(agent)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer …`` for REST framework; ``request.auth`` is the :class:`Principal`.

    401 for a token that is nobody's, 403 for one that this caller may not use (a secret key in a browser, a
    publishable key on a foreign site).
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Principal] | None:
        if not request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[0]:
            return None
        principal = principal_of(request._request)
        if principal is None:
            raise AuthenticationFailed(_("This token is not valid, or not any more."))
        try:
            admit(principal.kind, principal.workspace, Caller.of_request(request._request))
        except NotAdmitted as refusal:
            raise PermissionDenied(str(refusal.message)) from refusal
        if principal.agent:
            note_agent_at_work(principal.agent)
        return AnonymousUser(), principal
