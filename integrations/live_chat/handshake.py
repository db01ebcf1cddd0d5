"""The opening of a session's socket (section 7.1): whose token it is, and whether the session is theirs to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.access import Actor
from chat.models import Chat
from chat.sockets import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Refused

from ..keys import scopes
from ..keys.authentication import Principal, identify, note_agent_at_work
from ..keys.browsers import Caller, NotAdmitted, admit
from ..rest.addresses import base_url_of_socket
from ..rest.handshake import language_of, token_of
from .errors import SessionNotFound
from .mapping import Reader
from .sessions import find


@dataclass(frozen=True)
class Opening:
    """A socket that may open."""

    principal: Principal
    actor: Actor
    chat: Chat
    reader: Reader
    language: str


def open_socket(scope: dict[str, Any]) -> Opening:
    """Return who may have this socket, for which session. Raises Refused with the close code of docs/protocol.md."""
    principal = identify(token_of(scope))
    if principal is None:
        raise Refused(UNAUTHENTICATED)
    actor = principal.actor
    try:
        admit(principal.kind, principal.workspace, Caller.of_scope(scope))
    except NotAdmitted:
        raise Refused(FORBIDDEN) from None
    if actor is None or not scopes.has(principal, "chats:read"):
        raise Refused(FORBIDDEN)
    try:
        chat = find(actor, scope["url_route"]["kwargs"]["session_id"])
    except SessionNotFound:
        raise Refused(NOT_FOUND) from None
    if principal.agent:
        note_agent_at_work(principal.agent)
    language = language_of(scope, principal.workspace.language)
    return Opening(principal, actor, chat, Reader(principal.is_team, base_url_of_socket(scope)), language)
