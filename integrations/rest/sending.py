"""What every REST contract's messages have in common: their files, and in whose name a server writes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Workspace
from chat.access import Actor
from chat.errors import Invalid
from chat.files import uid_of_path
from chat.models import Attachment, Chat, Message
from chat.services import files as storing
from chat.services import messages

from ..keys.authentication import note_agent_at_work


@dataclass(frozen=True)
class File:
    """An attachment: one uploaded before (``uid``), or a link to one that the integrator keeps."""

    uid: uuid.UUID | None = None
    url: str = ""
    name: str = ""
    size: int = 0
    is_image: bool = False


def in_name_of(workspace: Workspace, chat: Chat, agent: Agent | None) -> Actor:
    """Return who writes when a server names this agent (DESIGN.md section 5, "Agents' tokens").

    Nobody named is the chat's agent or, without one, the workspace itself.
    """
    agent = agent or chat.agent
    if agent is None or not agent.is_active:
        return Actor.of_workspace(workspace)
    note_agent_at_work(agent)
    return Actor.of_agent(agent)


def attachments(
    chat: Chat, actor: Actor, files: Sequence[File], client_id: str | None, base_url: str
) -> list[Attachment]:
    """Return the files of a message: uploaded before, or linked now. Raises Invalid for one that is not there.

    ``base_url`` is where the caller reaches Parley: an address below it is an upload's.
    """
    if client_id and (sent := _sent_before(chat, actor, client_id)):
        return list(sent.attachments.all())  # a resend: the stored message has its files
    return [_attachment(chat, actor, file, base_url, f"attachments.{i}") for i, file in enumerate(files)]


def _sent_before(chat: Chat, actor: Actor, client_id: str) -> Message | None:
    author = messages.author_kind(actor)
    return Message.objects.filter(chat=chat, author_kind=author, agent=actor.agent, client_id=client_id).first()


def _attachment(chat: Chat, actor: Actor, file: File, base_url: str, field: str) -> Attachment:
    uid = file.uid or _uid_in(file.url, base_url)
    if uid is None:
        return storing.link(chat, actor, url=file.url, name=file.name, size=file.size, is_image=file.is_image)
    found = Attachment.objects.filter(chat=chat, uid=uid, message__isnull=True).first()
    if found is None:
        raise Invalid(_("There is no such file."), field=field)
    return found


def _uid_in(url: str, base_url: str) -> uuid.UUID | None:
    """The uid behind an address that an upload was answered with."""
    return uid_of_path(urlsplit(url).path) if url.startswith(f"{base_url}/") else None
