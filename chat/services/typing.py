"""Who is writing now. Never stored, may be lost."""

from .. import broadcasting
from ..access import Actor, demand
from ..errors import Ended
from ..models import Chat
from .messages import author_kind

PREVIEW_LIMIT = 500


def signal(chat: Chat, actor: Actor, on: bool, preview: str = "") -> None:
    """Tell the other side that the actor began or stopped writing; a visitor's ``preview`` goes to the team only."""
    demand(actor, "type", chat)
    if not chat.is_open:
        raise Ended
    agent = actor.agent
    frame = {
        "type": "typing",
        "chat_id": chat.pk,
        "chat_uid": chat.uid.hex,
        "by": author_kind(actor),
        "agent": {"id": agent.pk, "uid": agent.uid.hex, "name": agent.name} if agent else None,
        "visitor": {"uid": chat.visitor.uid.hex, "name": chat.visitor.name} if not actor.is_team else None,
        "on": bool(on),
        "preview": preview[:PREVIEW_LIMIT],
    }
    broadcasting.typing(chat, frame, "team" if actor.is_team else "visitor")
