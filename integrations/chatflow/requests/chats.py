"""The Chats API: lists, changes, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agents.ids import decode
from chat.services.messages import BODY_LIMIT, FILES_LIMIT
from chat.services.notes import NOTES_LIMIT
from chat.services.tagging import NAME_LIMIT, TAGS_LIMIT

from ...rest.fields import Fields
from ...rest.sending import File
from ..mapping import STATUS

PAGE_LIMIT = 100
LAST_PAGE = 1_000_000
FILE_TYPES = ("image", "file")
_OURS = {theirs: ours for ours, theirs in STATUS.items()}


@dataclass(frozen=True)
class ListRequest:
    """``GET /chats``: ``status`` is one of ours, or empty for all."""

    page: int
    limit: int
    status: str
    agent_id: str


def parse_list(query: object) -> ListRequest:
    """Read which page of which chats. Raises Malformed."""
    params = Fields(query)
    request = ListRequest(
        page=params.digits("page", 1, LAST_PAGE) or 1,
        limit=params.digits("limit", 1, PAGE_LIMIT) or 20,
        status=_OURS.get(params.choice("status", _OURS), ""),
        agent_id=params.line("agent_id", 100),
    )
    params.check()
    return request


@dataclass(frozen=True)
class MessageRequest:
    """``POST /chats/{chat_id}/messages``: ``agent_id`` is the sender, ``client_message_id`` makes resends harmless."""

    text: str
    files: Sequence[File]
    agent_id: str
    client_message_id: str | None

    @property
    def kind(self) -> str:
        """Our kind: a text, which may have files, or files alone."""
        if self.text.strip() or not self.files:
            return "text"
        return "image" if all(file.is_image for file in self.files) else "file"


def parse_message(data: object) -> MessageRequest:
    """Read a message. Raises Malformed."""
    body = Fields(data)
    request = MessageRequest(
        text=body.text("text", BODY_LIMIT),
        files=[_file(item) for item in body.list("attachments", FILES_LIMIT)],
        agent_id=body.line("agent_id", 100),
        client_message_id=body.line("client_message_id", 100) or None,
    )
    if not body.errors and not request.text.strip() and not request.files:
        body.wrong("text", _("Write something."))
    body.check()
    return request


def _file(item: Fields) -> File:
    is_image = item.choice("type", FILE_TYPES, "file") == "image"
    if item.has("file_id"):
        uid = decode("file", item.data.get("file_id"))
        if uid is None:
            item.wrong("file_id", _("There is no such file."))
        return File(uid=uid, is_image=is_image)
    url, name = item.address("url", required=True), item.line("name", 255)
    return File(url=url, name=name, is_image=is_image)


@dataclass(frozen=True)
class ChangeRequest:
    """``PATCH /chats/{chat_id}``: what is None stays as it is; ``to_queue`` is an ``assigned_to`` of null."""

    status: str | None
    agent_id: str
    to_queue: bool
    tags: Sequence[str] | None
    notes: str | None


def parse_change(data: object) -> ChangeRequest:
    """Read what shall change. Raises Malformed; a field that cannot change is named."""
    body = Fields(data)
    body.only("status", "assigned_to", "tags", "notes")
    request = ChangeRequest(
        status=_OURS.get(body.choice("status", _OURS)),
        agent_id=body.line("assigned_to", 100, required=body.has("assigned_to")),
        to_queue="assigned_to" in body.data and not body.has("assigned_to"),
        tags=body.texts("tags", TAGS_LIMIT, NAME_LIMIT),
        notes=body.text("notes", NOTES_LIMIT) if body.has("notes") else None,
    )
    if request.to_queue and request.status == "active":
        body.wrong("assigned_to", _("Name an agent."))
    body.check()
    return request
