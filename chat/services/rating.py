"""The visitor's word on how it was."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import events
from ..access import Actor, demand
from ..errors import Invalid
from ..models import Chat
from . import timeline
from .locking import lock_chat
from .messages import clean

COMMENT_LIMIT = 2000


def rate(chat: Chat, actor: Actor, rating: int, comment: str = "") -> Chat:
    """Store 1 to 5 and a comment; also after the end, and again: the last word counts. Saying the same is no news.

    Raises Invalid, NotAllowed (agents do not rate), NotFound.
    """
    if isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5:
        raise Invalid(_("A rating is a number from 1 to 5."), field="rating")
    if not isinstance(comment, str) or len(comment) > COMMENT_LIMIT or not clean(comment):
        raise Invalid(_("The comment is too long."), field="feedback")
    demand(actor, "rate", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        if (chat.rating, chat.rating_comment) == (rating, comment):
            return chat
        now = timezone.now()
        chat.rating, chat.rating_comment, chat.rated_at = rating, comment, now
        detail = {"rating": rating, "comment": comment}
        also = ["rating", "rating_comment", "rated_at"]
        line = timeline.event(chat, "rated", now=now, by_kind=actor.kind, detail=detail, also=also)
        events.record(events.ChatRated(workspace_id=chat.workspace_id, chat=chat, message=line))
    return chat
