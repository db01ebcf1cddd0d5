"""Plain dictionaries of rows, as they travel between processes and into every dialect's rendering.

Times are ISO 8601 in UTC with microseconds and ``Z``; ids are both the integer ``id`` and the ``uid`` as hex.
Nothing here queries: the caller has joined visitor, agent and department.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agents.models import Agent, Department
from agents.pictures import picture_url

from .commands import card_of, command_of
from .files import file_url
from .models import ActionCard, Attachment, Chat, Message, Suggestion, Visitor

Snapshot = dict[str, Any]


def instant(moment: datetime | None) -> str | None:
    """Return a time as ``2026-11-22T05:30:00.123456Z``, or None."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def of_agent(agent: Agent | None) -> Snapshot | None:
    """An agent as others of the team see them."""
    if agent is None:
        return None
    return {
        "id": agent.pk,
        "uid": agent.uid.hex,
        "name": agent.name,
        "role": agent.role,
        "is_bot": agent.is_bot,
        "status": agent.presence(),
        "status_message": agent.said_message(),
        "max_chats": agent.max_chats,
        "picture": picture_url(agent),
    }


def of_department(department: Department | None) -> Snapshot | None:
    """A department by its names."""
    if department is None:
        return None
    return {
        "id": department.pk,
        "uid": department.uid.hex,
        "slug": department.slug,
        "name": department.name,
    }


def of_visitor(visitor: Visitor) -> Snapshot:
    """A visitor, with everything that the panel shows."""
    return {
        "id": visitor.pk,
        "uid": visitor.uid.hex,
        "external_id": visitor.external_id,
        "claimed_id": visitor.claimed_id,
        "verified": visitor.verified,
        "name": visitor.name,
        "email": visitor.email,
        "phone": visitor.phone,
        "language": visitor.language,
        "online": visitor.online(),
        "last_seen_at": instant(visitor.last_seen_at),
        "page": visitor.page,
        "user_agent": visitor.user_agent,
        "custom_fields": visitor.custom_fields,
        "created_at": instant(visitor.created_at),
    }


def of_chat(chat: Chat) -> Snapshot:
    """A chat with its summary. ``tags`` is absent: only :func:`chat.queries.tags_of` knows them."""
    return {
        "id": chat.pk,
        "uid": chat.uid.hex,
        "workspace_id": chat.workspace_id,
        "no": chat.ticket_no,
        "conversation_uid": chat.conversation_uid.hex,
        "status": chat.status,
        "priority": chat.priority,
        "channel": chat.channel,
        "visitor": of_visitor(chat.visitor),
        "agent": of_agent(chat.agent),
        "department": of_department(chat.department),
        "source": chat.source,
        "trigger": {"uid": chat.trigger_uid.hex, "name": chat.trigger_name} if chat.trigger_uid else None,
        "custom_fields": chat.custom_fields,
        "notes_mark": chat.notes_mark,
        "last_seq": chat.last_seq,
        "last_public_seq": chat.last_public_seq,
        "message_count": chat.message_count,
        "unread_by_team": chat.unread_by_team,
        "unread_by_visitor": chat.unread_by_visitor,
        "read_by_team_seq": chat.read_by_team_seq,
        "read_by_visitor_seq": chat.read_by_visitor_seq,
        "delivered_to_team_seq": chat.delivered_to_team_seq,
        "delivered_to_visitor_seq": chat.delivered_to_visitor_seq,
        "last_message_text": chat.last_message_text,
        "last_message_by": chat.last_message_by,
        "last_message_at": instant(chat.last_message_at),
        "created_at": instant(chat.created_at),
        "updated_at": instant(chat.updated_at),
        "queued_at": instant(chat.queued_at),
        "parked_until": instant(chat.parked_until),
        "first_assigned_at": instant(chat.first_assigned_at),
        "first_response_at": instant(chat.first_response_at),
        "closed_at": instant(chat.closed_at),
        "close_reason": chat.close_reason,
        "follow_up": chat.follow_up,
        "rating": chat.rating,
        "rating_comment": chat.rating_comment,
    }


def of_suggestion(suggestion: Suggestion | None) -> Snapshot | None:
    """A draft for the agent, its bot joined."""
    if suggestion is None:
        return None
    return {
        "uid": suggestion.uid.hex,
        "body": suggestion.body,
        "sources": suggestion.sources,
        "by": suggestion.agent.name if suggestion.agent else "",
        "created_at": instant(suggestion.created_at),
    }


def of_attachment(attachment: Attachment) -> Snapshot:
    """A file; its address is made by :mod:`chat.files` for those who may see the chat."""
    return {
        "uid": attachment.uid.hex,
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "url": file_url(attachment),
    }


def of_message(message: Message) -> Snapshot:
    """A timeline entry. Its agent is joined and its attachments prefetched, or it has none.

    ``card`` is known where :func:`chat.commands.attach` was asked, and of a message that was just posted.
    """
    return {
        "id": message.pk,
        "uid": message.uid.hex,
        "seq": message.seq,
        "prev": message.seq - 1,
        "public_prev": message.public_prev,
        "public": message.public,
        "kind": message.kind,
        "by": message.author_kind,
        "agent": of_agent(message.agent),
        "body": message.body,
        "payload": message.payload,
        "attachments": [of_attachment(a) for a in message.attachments.all()],
        "client_id": message.client_id,
        "card": of_card(card_of(message), message),
        "created_at": instant(message.created_at),
        "delivered_at": instant(message.delivered_at),
        "read_at": instant(message.read_at),
    }


def of_card(card: ActionCard | None, message: Message) -> Snapshot | None:
    """The command that a message names, with its card if the workspace knows it; None when it names none.

    ``state`` is ``unknown``, or one of the card's.
    """
    named = command_of(message.payload)
    if named is None:
        return None
    name, value = named
    return {
        "name": name,
        "value": value,
        "title": card.title if card else "",
        "state": card.state if card else "unknown",
        "answer": card.answer if card else [],
        "problem": card.problem if card else "",
    }
