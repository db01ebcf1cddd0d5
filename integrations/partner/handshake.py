"""The opening of ``/ws?clientId=…&token=…``: whose token it is, and whether the customer is theirs to hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.access import Actor
from chat.models import Visitor
from chat.sockets import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Refused, Standing
from widget.matching import site_of_origin

from ..keys import scopes
from ..keys.authentication import Principal, identify, note_agent_at_work
from ..keys.browsers import Caller, NotAdmitted, admit
from ..keys.standing import standings
from ..rest.addresses import base_url_of_socket
from ..rest.handshake import language_of, parameter, token_of
from .errors import NoSuchCustomer
from .finding import customer_of, find_customer
from .models import Partner


@dataclass(frozen=True)
class Opening:
    """A socket that may open. ``proved`` is False for one that is let in by its page's domain alone."""

    principal: Principal
    visitor: Visitor
    standings: list[Standing]
    language: str
    base_url: str
    proved: bool


def open_socket(scope: dict[str, Any]) -> Opening:
    """Return who may have this socket, and whose line it is. Raises Refused with the close code of docs/protocol.md."""
    client_id, token = parameter(scope, "clientId"), token_of(scope)
    if not client_id:
        raise Refused(NOT_FOUND)
    principal, rests_on = _by_token(scope, token) if token else _by_domain(scope, client_id)
    try:
        visitor = find_customer(principal, client_id)
    except NoSuchCustomer:
        raise Refused(NOT_FOUND) from None
    language = language_of(scope, principal.workspace.language)
    return Opening(principal, visitor, rests_on, language, base_url_of_socket(scope), proved=bool(token))


def _by_token(scope: dict[str, Any], token: str) -> tuple[Principal, list[Standing]]:
    principal = identify(token)
    if principal is None:
        raise Refused(UNAUTHENTICATED)
    try:
        admit(principal.kind, principal.workspace, Caller.of_scope(scope))
    except NotAdmitted:
        raise Refused(FORBIDDEN) from None
    if principal.actor is None or not scopes.has(principal, "chats:read"):
        raise Refused(FORBIDDEN)
    if principal.agent:
        note_agent_at_work(principal.agent)
    return principal, standings(principal)


def _by_domain(scope: dict[str, Any], client_id: str) -> tuple[Principal, list[Standing]]:
    """Let an old client in as the customer whom it names, if an operator has allowed that for its page's domain.

    The page's origin is all there is to say which workspace is meant. Whoever is not let in learns no reason.
    """
    partner = _partner_of(Caller.of_scope(scope).origin)
    visitor = customer_of(partner.workspace, client_id) if partner else None
    if partner is None or visitor is None:
        raise Refused(UNAUTHENTICATED)
    principal = Principal("visitor", partner.workspace, Actor.of_visitor(visitor), visitor=visitor)
    return principal, [*standings(principal), Standing(_let_in, partner.pk)]


def _partner_of(origin: str) -> Partner | None:
    site = site_of_origin(origin)
    if site is None:
        return None
    names = {site.host, site.host.removeprefix("www.")}
    names |= {f"{name}:{site.port}" for name in names}
    allowed = Partner.objects.select_related("workspace").filter(allow_unverified_clients=True, domain__in=names)
    # The most exact name decides: with its port, with its www.
    return max(allowed.exclude(approved_at=None), key=lambda partner: len(partner.domain), default=None)


def _let_in(pks: list[Any]) -> dict[Any, Any]:
    rows = Partner.objects.filter(pk__in=pks, allow_unverified_clients=True)
    return dict(rows.values_list("pk", "domain"))
