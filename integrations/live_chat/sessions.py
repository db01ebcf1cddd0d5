"""Finding sessions and what belongs to them by the contract's ids, and showing a session whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.ids import decode
from agents.models import Agent, Department, Workspace
from chat import queries, snapshots
from chat.access import Actor, get_chat
from chat.errors import NotFound
from chat.models import Chat, Message

from . import mapping
from .errors import AgentNotFound, MessageNotFound, SessionNotFound


def find(actor: Actor, session_id: str) -> Chat:
    """Return the chat behind a session's id if the actor may see it. Raises SessionNotFound."""
    uid = decode("session", session_id)
    if uid is None:
        raise SessionNotFound
    try:
        return get_chat(actor, uid)
    except NotFound:
        raise SessionNotFound from None


def find_agent(workspace: Workspace, agent_id: str, field: str = "") -> Agent:
    """Return the active agent with this id. Raises AgentNotFound, the same for one of another workspace."""
    uid = decode("agent", agent_id)
    agent = uid and Agent.objects.active().select_related("user").filter(workspace=workspace, uid=uid).first()
    if not agent:
        raise AgentNotFound(field=field)
    return agent


def find_department(workspace: Workspace, name: str, field: str) -> Department:
    """Return the department with this slug or uid. Raises NotFound."""
    departments = Department.objects.filter(workspace=workspace)
    uid = decode("department", name) or decode("department", f"department_{name.replace('-', '').lower()}")
    found = departments.filter(slug=name).first() or (uid and departments.filter(uid=uid).first())
    if not found:
        raise NotFound(_("There is no such department."), field=field)
    return found


def find_message(chat: Chat, actor: Actor, message_id: str) -> Message:
    """Return the entry with this id if the actor may see it. Raises MessageNotFound."""
    uid = decode("msg", message_id)
    entries = queries.visible_entries(chat, actor).select_related("agent").prefetch_related("attachments")
    found = uid and entries.filter(uid=uid).first()
    if not found:
        raise MessageNotFound
    return found


def show(chat: Chat, reader: mapping.Reader) -> dict[str, Any]:
    """Return the session as the reader may see it (section 2.2)."""
    tags = sorted(chat.tags.values_list("name", flat=True)) if reader.for_team else []
    previous = chat.previous.uid.hex if chat.previous_id and chat.previous else None
    position = queries.queue_position(chat)
    wait = queries.estimated_wait(chat, position) if position else 0
    return mapping.session(snapshots.of_chat(chat), reader, tags=tags, position=position, wait=wait, previous=previous)


def show_message(message: Message, chat: Chat, reader: mapping.Reader) -> dict[str, Any]:
    """Return the message as the reader may see it (section 3.1)."""
    visitor = {"uid": chat.visitor.uid.hex, "name": chat.visitor.name}
    return mapping.message(snapshots.of_message(message), {"uid": chat.uid.hex, "visitor": visitor}, reader)
