"""Sending a message (section 3.1), the same over REST and over the socket."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, transaction

from chat.models import Chat, Kind, Message
from chat.services import clicking, messages

from ..keys.authentication import Principal
from ..rest.sending import attachments
from .errors import DeliveryFailed
from .mapping import Reader
from .requests import MessageRequest
from .senders import sender

log = logging.getLogger(__name__)


def send(principal: Principal, chat: Chat, request: MessageRequest, reader: Reader) -> Message:
    """Post the message and return it as stored. Raises ChatError; DeliveryFailed when the database would not."""
    actor = sender(principal, chat, request.sender_id, request.sender_type)
    try:
        if request.click and actor.kind == "visitor":
            return clicking.click(chat, actor, *request.click)
        if not request.files:
            return messages.post(chat, actor, **_content(request))
        with transaction.atomic():
            files = attachments(chat, actor, request.files, request.client_message_id, reader.base_url)
            return messages.post(chat, actor, attachments=files, **_content(request))
    except DatabaseError as error:
        raise _failed() from error


def needs_no_query(principal: Principal, request: MessageRequest) -> bool:
    """Whether all is known that it takes to post this: a visitor's own words, with no file and no button."""
    return principal.visitor is not None and not request.files and not request.click


async def send_soon(principal: Principal, chat: Chat, request: MessageRequest) -> Message:
    """The same as :func:`send`, on a loop, for what :func:`needs_no_query`."""
    actor = sender(principal, chat, request.sender_id, request.sender_type)
    try:
        return await messages.post_soon(chat, actor, **_content(request))
    except DatabaseError as error:
        raise _failed() from error


def _content(request: MessageRequest) -> dict[str, Any]:
    return {
        "kind": Kind.NOTE if request.is_internal else request.type,
        "body": request.content,
        "client_id": request.client_message_id,
        "payload": {"metadata": request.metadata} if request.metadata else None,
    }


def _failed() -> DeliveryFailed:
    log.exception("a message could not be stored")
    return DeliveryFailed()
