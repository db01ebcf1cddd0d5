"""The Chats API."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from chat.access import Actor
from chat.errors import NotAllowed
from chat.models import Chat as Row
from chat.services import editing, messages

from ...rest.addresses import base_url
from ...rest.sending import attachments, in_name_of
from ...webhooks import mapping as public
from .. import mapping
from ..finding import find_agent
from ..listing import read_page
from ..requests.chats import ChangeRequest, MessageRequest, parse_change, parse_list, parse_message
from .base import ChatFlowView


class Chats(ChatFlowView):
    """``GET /chats``."""

    scope = "chats:read"

    def get(self, request: Request) -> Response:
        """Answer a page, the latest message first."""
        wanted = parse_list(request.query_params.dict())
        agent = find_agent(self.workspace, wanted.agent_id, "agent_id") if wanted.agent_id else None
        page = read_page(self.actor, wanted, agent)
        place = mapping.pagination(wanted.page, wanted.limit, page.total)
        return Response({"data": [mapping.row(row) for row in page.rows], "pagination": place})


class Chat(ChatFlowView):
    """``GET`` and ``PATCH /chats/{chat_id}``."""

    scope = {"GET": "chats:read", "PATCH": "chats:write"}

    def get(self, request: Request, chat_id: str) -> Response:
        """Answer the chat."""
        return Response(_shown(self.chat(chat_id)))

    def patch(self, request: Request, chat_id: str) -> Response:
        """Change it, all or nothing, and answer it as it is then."""
        chat, wanted = self.chat(chat_id), parse_change(request.data)
        editing.edit(chat, self.actor, self._changes(wanted))
        # Read anew: the queue may have given it to somebody since. Whoever handed it on may not see it any more.
        return Response(_shown(Row.objects.select_related("visitor", "agent").get(pk=chat.pk)))

    def _changes(self, wanted: ChangeRequest) -> editing.Changes:
        return editing.Changes(
            status=wanted.status,
            agent=find_agent(self.workspace, wanted.agent_id, "assigned_to") if wanted.agent_id else None,
            to_queue=wanted.to_queue,
            tags=wanted.tags,
            notes=wanted.notes,
        )


class Messages(ChatFlowView):
    """``POST /chats/{chat_id}/messages``."""

    scope = "chats:write"

    def post(self, request: Request, chat_id: str) -> Response:
        """Store a message and answer it, as webhooks tell of it."""
        chat, wanted = self.chat(chat_id), parse_message(request.data)
        actor, base = self._sender(chat, wanted), base_url(request._request)
        with transaction.atomic():
            files = attachments(chat, actor, wanted.files, wanted.client_message_id, base)
            sent = messages.post(
                chat,
                actor,
                kind=wanted.kind,
                body=wanted.text,
                client_id=wanted.client_message_id,
                attachments=files,
            )
        return Response(public.message(chat, sent), status=201)

    def _sender(self, chat: Row, wanted: MessageRequest) -> Actor:
        """Who writes: an agent with a token always themselves, a server whom it names."""
        named = find_agent(self.workspace, wanted.agent_id, "agent_id") if wanted.agent_id else None
        if self.principal.kind == "secret":
            return in_name_of(self.workspace, chat, named)
        if named and named != self.principal.agent:
            raise NotAllowed(_("You can only write in your own name."), field="agent_id")
        return self.actor


def _shown(chat: Row) -> mapping.Json:
    return mapping.detail(chat, sorted(chat.tags.values_list("name", flat=True)))
