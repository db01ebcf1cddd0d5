"""The contract's endpoints. Each parses, calls one function and shows what came of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import languages
from chat import queries
from chat.models import Chat, Message
from chat.services import visitors
from chat.snapshots import instant, of_chat, of_message
from widget import tokens

from ..keys import limits
from ..rest.addresses import base_url
from ..rest.views import MEMBERS, ContractView, Nothing
from . import conversations, mapping, registering, sending
from .errors import NoSuchCustomer, failed
from .finding import find_conversation, find_customer, find_message, messages_of
from .requests import (
    parse_conversation,
    parse_customer,
    parse_limit,
    parse_message,
    parse_registration,
    parse_slice,
    whole_in_path,
)


class PartnerView(ContractView):
    """Base: answers failures as the contract does."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note that a visitor who calls is there."""
        super().initial(request, *args, **kwargs)
        if self.principal.visitor:
            visitors.note_call(self.principal.visitor, request.headers.get("User-Agent", ""))

    def failed(self, error: Exception) -> Response:
        """Return ``{"error", "message"}``."""
        return failed(error)

    @property
    def base_url(self) -> str:
        """Where the caller reached Parley."""
        return base_url(self.request._request)

    def shown(self, message: Message, chat: Chat) -> dict[str, Any]:
        """Return a message as the contract shows it."""
        return mapping.message(of_message(message), of_chat(chat), self.base_url)


class Register(PartnerView):
    """Become a partner: nobody need say who they are, but a token that is sent must be somebody's."""

    callers = frozenset()
    scope = "all"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count, and speak the caller's language."""
        limits.demand(request._request)
        APIView.initial(self, request, *args, **kwargs)
        translation.activate(self._language(request))

    def post(self, request: Request) -> Response:
        """Make the partner's workspace, and answer its keys once."""
        address = limits.address_of(request._request)
        of_one, of_all = settings.REGISTRATIONS_PER_MINUTE
        limits.count_once(f"register:{address}", of_one)
        limits.count_once("register", of_all)
        wanted = parse_registration(request.data)
        made = registering.register(wanted, address=address, language=self._language(request))
        return Response(_registered(made), status=201)

    def _language(self, request: Request) -> str:
        return languages.accepted(request.headers.get("Accept-Language", ""), settings.LANGUAGE_CODE)


def _registered(made: registering.Registered) -> dict[str, Any]:
    partner, tenant = made.partner, made.tenant
    message = _("Partner successfully registered")
    if partner.approved_at is None:
        message = _("Partner successfully registered. The keys work as soon as an operator has approved it.")
    return {
        "message": message,
        "partnerId": f"partner-{tenant.workspace.uid.hex}",
        "apiKey": tenant.secret_key,
        "name": tenant.workspace.name,
        "domain": partner.domain,
        "widgetKey": tenant.publishable_key,
        "identitySecret": tenant.identity_secret,
        "workspace": tenant.workspace.slug,
        "status": "approved" if partner.approved_at else "pending",
    }


class Conversations(PartnerView):
    """Create a new conversation."""

    callers = frozenset({"secret", "visitor"})
    scope = "chats:write"

    def post(self, request: Request) -> Response:
        """Begin a conversation (201), or answer the customer's open one (200), with a token for the customer."""
        started = conversations.begin(self.principal, parse_conversation(request.data))
        visitor = started.chat.visitor
        token, expires_at = tokens.issue(visitor)
        body = {
            **mapping.conversation(of_chat(started.chat)),
            "token": token,
            "tokenExpiresAt": mapping.moment(instant(expires_at)),
            "websocketUrl": mapping.socket_url(self.base_url, visitor, token),
        }
        return Response(body, status=201 if started.created else 200)


class CustomersConversations(PartnerView):
    """Get conversations for a customer."""

    callers = MEMBERS
    scope = "chats:read"

    def get(self, request: Request, customer_id: str) -> Response:
        """Answer them, the newest first; none for a customer whom nobody knows."""
        limit = parse_limit(request.query_params.dict())
        try:
            customer = find_customer(self.principal, customer_id)
        except NoSuchCustomer:
            return Response([])
        found = queries.chats_of_visitor(self.actor, customer.pk, limit)
        return Response([mapping.conversation(of_chat(chat)) for chat in found])


class Messages(PartnerView):
    """Send a message."""

    callers = MEMBERS
    scope = "chats:write"

    def post(self, request: Request) -> Response:
        """Store the message and answer it."""
        wanted = parse_message(request.data)
        chat = find_conversation(self.actor, wanted.conversation_id)
        return Response(self.shown(sending.send(self.principal, chat, wanted), chat), status=201)


class ConversationsMessages(PartnerView):
    """Get messages for a conversation."""

    callers = MEMBERS
    scope = "chats:read"

    def get(self, request: Request, conversation_id: str) -> Response:
        """Answer what was said, oldest first."""
        wanted = parse_slice(request.query_params.dict())
        chat = find_conversation(self.actor, whole_in_path(conversation_id))
        found = messages_of(chat, after=wanted.after, limit=wanted.limit)
        return Response([self.shown(message, chat) for message in found])


class Read(PartnerView):
    """Mark a message, and what came before it, as read: an addition for clients without a socket."""

    callers = MEMBERS
    scope = "chats:write"

    def post(self, request: Request, number: str) -> Response:
        """Mark and answer the message."""
        message = find_message(self.actor, whole_in_path(number))
        sending.mark_read(self.principal, message)
        message.refresh_from_db(fields=["read_at"])
        return Response(self.shown(message, message.chat))


class Customer(PartnerView):
    """Update customer data."""

    scope = "chats:write"

    def patch(self, request: Request, customer_id: str) -> Response:
        """Change what is sent, and answer the customer."""
        changes = parse_customer(request.data)
        customer = find_customer(self.principal, customer_id)
        return Response(mapping.customer(visitors.update(customer, self.actor, **changes)))


class Unknown(Nothing, PartnerView):
    """404 to every method."""
