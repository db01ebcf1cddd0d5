"""Reads that several surfaces share. Every one starts from the workspace and pages by key, never by OFFSET."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.utils import timezone

from agents.models import Agent

from .access import Actor, visible_chats
from .errors import Invalid
from .models import Chat, ChatTag, Message, Status
from .models.chats import ChatQuerySet

View = Literal["mine", "waiting", "all", "closed"]
_JOINED = ("visitor", "agent", "department", "workspace")
# What a chat takes when a workspace has no history to say.
_DEFAULT_HANDLING_SECONDS = 300
_HISTORY = timedelta(days=7)


def timeline(
    chat: Chat, actor: Actor, *, after: int | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """Return entries that the actor may see, oldest first, agent joined and attachments prefetched.

    ``after`` and ``before`` are exclusive seqs; with ``after`` the first ones past it, otherwise the newest.
    """
    entries = visible_entries(chat, actor).select_related("agent").prefetch_related("attachments")
    if before is not None:
        entries = entries.filter(seq__lt=before)
    if after is not None:
        return list(entries.filter(seq__gt=after).order_by("seq")[:limit])
    return list(reversed(entries.order_by("-seq")[:limit]))


def visible_entries(chat: Chat, actor: Actor) -> QuerySet[Message]:
    """Return the entries of a chat's timeline that the actor may see, in no order."""
    entries = chat.messages.all()
    return entries if actor.is_team else entries.filter(public=True)


def newest_seq(chat: Chat, actor: Actor) -> int:
    """Return the newest seq that the actor may see."""
    return chat.last_seq if actor.is_team else chat.last_public_seq


def chats_of_visitor(actor: Actor, visitor_id: int, limit: int = 20) -> list[Chat]:
    """Return a visitor's chats that the actor may see, newest first."""
    chats = visible_chats(actor).select_related(*_JOINED).filter(visitor_id=visitor_id)
    return list(chats.order_by("-id")[:limit])


# -- the inbox's lists -----------------------------------------------------------------------------------------------


def chat_rows(
    actor: Actor, view: View, *, cursor: str = "", limit: int = 50, search: str = ""
) -> tuple[list[Chat], str]:
    """Return one page of a list and the cursor of the next page, empty at the end.

    ``mine``, ``all`` (open ones) and ``closed`` show the latest message first, ``waiting`` the queue's order.
    ``search`` keeps those whose visitor's name or e-mail, or whose ticket number, matches.
    """
    chats = _matching(of_view(visible_chats(actor), actor, view), search).select_related(*_JOINED)
    chats = _after(chats, view, cursor) if cursor else chats
    rows = list(chats[: limit + 1])
    more = len(rows) > limit
    return rows[:limit], _cursor(rows[limit - 1], view) if more else ""


def _matching(chats: ChatQuerySet, search: str) -> ChatQuerySet:
    words = search.replace("\x00", "").strip()
    if not words:
        return chats
    found = Q(visitor__name__icontains=words) | Q(visitor__email__icontains=words)
    if ticket := re.fullmatch(r"#?([0-9]{1,15})", words):
        found |= Q(ticket_no=int(ticket[1]))
    return chats.filter(found)


def of_view(chats: ChatQuerySet, actor: Actor, view: View) -> ChatQuerySet:
    """Return the chats of this list, in its order."""
    if view == "waiting":
        return chats.waiting()
    if view == "mine":
        chats = chats.open().filter(agent=actor.agent)
    elif view == "closed":
        chats = chats.filter(status=Status.CLOSED)
    else:
        chats = chats.open()
    return chats.order_by("-last_message_at", "-id")


def _cursor(chat: Chat, view: View) -> str:
    when = chat.queued_at if view == "waiting" else chat.last_message_at
    parts = [str(chat.priority), when.isoformat(), str(chat.pk)]
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def _after(chats: ChatQuerySet, view: View, cursor: str) -> ChatQuerySet:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        priority, when, pk = text.split("|")
        at, rank, last = datetime.fromisoformat(when), int(priority), int(pk)
    except ValueError:
        raise Invalid(field="cursor") from None
    if view == "waiting":
        later = Q(queued_at__gt=at) | Q(queued_at=at, id__gt=last)
        return chats.filter(Q(priority__lt=rank) | (Q(priority=rank) & later))
    return chats.filter(Q(last_message_at__lt=at) | Q(last_message_at=at, id__lt=last))


def counts(actor: Actor, cap: int = 100) -> dict[str, int]:
    """Return how many chats each open list has, told up to ``cap``; and ``unread``, mine with something unread.

    One pass over the open chats, by their partial index: every page of the inbox asks.
    """
    mine = Q(agent=actor.agent)
    found = (
        visible_chats(actor)
        .open()
        .aggregate(
            mine=Count("id", filter=mine),
            waiting=Count("id", filter=Q(status=Status.WAITING)),
            all=Count("id"),
            unread=Count("id", filter=mine & Q(unread_by_team__gt=0)),
        )
    )
    return {name: min(number, cap) for name, number in found.items()}


def tags_of(chats: Iterable[Chat]) -> dict[int, list[str]]:
    """Return the tags of many chats by their id, in one query."""
    found: dict[int, list[str]] = {chat.pk: [] for chat in chats}
    for chat_id, name in (
        ChatTag.objects.filter(chat_id__in=found).values_list("chat_id", "tag__name").order_by("tag__name")
    ):
        found[chat_id].append(name)
    return found


def newest_change(actor: Actor) -> datetime | None:
    """Return when anything in the actor's lists last changed: what a list compares to know that it missed a frame."""
    return visible_chats(actor).order_by("-updated_at").values_list("updated_at", flat=True).first()


def loads(workspace_id: int) -> dict[int, int]:
    """Return how many chats each agent of the workspace has now; who has none is absent."""
    active = Chat.objects.of(workspace_id).filter(status=Status.ACTIVE)
    return dict(active.values_list("agent_id").annotate(n=Count("id")).order_by())


# -- the queue -------------------------------------------------------------------------------------------------------


def queue_position(chat: Chat) -> int | None:
    """Return the chat's place: 1 for the next one served in its department; None when it does not wait."""
    if chat.status != Status.WAITING:
        return None
    ahead = Q(priority__gt=chat.priority) | Q(priority=chat.priority) & (
        Q(queued_at__lt=chat.queued_at) | Q(queued_at=chat.queued_at, id__lt=chat.pk)
    )
    line = Chat.objects.of(chat.workspace_id).filter(status=Status.WAITING, department=chat.department)
    return line.filter(ahead).count() + 1


def estimated_wait(chat: Chat, position: int | None = None) -> int:
    """Return the seconds until the chat probably gets an agent, from recent handling and waits and present capacity."""
    position = position or queue_position(chat)
    if position is None:
        return 0
    slots = _slots(chat)
    if slots == 0:
        return round(_recent_wait(chat) + position * _recent_handling(chat))
    return round(position * _recent_handling(chat) / slots)


def _slots(chat: Chat) -> int:
    """How many chats the people who could take this one can hold."""
    agents = Agent.objects.available().humans().filter(workspace_id=chat.workspace_id)
    if chat.department_id:
        agents = agents.filter(memberships__department_id=chat.department_id)
    return agents.aggregate(n=Sum("max_chats"))["n"] or 0


def _recent(chat: Chat) -> ChatQuerySet:
    since = timezone.now() - _HISTORY
    recent = Chat.objects.of(chat.workspace_id).filter(first_assigned_at__gte=since)
    return recent.filter(department_id=chat.department_id) if chat.department_id else recent


def _recent_handling(chat: Chat) -> float:
    length = ExpressionWrapper(F("closed_at") - F("first_assigned_at"), output_field=DurationField())
    ended = _recent(chat).filter(status=Status.CLOSED).order_by("-id").values(length=length)[:50]
    mean = ended.aggregate(mean=Avg("length"))["mean"]
    return mean.total_seconds() if mean else _DEFAULT_HANDLING_SECONDS


def _recent_wait(chat: Chat) -> float:
    length = ExpressionWrapper(F("first_assigned_at") - F("created_at"), output_field=DurationField())
    mean = _recent(chat).order_by("-id").values(length=length)[:20].aggregate(mean=Avg("length"))["mean"]
    return mean.total_seconds() if mean else 0
