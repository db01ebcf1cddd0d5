"""The notes of a chat: one text that the team keeps about it, beside the notes of its timeline."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import events
from ..access import Actor, demand
from ..errors import Conflict, Invalid
from ..models import Chat
from .locking import lock_chat
from .messages import clean

NOTES_LIMIT = 10_000


def set_notes(chat: Chat, actor: Actor, text: str, *, mark: int | None = None) -> Chat:
    """Replace the chat's notes, open or closed. The same text is no news. Raises Invalid, NotAllowed, NotFound.

    ``mark`` is the ``notes_mark`` of the text that the writer saw: Conflict when a colleague changed it since.
    """
    if not isinstance(text, str) or not clean(text):
        raise Invalid(_("The text has characters that cannot be stored."), field="notes")
    if len(text) > NOTES_LIMIT:
        raise Invalid(_("The text is too long."), field="notes")
    demand(actor, "note", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        if chat.notes == text:
            return chat
        if mark is not None and mark != chat.notes_mark:
            raise Conflict(_("A colleague changed the notes meanwhile. Copy yours, cancel, and write them anew."))
        chat.notes, chat.updated_at = text, timezone.now()
        chat.save(update_fields=["notes", "updated_at"])
        events.record(events.ChatUpdated(workspace_id=chat.workspace_id, chat=chat))
    return chat
