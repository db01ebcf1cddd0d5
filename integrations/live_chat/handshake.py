"""The opening of a session's socket (section 7.1): whose token it is, and whether the session is theirs to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from agents import languages
from chat.access import Actor
from chat.models import Chat
from chat.sockets import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Refused

from ..keys.authentication import Principal, identify, note_agent_at_work
from ..keys.browsers import Caller, NotAdmitted, admit
from .addresses import base_url_of_socket
from .errors import SessionNotFound
from .mapping import Reader
from .sessions import find

SUBPROTOCOL = "parley.v1"
_BEARER = "bearer."


@dataclass(frozen=True)
class Opening:
    """A socket that may open."""

    principal: Principal
    actor: Actor
    chat: Chat
    reader: Reader
    language: str


def subprotocol(scope: dict[str, Any]) -> str | None:
    """Return the subprotocol to answer with, if the client offered it."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def open_socket(scope: dict[str, Any]) -> Opening:
    """Return who may have this socket, for which session. Raises Refused with the close code of docs/protocol.md."""
    principal = identify(_token(scope))
    if principal is None:
        raise Refused(UNAUTHENTICATED)
    actor = principal.actor
    try:
        admit(principal.kind, principal.workspace, Caller.of_scope(scope))
    except NotAdmitted:
        raise Refused(FORBIDDEN) from None
    if actor is None:
        raise Refused(FORBIDDEN)
    try:
        chat = find(actor, scope["url_route"]["kwargs"]["session_id"])
    except SessionNotFound:
        raise Refused(NOT_FOUND) from None
    if principal.agent:
        note_agent_at_work(principal.agent)
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    language = languages.accepted(header, principal.workspace.language)
    return Opening(principal, actor, chat, Reader(principal.is_team, base_url_of_socket(scope)), language)


def _token(scope: dict[str, Any]) -> str:
    """The token: in a subprotocol, where no log sees it, or in the address as the contract has it."""
    offered = [p for p in scope.get("subprotocols", ()) if p.startswith(_BEARER)]
    if offered:
        return str(offered[0].removeprefix(_BEARER))
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
