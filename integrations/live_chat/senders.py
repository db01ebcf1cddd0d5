"""Who acts (DESIGN.md section 5, "Agents' tokens"): with a secret key, ``senderId`` names an agent or the visitor."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from agents.ids import encode
from agents.models import Agent, Workspace
from chat.access import Actor
from chat.errors import Invalid, NotAllowed, NotFound
from chat.models import Chat

from ..keys.authentication import Principal
from ..rest.sending import in_name_of
from .sessions import find_agent


def sender(principal: Principal, chat: Chat, sender_id: str = "", sender_type: str = "") -> Actor:
    """Return the actor behind a message or a typing signal.

    Raises NotAllowed (somebody else's name), AgentNotFound, NotFound (another visitor), Invalid (a type that
    does not fit the id).
    """
    assert principal.actor
    if principal.kind == "secret":
        return _named(principal.workspace, chat, sender_id, sender_type)
    own = principal.agent or principal.visitor
    assert own
    kind = "agent" if principal.agent else "visitor"
    if sender_id not in ("", encode(kind, own.uid)) or sender_type not in ("", kind, _bot(principal.agent)):
        raise NotAllowed(_("You can only write in your own name."), field="senderId")
    return principal.actor


def _bot(agent: Agent | None) -> str:
    return "bot" if agent and agent.is_bot else ""


def _named(workspace: Workspace, chat: Chat, sender_id: str, sender_type: str) -> Actor:
    """Whom a server names; nobody named is the chat's agent or, without one, the workspace itself."""
    if sender_type == "visitor" or (not sender_type and sender_id.startswith("visitor_")):
        return _visitor_of(chat, sender_id)
    if sender_type == "system":
        if sender_id:
            raise Invalid(_("The system has no id."), field="senderId")
        return Actor.of_workspace(workspace)
    actor = in_name_of(workspace, chat, find_agent(workspace, sender_id, "senderId") if sender_id else None)
    if sender_type and actor.agent and actor.agent.is_bot != (sender_type == "bot"):
        raise Invalid(_("The sender is of another type."), field="senderType")
    return actor


def _visitor_of(chat: Chat, sender_id: str) -> Actor:
    visitor = chat.visitor
    if sender_id in ("", encode("visitor", visitor.uid)) or (visitor.external_id and sender_id == visitor.external_id):
        return Actor.of_visitor(visitor)
    raise NotFound(_("There is no such visitor in this session."), field="senderId")
