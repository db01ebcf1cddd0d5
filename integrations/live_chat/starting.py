"""The start of a session (section 2.1): who arrives, what they begin or continue, and their first message."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agents.ids import decode
from chat.access import Actor
from chat.errors import Conflict, Invalid, NotAllowed, NotFound
from chat.models import Chat, Priority, Visitor
from chat.services import messages, starting, visitors
from widget.arrivals import arrive
from widget.identity import Identity, InvalidIdentity, verify
from widget.matching import site_of_page
from widget.models import Widget
from widget.queries import find_prompt, widget_for

from ..keys.authentication import Principal
from .counting import page_of_chat
from .requests import StartRequest
from .sessions import find_department

# How long a start whose answer was lost can be sent again by a page that has no token yet.
_REPEATABLE = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """A session and its visitor; ``resumed`` when it was there before and this is not the same start again."""

    chat: Chat
    visitor: Visitor
    resumed: bool


def open_session(principal: Principal, request: StartRequest, user_agent: str = "") -> Opened:
    """Start a session, or return the one that the visitor has open. All of it happens, or nothing.

    Raises Invalid, NotFound, NotAllowed, Conflict (the start key belongs to somebody else's start).
    """
    if not principal.is_team and request.priority > Priority.MEDIUM:
        raise NotAllowed(_("Only the team or a server may give a session this priority."), field="priority")
    try:
        opened = _open(principal, request, user_agent)
    except Conflict:
        # The same start, sent twice at once: the other one has made the visitor and the session.
        if principal.kind != "publishable" or not request.start_key:
            raise
        opened = _open(principal, request, user_agent)
    return Opened(_routed(opened.chat), opened.visitor, opened.resumed)


@transaction.atomic
def _open(principal: Principal, request: StartRequest, user_agent: str) -> Opened:
    key = _start_key(principal, request)
    before = Chat.objects.of(principal.workspace).filter(start_key=key).first() if key else None
    visitor = _starter_of(before) if before and principal.kind == "publishable" else _visitor(principal, request)
    if principal.kind != "agent":
        visitors.seen(visitor, page=request.source, user_agent=user_agent)
    started = starting.start(
        workspace=principal.workspace,
        visitor=visitor,
        actor=principal.actor or Actor.of_visitor(visitor),
        channel=request.channel,
        source=request.source,
        priority=request.priority,
        start_key=key,
        # A trigger that is gone must not cost the visitor's answer.
        prompt=find_prompt(principal.workspace, request.trigger_id, get_language() or ""),
        **_place(principal, request),
    )
    again = not started.created and key is not None and started.chat.start_key == key
    if request.initial_message.strip() and not (again and not started.chat.is_open):
        _say(started.chat, visitor, request, key)
    return Opened(started.chat, visitor, resumed=not started.created and not again)


def _start_key(principal: Principal, request: StartRequest) -> str | None:
    """The key as it is stored: hashed, because it opens the session; apart for each who may choose one."""
    if not request.start_key:
        return None
    scope = f"visitor:{principal.visitor.uid.hex}" if principal.visitor else principal.kind
    return hashlib.sha256(f"{scope}:{request.start_key}".encode()).hexdigest()


def _starter_of(chat: Chat) -> Visitor:
    """Whoever sends an anonymous start again soon, with its key, is the one who sent it first."""
    if timezone.now() - chat.created_at > _REPEATABLE:
        raise Conflict
    return chat.visitor


def _visitor(principal: Principal, request: StartRequest) -> Visitor:
    """The visitor of the session, by what the caller can prove."""
    if principal.is_team and (uid := decode("visitor", request.visitor_id)):
        known = Visitor.objects.filter(workspace=principal.workspace, uid=uid).first()
        if known is None:
            raise NotFound(_("There is no such visitor."), field="visitorId")
    else:
        known = principal.visitor
    return arrive(
        principal.workspace,
        known=known,
        identity=_identity(principal, request),
        claimed_id=request.customer_id or _foreign(request.visitor_id, known),
        details=request.details,
        trusted=principal.is_team,
    )


def _foreign(visitor_id: str, known: Visitor | None) -> str:
    """A visitor id that is not the caller's own is no more than a claim; one of ours is not even that."""
    return "" if decode("visitor", visitor_id) or known else visitor_id


def _identity(principal: Principal, request: StartRequest) -> Identity | None:
    """Who the visitor is proved to be: by an identity token, or because a secret key says so."""
    if request.identity_token:
        try:
            identity = verify(principal.workspace, request.identity_token)
        except InvalidIdentity:
            raise Invalid(_("This identity token is not valid, or not any more."), field="identityToken") from None
        if request.customer_id not in ("", identity.external_id):
            raise Invalid(_("This identity token is for another customer."), field="identityToken")
        return identity
    named = request.customer_id or ("" if decode("visitor", request.visitor_id) else request.visitor_id)
    return Identity(named) if principal.kind == "secret" and named else None


def _place(principal: Principal, request: StartRequest) -> dict:
    """Where the chat belongs: the department asked for, else that of the widget on the visitor's page."""
    widget = _widget(principal, request)
    department = widget.department if widget else None
    if request.department:
        department = find_department(principal.workspace, request.department, "department")
    page = page_of_chat(principal.workspace, widget.uid, request.source.get("url", "")) if widget else ""
    return {"department": department, "widget_uid": widget.uid if widget else None, "page": page}


def _widget(principal: Principal, request: StartRequest) -> Widget | None:
    if principal.is_team:
        return None
    page = request.source.get("url", "")
    return widget_for(principal.workspace, site_of_page(page), page)


def _say(chat: Chat, visitor: Visitor, request: StartRequest, key: str | None) -> None:
    """Post the first message. A start that is sent again must not say it twice, with a client id or without."""
    client_id = request.client_message_id or (f"start:{key}" if key else None)
    messages.post(chat, Actor.of_visitor(visitor), body=request.initial_message, client_id=client_id)


def _routed(chat: Chat) -> Chat:
    """The chat as it is now that the transaction is over and the queue has moved."""
    return Chat.objects.select_related("visitor", "agent", "department", "workspace", "previous").get(pk=chat.pk)
