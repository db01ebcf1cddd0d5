"""Closing a chat, and opening it again in place."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Presence

from .. import events, routing
from ..access import Actor, demand
from ..errors import Conflict, Ended
from ..models import Assignment, Chat, Kind, Status
from . import messages, parking, timeline
from .assigning import end_assignment, open_chats
from .locking import lock_chat, lock_routing, lock_visitor

REASON_LIMIT = 200


def close(chat: Chat, actor: Actor, *, reason: str = "", note: str = "", follow_up: bool = False) -> Chat:
    """End a chat for good; ``note`` stays internal. Raises Ended, NotAllowed, NotFound."""
    demand(actor, "close", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        if not chat.is_open:
            raise Ended
        if note.strip():
            messages.post(chat, actor, kind=Kind.NOTE, body=note)
            chat = lock_chat(chat)
        now = timezone.now()
        end_assignment(chat, now)
        parking.take_out(chat, now)
        chat.status = Status.CLOSED
        chat.closed_at = now
        chat.close_reason = reason[:REASON_LIMIT]
        chat.follow_up = follow_up
        also = ["status", "closed_at", "close_reason", "follow_up", *parking.FIELDS]
        line = timeline.event(
            chat, "closed", now=now, by=actor.agent, by_kind=actor.kind, detail={"reason": reason}, also=also
        )
        event = events.ChatClosed(
            workspace_id=chat.workspace_id, chat=chat, message=line, by=actor.agent, reason=reason
        )
        events.record(event)
        # A place became free.
        transaction.on_commit(lambda: routing.route(chat.workspace_id), robust=True)
    return chat


def reopen(chat: Chat, actor: Actor) -> Chat:
    """Open a closed chat again: back to its agent if they can take it, to the queue otherwise.

    Raises Conflict when it is open, or when the visitor has begun another chat of this conversation.
    """
    demand(actor, "reopen", chat)
    with transaction.atomic():
        lock_visitor(chat.visitor)
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        if chat.is_open:
            raise Conflict(_("This chat is open."))
        if Chat.objects.open().filter(conversation_uid=chat.conversation_uid).exists():
            raise Conflict(_("The visitor has begun a new chat since."))
        _restore(chat, actor)
        transaction.on_commit(lambda: routing.route(chat.workspace_id), robust=True)
    return chat


def _restore(chat: Chat, actor: Actor) -> None:
    now = timezone.now()
    agent = chat.agent
    back = agent is not None and agent.presence(now) != Presence.OFFLINE and open_chats(agent) < agent.max_chats
    chat.status = Status.ACTIVE if back else Status.WAITING
    chat.closed_at = None
    chat.close_reason = ""
    if back and agent:
        Assignment.objects.create(
            workspace_id=chat.workspace_id, chat=chat, agent=agent, by=actor.agent, started_at=now
        )
    else:
        chat.preferred_agent, chat.agent = agent, None
        parking.place(chat, now)
    also = ["status", "closed_at", "close_reason", "agent", "preferred_agent", *parking.FIELDS]
    line = timeline.event(chat, "reopened", now=now, by=actor.agent, by_kind=actor.kind, also=also)
    events.record(events.ChatReopened(workspace_id=chat.workspace_id, chat=chat, message=line, by=actor.agent))
