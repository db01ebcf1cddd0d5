"""The end of a session (section 2.5), and the visitor's word on it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.access import Actor
from chat.errors import NotAllowed
from chat.models import Chat
from chat.services import lifecycle, rating

from .requests import EndRequest


@transaction.atomic
def end(chat: Chat, actor: Actor, request: EndRequest) -> Chat:
    """End the session and rate it, all or nothing. A visitor may rate after the end as well.

    Raises Ended, NotAllowed (a visitor's note, an agent's rating).
    """
    if actor.kind == "visitor" and (request.notes.strip() or request.follow_up):
        raise NotAllowed(_("Notes are the team's own."), field="notes" if request.notes.strip() else "followUpRequired")
    only_rates = actor.kind == "visitor" and request.satisfaction is not None and not chat.is_open
    if not only_rates:
        chat = lifecycle.close(chat, actor, reason=request.reason, note=request.notes, follow_up=request.follow_up)
    if request.satisfaction:
        chat = rating.rate(chat, actor, request.satisfaction.rating, request.satisfaction.feedback)
    return chat
