"""What a client does in a conversation, the same over REST and over the socket: write, type, read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chat.access import Actor
from chat.errors import NotAllowed
from chat.models import AuthorKind, Chat, Message
from chat.services import messages, typing
from chat.snapshots import of_visitor

from ..keys.authentication import Principal
from ..rest.sending import in_name_of
from . import mapping
from .errors import NoSuchCustomer
from .finding import find_agent
from .requests import MessageRequest


def send(principal: Principal, chat: Chat, request: MessageRequest) -> Message:
    """Post the message to this chat and return it as stored. Raises ChatError."""
    actor = sender(principal, chat, request.sender_id, request.from_agent)
    payload = None if request.metadata is None else {"metadata": request.metadata}
    client_id = request.client_message_id
    return messages.post(chat, actor, body=request.content, client_id=client_id, payload=payload)


def sender(principal: Principal, chat: Chat, sender_id: str = "", from_agent: bool | None = None) -> Actor:
    """Return who acts (DESIGN.md section 5, "Agents' tokens"): with a secret key, the customer unless it says agent.

    Raises NotAllowed (somebody else's name), NoSuchAgent, NoSuchCustomer (another than the conversation's).
    """
    assert principal.actor
    if principal.kind == "secret":
        return _named(principal, chat, sender_id, bool(from_agent))
    agent = principal.agent
    own = f"agent-{agent.pk}" if agent else mapping.customer_id(of_visitor(chat.visitor))
    if sender_id not in ("", own) or from_agent not in (None, agent is not None):
        raise NotAllowed(_("You can only write in your own name."), field="senderId")
    return principal.actor


def _named(principal: Principal, chat: Chat, sender_id: str, from_agent: bool) -> Actor:
    if from_agent:
        agent = find_agent(principal.workspace, sender_id) if sender_id else None
        return in_name_of(principal.workspace, chat, agent)
    if sender_id not in ("", mapping.customer_id(of_visitor(chat.visitor))):
        raise NoSuchCustomer(field="senderId")
    return Actor.of_visitor(chat.visitor)


def mark_read(principal: Principal, message: Message) -> None:
    """Note that the message, and what came before it, was read: an agent's by the customer, a customer's by an agent.

    A visitor and an agent with a token of their own read for their own side, whatever they name.
    """
    assert principal.actor
    reader = principal.actor
    if principal.kind == "secret" and message.author_kind != AuthorKind.VISITOR:
        reader = Actor.of_visitor(message.chat.visitor)
    messages.mark_read(message.chat, reader, message.seq)


def signal_typing(principal: Principal, chat: Chat, on: bool, is_agent: bool | None) -> None:
    """Tell the other side that somebody is typing; nothing is stored."""
    typing.signal(chat, sender(principal, chat, "", is_agent), on)
