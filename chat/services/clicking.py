"""A click on a button of a rich message: the visitor says what the button says, once."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from ..access import Actor, demand
from ..errors import Invalid, NotAllowed
from ..models import Chat, Message
from ..rich import button_of
from . import messages


def click(chat: Chat, actor: Actor, message_uid: uuid.UUID | None, element: int, button: int) -> Message:
    """Post the button's words with what it stands for. The same click again returns the first.

    Of quick replies only one can be given. Raises Invalid (no such button), Conflict (another reply was given), Ended,
    NotAllowed (not the visitor), NotFound.
    """
    demand(actor, "post", chat)
    if actor.kind != "visitor":
        raise NotAllowed
    shown = chat.messages.filter(uid=message_uid).first() if message_uid else None
    pressed = button_of(shown, element, button)
    if shown is None or pressed is None or not (pressed["type"] == "message" or pressed["postback_id"]):
        raise Invalid(_("There is no such button."), field="metadata.postback")
    postback = {"message_uid": shown.uid.hex, "postback_id": pressed["postback_id"], "value": pressed["value"]}
    place = "" if shown.payload["rich"]["template_id"] == "quick_replies" else f":{element}:{button}"
    return messages.post(
        chat,
        actor,
        body=pressed["text"],
        payload={"postback": postback},
        client_id=f"click:{shown.uid.hex}{place}",
    )
