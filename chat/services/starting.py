"""Starting a chat, and writing again after one ended."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Department, Workspace

from .. import events, routing
from ..access import Actor
from ..errors import Conflict, Invalid, NotFound
from ..models import Channel, Chat, Priority, TicketCounter, Visitor
from . import messages, parking
from .locking import lock_visitor


@dataclass(frozen=True)
class Prompt:
    """The proactive message that a visitor answers: which trigger showed it, and what it said."""

    uid: uuid.UUID
    name: str
    text: str


@dataclass(frozen=True)
class Started:
    """The visitor's open chat; ``created`` is False when there was one already."""

    chat: Chat
    created: bool


def start(
    *,
    workspace: Workspace,
    visitor: Visitor,
    actor: Actor,
    channel: str = Channel.WEBSITE,
    department: Department | None = None,
    priority: int = Priority.MEDIUM,
    required_skills: Iterable[str] = (),
    source: dict[str, Any] | None = None,
    custom_fields: dict[str, Any] | None = None,
    widget_uid: uuid.UUID | None = None,
    page: str = "",
    prompt: Prompt | None = None,
    start_key: str | None = None,
) -> Started:
    """Begin a chat for a visitor, or return the one that they have open in this channel.

    After an end, the new chat continues the conversation, points at the last one, and prefers its agent and
    department. ``page`` is the widget's page, as reports tell them apart. With a ``prompt``, it begins with that
    message, in the workspace's voice. ``start_key`` makes a resend return the same chat, Conflict if it was another
    visitor's. The chat is routed before this returns, unless an outer transaction is open; outside opening hours it is
    parked.
    """
    _validate(workspace, visitor, actor, channel, department, priority)
    with transaction.atomic():
        visitor = lock_visitor(visitor)
        if start_key and (sent := Chat.objects.of(workspace).filter(start_key=start_key).first()):
            if sent.visitor_id != visitor.pk:
                raise Conflict
            return Started(_fresh(sent), created=False)
        line = Chat.objects.of(workspace).filter(visitor=visitor, channel=channel)
        if running := line.open().first():
            return Started(_fresh(running), created=False)
        chat = _create(
            previous=line.select_related("agent", "department").order_by("-id").first(),
            workspace=workspace,
            visitor=visitor,
            channel=channel,
            department=department,
            priority=priority,
            required_skills=list(required_skills),
            source=source or {},
            custom_fields=custom_fields or {},
            widget_uid=widget_uid,
            page=page,
            trigger_uid=prompt.uid if prompt else None,
            trigger_name=prompt.name[:120] if prompt else "",
            start_key=start_key or None,
        )
        events.record(events.ChatStarted(workspace_id=workspace.pk, chat=chat))
        if prompt:
            _say(chat, prompt)
        transaction.on_commit(lambda: routing.route(workspace.pk), robust=True)
    return Started(_fresh(chat), created=True)


def _say(chat: Chat, prompt: Prompt) -> None:
    """Put what the visitor answers at the beginning of the timeline."""
    payload = {"trigger": {"uid": prompt.uid.hex, "name": prompt.name}}
    messages.post(chat, Actor.system(chat.workspace_id), body=prompt.text, payload=payload)


def _validate(
    workspace: Workspace, visitor: Visitor, actor: Actor, channel: str, department: Department | None, priority: int
) -> None:
    if actor.workspace_id != workspace.pk or visitor.workspace_id != workspace.pk:
        raise NotFound(_("There is no such visitor."), field="visitor")
    if actor.kind == "visitor" and actor.visitor_id != visitor.pk:
        raise NotFound(_("There is no such visitor."), field="visitor")
    if channel not in Channel.values:
        raise Invalid(field="channel")
    if priority not in Priority.values:
        raise Invalid(field="priority")
    if department is not None and department.workspace_id != workspace.pk:
        raise NotFound(_("There is no such department."), field="department")


def _create(*, previous: Chat | None, department: Department | None, **fields: Any) -> Chat:
    now = timezone.now()
    chat = Chat(
        ticket_no=_next_ticket_no(fields["workspace"]),
        previous=previous,
        conversation_uid=previous.conversation_uid if previous else new_uid(),
        department=department or (previous.department if previous else None),
        preferred_agent=_preferred(previous),
        created_at=now,
        updated_at=now,
        last_message_at=now,
        **fields,
    )
    parking.place(chat, now)
    _insert(chat)
    return chat


def _insert(chat: Chat) -> None:
    """Insert the chat. Raises Conflict when the same start, sent twice at once, came first under another visitor."""
    try:
        with transaction.atomic():
            chat.save(force_insert=True)
    except IntegrityError:
        if chat.start_key and Chat.objects.of(chat.workspace_id).filter(start_key=chat.start_key).exists():
            raise Conflict from None
        raise


def _preferred(previous: Chat | None) -> Agent | None:
    agent = previous.agent if previous else None
    return agent if agent and not agent.is_bot and agent.is_active else None


def _next_ticket_no(workspace: Workspace) -> int:
    TicketCounter.objects.get_or_create(workspace=workspace)
    TicketCounter.objects.filter(workspace=workspace).update(last=F("last") + 1)
    return TicketCounter.objects.get(workspace=workspace).last


def _fresh(chat: Chat) -> Chat:
    """Return the chat as it is after routing, joined."""
    return Chat.objects.select_related("visitor", "agent", "department", "workspace").get(pk=chat.pk)
