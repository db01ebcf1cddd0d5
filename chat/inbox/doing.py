"""What the frames of an agent's inbox do, in the database: the same over the socket and, without one, over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from agents.errors import Invalid as UnknownStatus
from agents.models import Agent

from .. import access, commands, queries, snapshots
from ..access import Actor
from ..errors import Invalid
from ..models import ActionCard, Attachment, Chat, Kind, Message
from ..services import messages, presence, typing
from . import cards, rendering
from .colleagues import colleagues_of

SYNC_LIMIT = 200
Data = dict[str, Any]


def hello(actor: Actor, agent: Agent) -> Data:
    """Return who the agent is, who else is there, and the newest change that the agent may see."""
    people = colleagues_of(agent)
    me = next(person for person in people if person["id"] == agent.pk)
    newest = queries.newest_change(actor)
    return {
        "type": "hello",
        "agent": rendering.agent(me),
        "agents": [rendering.agent(person) for person in people],
        "newest": snapshots.instant(newest),
    }


def uid_of(frame: Data) -> str:
    """Return the frame's chat as 32 hex digits. Raises Invalid."""
    uid = rendering.parse_uid(frame.get("chat"))
    if uid is None:
        raise Invalid(field="chat")
    return uid.hex


def _seq(frame: Data) -> int:
    seq = frame.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 2**31:
        raise Invalid(field="seq")
    return seq


def after_of(frame: Data) -> int:
    """Return the seq after which the client wants to know; 0 without one. Raises Invalid."""
    return _seq({"seq": frame.get("after", 0)})


def synced(actor: Actor, frame: Data) -> tuple[Chat, Data]:
    """Return the chat and the frame `synced`: what came after a seq, receipts, the row. Raises NotFound, Invalid."""
    chat = access.get_chat(actor, uid_of(frame))
    found = queries.timeline(chat, actor, after=after_of(frame), limit=SYNC_LIMIT + 1)
    commands.attach(found)
    taken = queries.for_one_frame(found, SYNC_LIMIT)
    row = rendering.row(snapshots.of_chat(chat), tags=queries.tags_of([chat])[chat.pk])
    return chat, {
        "type": "synced",
        "chat": chat.uid.hex,
        "messages": [_message(chat, entry) for entry in taken],
        "complete": len(found) == len(taken),
        "last_seq": chat.last_seq,
        "read_by_visitor": chat.read_by_visitor_seq,
        "delivered_to_visitor": chat.delivered_to_visitor_seq,
        "row": row,
        "cards": _cards(chat, frame.get("cards", [])),
        "suggestion": snapshots.of_suggestion(queries.suggestion_of(chat)),
    }


def _cards(chat: Chat, wanted: Any) -> list[Data]:
    """Return the cards of these seqs as they are now: a client asks for those whose lookup it saw under way."""
    if not isinstance(wanted, list) or len(wanted) > SYNC_LIMIT:
        raise Invalid(field="cards")
    seqs = [_seq({"seq": seq}) for seq in wanted]
    found = ActionCard.objects.select_related("message").filter(message__chat=chat, message__seq__in=seqs)
    return [
        {"seq": card.message.seq, "card": cards.card(snapshots.of_card(card, card.message))}
        for card in (found if seqs else ())
    ]


def _message(chat: Chat, entry: Message) -> Data:
    return rendering.message(snapshots.of_message(entry), chat.uid.hex)


def post(actor: Actor, frame: Data) -> Data:
    """Post a reply or a note and return the message as stored. Raises ChatError."""
    kind = frame.get("kind", "text")
    if kind not in (Kind.TEXT, Kind.NOTE):
        raise Invalid(field="kind")
    client_id = frame.get("client_id")
    chat = access.get_chat(actor, uid_of(frame))
    stored = messages.post(
        chat,
        actor,
        kind=kind,
        body=frame.get("body", ""),
        client_id=client_id,
        attachments=_attachments(chat, frame.get("attachments", []), client_id),
    )
    return _message(chat, stored)


def _attachments(chat: Chat, wanted: Any, client_id: Any) -> list[Attachment]:
    """Return the chat's files that the frame names. Raises Invalid for one that is not there or was sent already.

    A message that is sent again names files that the first sending took: they are not asked for a second time.
    """
    if not isinstance(wanted, list) or len(wanted) > messages.FILES_LIMIT:
        raise Invalid(field="attachments")
    if not wanted:
        return []
    uids = [uid for uid in map(rendering.parse_uid, wanted) if uid]
    if len(uids) != len(wanted):
        raise Invalid(field="attachments")
    files = Attachment.objects.filter(chat=chat, uid__in=uids).select_related("message")
    found = {file.uid: file for file in files if _unsent(file, client_id)}
    if len(found) != len(set(uids)):
        raise Invalid(_("A file is no longer there. Attach it again."), field="attachments")
    return [found[uid] for uid in dict.fromkeys(uids)]


def _unsent(file: Attachment, client_id: Any) -> bool:
    return file.message is None or (client_id is not None and file.message.client_id == client_id)


def signal_typing(actor: Actor, frame: Data) -> None:
    """Tell the visitor that the agent writes, or no longer does."""
    if not isinstance(frame.get("on"), bool):
        raise Invalid(field="on")
    typing.signal(access.get_chat(actor, uid_of(frame)), actor, frame["on"])


def mark_read(actor: Actor, frame: Data) -> None:
    """Note that the agent has seen everything up to a seq."""
    messages.mark_read(access.get_chat(actor, uid_of(frame)), actor, _seq(frame))


def mark_delivered(actor: Actor, frame: Data) -> None:
    """Note that everything up to a seq has reached this inbox."""
    messages.mark_delivered(access.get_chat(actor, uid_of(frame)), actor, _seq(frame))


def set_presence(agent: Agent, frame: Data) -> None:
    """Set whether the agent takes chats. Raises Invalid."""
    status, message = frame.get("status"), frame.get("message", "")
    if not isinstance(status, str) or not isinstance(message, str) or not messages.clean(message):
        raise Invalid(field="status")
    try:
        presence.set_status(agent, status, message=message)
    except UnknownStatus as error:
        raise Invalid(str(error), field="status") from error
