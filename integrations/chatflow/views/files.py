"""The Files API: a place for the bytes, and what becomes of them."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from agents.ids import decode
from chat.services import uploads

from ...rest.addresses import base_url
from .. import mapping
from ..requests.files import parse_confirmation, parse_upload
from .base import ChatFlowView


class UploadUrl(ChatFlowView):
    """``POST /files/upload-url``."""

    scope = "files:write"

    def post(self, request: Request) -> Response:
        """Promise a place, and say where it is."""
        wanted = parse_upload(request.data)
        place = uploads.request(
            self.workspace, name=wanted.filename, content_type=wanted.content_type, size=wanted.size_bytes
        )
        return Response(mapping.place(place, base_url(request._request)))


class Confirm(ChatFlowView):
    """``POST /files/confirm``."""

    scope = "files:write"

    def post(self, request: Request) -> Response:
        """Make it a file of the chat, for a message that follows, and answer it."""
        wanted = parse_confirmation(request.data)
        chat, uid = self.chat(wanted.chat_id), decode("file", wanted.file_id)
        stored = uploads.confirm(self.workspace, self.actor, chat, uid)
        return Response(mapping.file(stored, base_url(request._request)))
