"""Doing what a bot asks, whichever way it came: once, completely or not at all, in one transaction."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.ids import new_uid
from agents.models import Agent, Department
from chat import access, rich
from chat.access import Actor
from chat.errors import ChatError, Conflict, NotAllowed, NotFound
from chat.models import AuthorKind, Chat, Kind
from chat.services import assigning, files, handing_over, lifecycle, messages, tagging, typing

from ..bots import services
from ..bots.models import Bot
from ..rest.fields import FieldErrors, Malformed
from . import mapping, outbox, requests
from .models import Action, SetAside
from .requests import Asked, Envelope, Garbage

logger = logging.getLogger(__name__)
_KEEP = timedelta(days=7)
_KEEP_SET_ASIDE = 1000
_BODY_KEPT = 4000


@dataclass(frozen=True)
class Refusal:
    """Why an action was not done. ``code`` is a word of ``chat.errors`` or one of ours."""

    code: str
    message: str
    errors: FieldErrors = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the contract's error object, with the fields that were wrong, if it was about fields."""
        return {"type": self.code, "message": self.message, **({"errors": self.errors} if self.errors else {})}


def take(bot: Bot, raw: bytes, *, message_id: str = "", redelivered: bool = False, tell: bool = True) -> Refusal | None:
    """Do the action in these bytes; return None when it is done (now or before) or is not for us, else why not.

    With ``tell`` a refusal is owed to the bot as an ``error`` action. ``message_id`` and ``redelivered`` are the
    broker's: they make an action known again that has no ``custom_id``. Raises only what may pass (the database away).
    """
    try:
        envelope = requests.envelope_of(raw)
    except Garbage as garbage:
        set_aside(bot, raw, str(garbage))
        return Refusal("invalid", str(garbage))
    if envelope.action in mapping.OURS:
        return None
    with translation.override(bot.workspace.language):
        try:
            return _take(bot, envelope, message_id, redelivered, tell)
        except IntegrityError:
            # The same action, sent twice at once: the other one was first, and ours did nothing.
            return _take(bot, envelope, message_id, redelivered, tell)


@transaction.atomic
def _take(bot: Bot, envelope: Envelope, message_id: str, redelivered: bool, tell: bool) -> Refusal | None:
    fingerprint = _fingerprint(envelope)
    key = _key(envelope, message_id)
    before = _done_before(bot, key, fingerprint, redelivered)
    if before is not None and before.fingerprint == fingerprint:
        return None
    if before is not None:
        other = Refusal(Conflict.code, str(Conflict.default))
        if tell:
            _tell(bot, envelope, other)
        return other
    refusal = _attempt(bot, envelope)
    if envelope.action != requests.TYPING or refusal:
        done = Action(
            bot=bot,
            # What was refused may be tried again under its id.
            key=key if key and not refusal else f"at:{new_uid().hex}",
            fingerprint=fingerprint,
            name=envelope.action,
            chat_id_sent=envelope.chat_id,
            error=refusal.code if refusal else "",
            message=refusal.message[:300] if refusal else "",
        )
        done.save(force_insert=True)
    if refusal and tell:
        _tell(bot, envelope, refusal)
    return refusal


def _done_before(bot: Bot, key: str, fingerprint: str, redelivered: bool) -> Action | None:
    """Return the action that this one repeats, if it was done.

    Without an id it can only be what the broker delivers again because our acknowledgement was lost: the last one.
    """
    done = Action.objects.filter(bot=bot, error="")
    if key:
        return done.filter(key=key).first()
    last = done.order_by("-id").first() if redelivered else None
    return last if last and last.fingerprint == fingerprint else None


def _attempt(bot: Bot, envelope: Envelope) -> Refusal | None:
    """Do it in a savepoint: what is refused changes nothing."""
    try:
        with transaction.atomic():
            return _do(bot, envelope)
    except Malformed as error:
        return Refusal("invalid", sentence_of(error.errors), error.errors)
    except ChatError as error:
        return Refusal(error.code, str(error.message))


def sentence_of(errors: FieldErrors) -> str:
    """Return the first of these errors as one sentence."""
    first = errors[0]
    return f"{first['field']}: {first['message']}"


def _do(bot: Bot, envelope: Envelope) -> Refusal | None:
    if not bot.agent.is_active:
        raise NotAllowed(_("This bot is switched off."))
    if envelope.tenant_id is not None and str(envelope.tenant_id).lower() != str(bot.workspace.uid):
        raise Malformed([{"field": "tenant_id", "message": _("This is not the bot's tenant.")}])
    if envelope.bot_id is not None and str(envelope.bot_id).lower() != str(bot.agent.uid):
        raise Malformed([{"field": "bot_id", "message": _("This is not the bot's id.")}])
    if envelope.action not in _DOERS:
        raise requests.unknown_action(envelope.action)
    asked = requests.asked(envelope)
    actor = Actor.of_agent(bot.agent)
    actor = replace(actor, absent=True) if asked.ignore_presence else actor
    return _DOERS[envelope.action](bot, actor, find_chat(actor, asked), asked)


def find_chat(actor: Actor, asked: Asked) -> Chat:
    """Return the thread that is named, else the conversation's open or newest one. Raises NotFound."""
    chats = access.visible_chats(actor).filter(conversation_uid=asked.chat_id)
    if asked.thread_id:
        chats = chats.filter(uid=asked.thread_id)
    chat = chats.select_related("visitor", "agent", "department", "workspace").order_by("-id").first()
    if chat is None:
        raise NotFound
    return chat


def _type(bot: Bot, actor: Actor, chat: Chat, asked: Asked) -> None:
    typing.signal(chat, actor, asked.typing)


def _send(bot: Bot, actor: Actor, chat: Chat, asked: Asked) -> Refusal | None:
    event = asked.event
    assert event
    if _said_in_a_row(bot, chat) >= services.MOST_IN_A_ROW and chat.is_open:
        assigning.send_to_queue(chat, actor, reason=services.TALKED_TOO_MUCH)
        return Refusal("budget", _("The bot said too much without an answer; the chat went to the queue."))
    client_id = asked.custom_id or None
    if event.rich is not None:
        messages.post(
            chat,
            actor,
            kind=Kind.RICH,
            body=rich.plain_text(event.rich),
            payload={"rich": event.rich},
            client_id=client_id,
        )
    elif event.url:
        attachment = files.link(chat, actor, url=event.url)
        messages.post(chat, actor, kind=Kind.FILE, attachments=[attachment], client_id=client_id)
    else:
        messages.post(chat, actor, body=event.text, client_id=client_id)
    return None


def _said_in_a_row(bot: Bot, chat: Chat) -> int:
    written = chat.messages.exclude(kind__in=[Kind.EVENT, Kind.NOTE])
    last = written.exclude(author_kind=AuthorKind.BOT).order_by("-seq").values_list("seq", flat=True).first()
    return written.filter(agent=bot.agent, seq__gt=last or 0).count()


def _tag(bot: Bot, actor: Actor, chat: Chat, asked: Asked) -> None:
    tagging.tag(chat, actor, asked.tag)


def _transfer(bot: Bot, actor: Actor, chat: Chat, asked: Asked) -> None:
    model = Department if asked.to_groups else Agent
    found = model.objects.filter(workspace_id=bot.workspace_id, uid__in=asked.targets)
    by_uid = {row.uid: row for row in found}
    missing = [uid for uid in asked.targets if uid not in by_uid]
    if missing:
        raise NotFound(_("There is no such agent or department."), field="payload.target.ids")
    targets = [by_uid[uid] for uid in asked.targets]
    handing_over.hand_over(
        chat,
        actor,
        queue=asked.ignore_availability,
        reason=asked.reason,
        **{"departments" if asked.to_groups else "agents": targets},  # type: ignore[arg-type]  # one or the other
    )


def _deactivate(bot: Bot, actor: Actor, chat: Chat, asked: Asked) -> None:
    lifecycle.close(chat, actor, reason=asked.reason)


_DOERS: dict[str, Any] = {
    requests.TYPING: _type,
    requests.SEND: _send,
    requests.TAG: _tag,
    requests.TRANSFER: _transfer,
    requests.DEACTIVATE: _deactivate,
}


def _tell(bot: Bot, envelope: Envelope, refusal: Refusal) -> None:
    """Owe the bot the error that names what it asked."""
    payload = {
        "action": envelope.action,
        "custom_id": envelope.custom_id or None,
        "chat_id": envelope.chat_id or None,
        "error": refusal.as_json(),
    }
    outbox.owe(bot, mapping.ERROR, payload)


def _fingerprint(envelope: Envelope) -> str:
    text = json.dumps([envelope.action, envelope.payload], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _key(envelope: Envelope, message_id: str) -> str:
    if envelope.custom_id:
        # A client id is unique per chat and author.
        chat = hashlib.sha256(envelope.chat_id.lower().encode()).hexdigest()[:32]
        return f"custom:{chat}:{envelope.custom_id.lower()}"
    return f"message:{message_id[:150]}" if message_id else ""


def set_aside(bot: Bot, raw: bytes, reason: str) -> None:
    """Keep the beginning of what cannot be read, for whoever looks after the bot."""
    logger.warning("A bot's message was set aside", extra={"bot": bot.name, "reason": reason, "size": len(raw)})
    text = raw[:_BODY_KEPT].decode("utf-8", "replace").replace("\x00", "")
    SetAside.objects.create(bot=bot, reason=reason[:300].replace("\x00", ""), size=len(raw), body=text)
    kept = SetAside.objects.filter(bot=bot).order_by("-id").values_list("pk", flat=True)
    old = kept[_KEEP_SET_ASIDE : _KEEP_SET_ASIDE + 1].first()
    if old:
        SetAside.objects.filter(bot=bot, pk__lte=old).delete()


def prune() -> int:
    """Forget actions that nobody sends again any more. Returns how many."""
    return Action.objects.filter(at__lt=timezone.now() - _KEEP).delete()[0]
