"""Tags and priority: how the team sorts its chats."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import events, routing
from ..access import Actor, demand
from ..errors import Invalid
from ..models import Chat, ChatTag, Priority, Tag
from . import timeline
from .locking import lock_chat
from .messages import clean

NAME_LIMIT = 60
TAGS_LIMIT = 50


def tag(chat: Chat, actor: Actor, name: str) -> list[str]:
    """Put a tag on a chat, making it if it is new. Returns all tags. Raises Invalid, NotAllowed, NotFound."""
    return _change(chat, actor, lambda names: names | {_valid(name)})


def untag(chat: Chat, actor: Actor, name: str) -> list[str]:
    """Take a tag off a chat; one that is not on it is no error. Returns all tags."""
    return _change(chat, actor, lambda names: names - {_valid(name)})


def set_tags(chat: Chat, actor: Actor, names: Iterable[str]) -> list[str]:
    """Make these exactly the chat's tags. Returns them."""
    wanted = {_valid(name) for name in names}
    return _change(chat, actor, lambda _names: wanted)


def _valid(name: object) -> str:
    if not isinstance(name, str) or not clean(name):
        raise Invalid(_("A tag is a short text."), field="tag")
    name = " ".join(name.split()).lower()
    if not 0 < len(name) <= NAME_LIMIT:
        raise Invalid(_("A tag is a short text."), field="tag")
    return name


def _change(chat, actor, change) -> list[str]:
    demand(actor, "tag", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        before = set(chat.tags.values_list("name", flat=True))
        after = change(before)
        if len(after) > TAGS_LIMIT:
            raise Invalid(_("Too many tags."), field="tags")
        for name in sorted(after - before):
            row, _created = Tag.objects.get_or_create(workspace_id=chat.workspace_id, name=name)
            ChatTag.objects.create(chat=chat, tag=row)
            _say(chat, actor, "tagged", name, after)
        for name in sorted(before - after):
            ChatTag.objects.filter(chat=chat, tag__name=name).delete()
            _say(chat, actor, "untagged", name, after)
    return sorted(after)


def _say(chat: Chat, actor: Actor, what: str, name: str, tags: set[str]) -> None:
    now = timezone.now()
    line = timeline.event(chat, what, now=now, by=actor.agent, by_kind=actor.kind, detail={"tag": name})
    events.record(events.ChatTagged(workspace_id=chat.workspace_id, chat=chat, message=line, tags=tuple(sorted(tags))))


def set_priority(chat: Chat, actor: Actor, priority: int) -> Chat:
    """Change the chat's priority, and so its place in the queue. Raises Invalid, NotAllowed, NotFound."""
    if priority not in Priority.values:
        raise Invalid(field="priority")
    demand(actor, "priority", chat)
    with transaction.atomic():
        chat = lock_chat(chat)
        if chat.priority == priority:
            return chat
        detail = {"from": chat.priority, "to": priority}
        chat.priority = priority
        now = timezone.now()
        line = timeline.event(
            chat, "priority", now=now, by=actor.agent, by_kind=actor.kind, detail=detail, also=["priority"]
        )
        events.record(events.ChatUpdated(workspace_id=chat.workspace_id, chat=chat, message=line))
        transaction.on_commit(lambda: routing.route(chat.workspace_id), robust=True)
    return chat
