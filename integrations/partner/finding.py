"""Finding conversations, customers, messages and agents by the contract's ids: what is elsewhere is not there."""

from __future__ import annotations

import re

from django.db.models import QuerySet

from agents.ids import decode
from agents.models import Agent, Workspace
from chat import queries
from chat.access import Actor, visible_chats
from chat.models import Chat, Kind, Message, Visitor

from ..keys.authentication import Principal
from .errors import NoSuchAgent, NoSuchConversation, NoSuchCustomer, NoSuchMessage

_AGENT = re.compile(r"agent-([0-9]{1,18})\Z", re.ASCII)


def find_conversation(actor: Actor, conversation_id: int) -> Chat:
    """Return the chat with this id if the actor may see it, joined. Raises NoSuchConversation."""
    joined = visible_chats(actor).select_related("visitor", "agent", "department", "workspace")
    found = joined.filter(pk=conversation_id).first()
    if found is None:
        raise NoSuchConversation(field="conversationId")
    return found


def find_customer(principal: Principal, customer_id: str) -> Visitor:
    """Return the customer whom the caller may know. Raises NoSuchCustomer.

    A visitor knows themselves, an agent the customers of the chats that they see, a server all of its workspace.
    """
    found = customer_of(principal.workspace, customer_id)
    if found is None or not _may_know(principal, found):
        raise NoSuchCustomer(field="customerId")
    return found


def customer_of(workspace: Workspace, customer_id: str) -> Visitor | None:
    """Return the workspace's customer: by the partner's own id, or by ours for one whom no partner named."""
    if not customer_id or "\0" in customer_id:
        return None
    visitors = Visitor.objects.select_related("workspace").filter(workspace=workspace)
    found = visitors.filter(external_id=customer_id).first()
    uid = decode("visitor", customer_id)
    return found or (visitors.filter(uid=uid, external_id="").first() if uid else None)


def _may_know(principal: Principal, visitor: Visitor) -> bool:
    if principal.visitor:
        return visitor.pk == principal.visitor.pk
    actor = principal.actor
    if actor is None or actor.agent is None or actor.agent.supervises:
        return actor is not None
    return visible_chats(actor).filter(visitor=visitor).exists()


def find_agent(workspace: Workspace, sender_id: str) -> Agent:
    """Return the active agent behind ``agent-2``. Raises NoSuchAgent, the same for one of another workspace."""
    match = _AGENT.match(sender_id)
    agents = Agent.objects.active().select_related("user").filter(workspace=workspace)
    found = agents.filter(pk=int(match[1])).first() if match else None
    if found is None:
        raise NoSuchAgent(field="senderId")
    return found


def find_message(actor: Actor, message_id: int) -> Message:
    """Return the message with this id, its chat joined, if the actor may see it. Raises NoSuchMessage."""
    joined = Message.objects.select_related("chat__visitor", "chat__workspace", "agent").prefetch_related("attachments")
    found = joined.filter(pk=message_id, public=True, chat__in=visible_chats(actor)).exclude(kind=Kind.EVENT).first()
    if found is None:
        raise NoSuchMessage(field="messageId")
    return found


def messages_of(chat: Chat, *, after: int | None, limit: int) -> list[Message]:
    """Return what was said and the customer may see, oldest first: those after a message, else the newest.

    ``after`` is the id of a message of this conversation, 0 for before the first. Raises NoSuchMessage.
    """
    said = _said(chat).select_related("agent").prefetch_related("attachments")
    if after is None:
        return list(reversed(said.order_by("-seq")[:limit]))
    return list(said.filter(seq__gt=_seq_of(chat, after)).order_by("seq")[:limit])


def newest_said(chat: Chat, side: str, seq: int) -> int | None:
    """Return the id of the newest message that this side, ``team`` or ``visitor``, can have read up to ``seq``."""
    said = _said(chat).filter(seq__lte=seq)
    theirs = said.filter(author_kind="visitor") if side == "team" else said.exclude(author_kind="visitor")
    return theirs.order_by("-seq").values_list("pk", flat=True).first()


def _said(chat: Chat) -> QuerySet[Message]:
    return queries.visible_entries(chat, Actor.of_visitor(chat.visitor)).exclude(kind=Kind.EVENT)


def _seq_of(chat: Chat, message_id: int) -> int:
    """The place of a message: ids of one conversation are taken one after the other, but only ``seq`` promises it."""
    if message_id == 0:
        return 0
    seq = _said(chat).filter(pk=message_id).values_list("seq", flat=True).first()
    if seq is None:
        raise NoSuchMessage(field="after")
    return seq
