"""Sending a message (section 3.1), the same over REST and over the socket."""

from __future__ import annotations

import logging
import uuid
from urllib.parse import urlsplit

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from chat.access import Actor
from chat.errors import Invalid
from chat.files import uid_of_path
from chat.models import Attachment, Chat, Kind, Message
from chat.services import files, messages

from ..keys.authentication import Principal
from .errors import DeliveryFailed
from .mapping import Reader
from .requests import File, MessageRequest
from .senders import sender

log = logging.getLogger(__name__)


def send(principal: Principal, chat: Chat, request: MessageRequest, reader: Reader) -> Message:
    """Post the message and return it as stored. Raises ChatError; DeliveryFailed when the database would not."""
    actor = sender(principal, chat, request.sender_id, request.sender_type)
    try:
        with transaction.atomic():
            return messages.post(
                chat,
                actor,
                kind=Kind.NOTE if request.is_internal else request.type,
                body=request.content,
                client_id=request.client_message_id,
                payload={"metadata": request.metadata} if request.metadata else None,
                attachments=_attachments(chat, actor, request, reader),
            )
    except DatabaseError as error:
        log.exception("a message could not be stored")
        raise DeliveryFailed from error


def _attachments(chat: Chat, actor: Actor, request: MessageRequest, reader: Reader) -> list[Attachment]:
    """The files of the message: uploaded before, or linked now."""
    if request.client_message_id and (sent := _sent_before(chat, actor, request.client_message_id)):
        return list(sent.attachments.all())  # a resend: the stored message has its files
    return [_attachment(chat, actor, file, reader, f"attachments.{i}") for i, file in enumerate(request.files)]


def _sent_before(chat: Chat, actor: Actor, client_id: str) -> Message | None:
    author = messages.author_kind(actor)
    return Message.objects.filter(chat=chat, author_kind=author, agent=actor.agent, client_id=client_id).first()


def _attachment(chat: Chat, actor: Actor, file: File, reader: Reader, field: str) -> Attachment:
    uid = file.uid or _uid_in(file.url, reader)
    if uid is None:
        return files.link(chat, actor, url=file.url, name=file.name, size=file.size, is_image=file.is_image)
    found = Attachment.objects.filter(chat=chat, uid=uid, message__isnull=True).first()
    if found is None:
        raise Invalid(_("There is no such file."), field=field)
    return found


def _uid_in(url: str, reader: Reader) -> uuid.UUID | None:
    """The uid behind an address that an upload was answered with."""
    if not url.startswith(f"{reader.base_url}/"):
        return None
    return uid_of_path(urlsplit(url).path)
