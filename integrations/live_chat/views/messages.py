"""Messages: section 3."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat import snapshots
from chat.errors import Invalid
from chat.services import files, messages, typing

from ...rest.views import MEMBERS
from .. import mapping, sessions
from ..envelope import created, done
from ..history import read_page
from ..requests import parse_history, parse_message, parse_typing
from ..senders import sender
from ..sending import send
from .base import LiveChatView

# What a multipart body has beside its file.
_FORM_BYTES = 64 * 1024


class Messages(LiveChatView):
    """3.1 Send, and 3.2 read the history."""

    callers = MEMBERS
    scope = {"GET": "chats:read", "POST": "chats:write"}

    def get(self, request: Request, session_id: str) -> Response:
        """Answer a page of messages, oldest first, with its place beside it."""
        chat = self.session(session_id)
        page = read_page(chat, self.actor, parse_history(request.query_params.dict()))
        shown = [sessions.show_message(m, chat, self.reader) for m in page.messages]
        return done(shown, pagination=page.pagination())

    def post(self, request: Request, session_id: str) -> Response:
        """Store a message and answer it."""
        chat = self.session(session_id)
        message = send(self.principal, chat, parse_message(request.data), self.reader)
        return created(sessions.show_message(message, chat, self.reader), _("Message sent"))


class Upload(LiveChatView):
    """3.3 Upload a file, for a message that follows."""

    callers = MEMBERS
    scope = "files:write"
    parser_classes = (MultiPartParser,)

    def post(self, request: Request, session_id: str) -> Response:
        """Store the file and answer it as an attachment."""
        chat = self.session(session_id)
        if _announced_bytes(request) > chat.workspace.max_file_bytes + _FORM_BYTES:
            raise Invalid(_("The file is too large."), field="file", code="too_large")
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(_("Send a file in the field “file”."), field="file")
        stored = files.store(chat, self.actor, upload)
        return created(mapping.attachment(snapshots.of_attachment(stored), self.reader), _("File uploaded"))


def _announced_bytes(request: Request) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


class Read(LiveChatView):
    """3.4 Mark a message, and what came before it, as read."""

    callers = MEMBERS
    scope = "chats:write"

    def put(self, request: Request, session_id: str, message_id: str) -> Response:
        """Mark and answer the message."""
        chat = self.session(session_id)
        message = sessions.find_message(chat, self.actor, message_id)
        messages.mark_read(chat, self.actor, message.seq)
        message.refresh_from_db(fields=["delivered_at", "read_at"])
        return done(sessions.show_message(message, chat, self.reader), _("Marked as read"))


class Typing(LiveChatView):
    """3.5 Tell the other side that somebody is typing."""

    callers = MEMBERS
    scope = "chats:write"

    def post(self, request: Request, session_id: str) -> Response:
        """Signal; nothing is stored."""
        chat, wanted = self.session(session_id), parse_typing(request.data)
        typing.signal(chat, sender(self.principal, chat, wanted.sender_id), wanted.is_typing)
        return done({"sessionId": session_id, "isTyping": wanted.is_typing})
