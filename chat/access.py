"""Who may see and do what. Every surface asks here, and nowhere else are these rules written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q

from agents.models import Agent, Workspace

from .errors import NotAllowed, NotFound
from .models import Assignment, Chat, Visitor
from .models.chats import ChatQuerySet

ActorKind = Literal["visitor", "agent", "workspace", "system"]

VISITOR_VERBS = frozenset({"read", "post", "type", "close", "rate"})
TEAM_VERBS = frozenset(
    {"read", "post", "note", "type", "assign", "transfer", "close", "reopen", "tag", "priority", "visitor", "lookup"}
)
BOT_VERBS = frozenset({"read", "post", "note", "type", "transfer", "close", "tag"})


@dataclass(frozen=True)
class Actor:
    """Somebody who acts on chats: a visitor, an agent, a workspace (by secret key), or the system itself."""

    kind: ActorKind
    workspace_id: int
    agent: Agent | None = None
    visitor_id: int | None = None
    # A bot that acts on a chat in which it is not: one that it has had, or of its departments.
    absent: bool = False

    @classmethod
    def of_visitor(cls, visitor: Visitor) -> Actor:
        """The customer, in their own chats."""
        return cls("visitor", visitor.workspace_id, visitor_id=visitor.pk)

    @classmethod
    def of_agent(cls, agent: Agent) -> Actor:
        """A member of the team, with that member's role; bots included."""
        return cls("agent", agent.workspace_id, agent=agent)

    @classmethod
    def of_workspace(cls, workspace: Workspace) -> Actor:
        """A server that holds a secret key and names nobody."""
        return cls("workspace", workspace.pk)

    @classmethod
    def system(cls, workspace_id: int) -> Actor:
        """Parley itself: routing and the sweeper."""
        return cls("system", workspace_id)

    @property
    def is_team(self) -> bool:
        """Whether this is anybody but the visitor: sees notes, and is the other side of receipts."""
        return self.kind != "visitor"


def visible_chats(actor: Actor) -> ChatQuerySet:
    """Return the chats that the actor may see.

    Owners, admins, supervisors and secret keys see the whole workspace; operators what they have, what is in
    their departments and what is in none; bots what they have (``absent`` ones also what they have had and what is in
    their departments); visitors their own.
    """
    chats = Chat.objects.filter(workspace_id=actor.workspace_id)
    if actor.kind == "visitor":
        return chats.filter(visitor_id=actor.visitor_id or 0)
    agent = actor.agent
    if agent is None or (agent.supervises and not agent.is_bot):
        return chats
    if agent.is_bot:
        return chats.filter(_reach_of_bot(agent) if actor.absent else Q(agent=agent))
    mine = department_ids(agent)
    return chats.filter(Q(agent=agent) | Q(department__isnull=True) | Q(department_id__in=mine))


def _reach_of_bot(agent: Agent) -> Q:
    had = Assignment.objects.filter(agent=agent).values("chat_id")
    return Q(agent=agent) | Q(department_id__in=department_ids(agent)) | Q(pk__in=had)


def department_ids(agent: Agent) -> list[int]:
    """Return the ids of the agent's departments. A page that asks often prefetches ``memberships``."""
    return [membership.department_id for membership in agent.memberships.all()]


def get_chat(actor: Actor, uid: uuid.UUID | str) -> Chat:
    """Return the chat with this uid, its visitor, agent and department joined.

    Raises NotFound when there is none, when it is of another workspace, and when the actor may not see it.
    """
    try:
        wanted = uid if isinstance(uid, uuid.UUID) else uuid.UUID(str(uid))
    except ValueError:
        raise NotFound from None
    chat = visible_chats(actor).select_related("visitor", "agent", "department", "workspace").filter(uid=wanted).first()
    if chat is None:
        raise NotFound
    return chat


def may_see(actor: Actor, chat: Chat) -> bool:
    """Whether the actor may see this chat: :func:`visible_chats` for one row that is at hand."""
    if chat.workspace_id != actor.workspace_id:
        return False
    if actor.kind == "visitor":
        return chat.visitor_id == actor.visitor_id
    agent = actor.agent
    if agent is None or (agent.supervises and not agent.is_bot) or chat.agent_id == agent.pk:
        return True
    if agent.is_bot:
        return actor.absent and Chat.objects.filter(_reach_of_bot(agent), pk=chat.pk).exists()
    return chat.department_id is None or chat.department_id in department_ids(agent)


def may(actor: Actor, verb: str, chat: Chat) -> bool:
    """Whether the actor may do this to this chat."""
    if not may_see(actor, chat):
        return False
    if actor.kind == "visitor":
        return verb in VISITOR_VERBS
    if actor.kind in ("workspace", "system"):
        return verb in TEAM_VERBS or verb == "rate"
    assert actor.agent is not None
    return actor.agent.is_active and verb in (BOT_VERBS if actor.agent.is_bot else TEAM_VERBS)


def demand(actor: Actor, verb: str, chat: Chat) -> None:
    """Raise NotFound when the actor may not even see the chat, NotAllowed when they may not do this to it."""
    if not may_see(actor, chat):
        raise NotFound
    if not may(actor, verb, chat):
        raise NotAllowed
