"""Suggestions of programs to agents: made, used, dismissed. None is ever sent by itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.models import Agent

from .. import events
from ..access import Actor, demand
from ..errors import Invalid, NotFound
from ..models import Chat, Suggestion
from ..models.suggestions import Decision
from .locking import lock_chat
from .messages import BODY_LIMIT, clean

# What a person may decide.
DECISIONS = frozenset({Decision.USED.value, Decision.DISMISSED.value})


def suggest(chat: Chat, agent: Agent, body: str, *, sources: Sequence[str] = ()) -> Suggestion:
    """Put a bot's draft beside the composer of whoever has the chat open, instead of the one before. Raises Invalid."""
    if not body.strip() or len(body) > BODY_LIMIT or not clean(body):
        raise Invalid(field="content")
    with transaction.atomic():
        chat = lock_chat(chat)
        chat.suggestions.filter(decision="").update(decision=Decision.REPLACED)
        made = Suggestion.objects.create(
            workspace_id=chat.workspace_id, chat=chat, agent=agent, body=body, sources=list(sources)
        )
        events.record(events.ChatSuggested(workspace_id=chat.workspace_id, chat=chat, suggestion=made))
    return made


def decide(chat: Chat, actor: Actor, uid: UUID | None, decision: str) -> Suggestion:
    """Note that a person uses or dismisses a suggestion: it is gone for everybody. Raises Invalid, NotFound."""
    if decision not in DECISIONS:
        raise Invalid(field="decision")
    demand(actor, "post", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        suggestion = chat.suggestions.filter(uid=uid).first() if uid else None
        if suggestion is None:
            raise NotFound(_("This suggestion is no longer there."), field="suggestion")
        if not suggestion.decision:
            suggestion.decision, suggestion.decided_by = decision, actor.agent
            suggestion.save(update_fields=["decision", "decided_by"])
            events.record(events.ChatSuggested(workspace_id=chat.workspace_id, chat=chat, suggestion=None))
    return suggestion
