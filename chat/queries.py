"""Reads that several surfaces share. Every one starts from the workspace and pages by key, never by OFFSET."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Literal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents.models import Agent
from agents.services import hours

from . import finding, triggers
from .access import Actor, visible_chats
from .errors import Invalid
from .models import AuthorKind, Chat, ChatTag, Message, Status, Suggestion
from .models.chats import ChatQuerySet, not_parked, open_states

# What the texts of one frame are long together, about.
_FRAME_CHARACTERS = 100_000
View = Literal["mine", "waiting", "all", "closed"]
_JOINED = ("visitor", "agent", "department", "workspace")
# What a chat takes when a workspace has no history to say.
_DEFAULT_HANDLING_SECONDS = 300
# From what the estimate of a wait is made: chats handled and chats that waited lately, at most so many.
_HANDLED, _WAITED, _NEWEST = timedelta(days=7), timedelta(hours=2), 200


def timeline(
    chat: Chat,
    actor: Actor,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
    cards: bool = False,
) -> list[Message]:
    """Return entries that the actor may see, oldest first, agent joined and attachments prefetched.

    ``after`` and ``before`` are exclusive seqs; with ``after`` the first ones past it, otherwise the newest. ``cards``
    joins the action cards too.
    """
    entries = visible_entries(chat, actor).select_related("agent").prefetch_related("attachments")
    if cards:
        entries = entries.select_related("action_card")
    if before is not None:
        entries = entries.filter(seq__lt=before)
    if after is not None:
        return list(entries.filter(seq__gt=after).order_by("seq")[:limit])
    if actor.is_team:
        # Nothing is missing between two entries, so it is known where the page begins. Told, the database does not
        # read a long chat to its beginning because it takes it for a short one.
        end = chat.last_seq + 1 if before is None else min(before, chat.last_seq + 1)
        entries = entries.filter(seq__gte=end - limit)
    return list(reversed(entries.order_by("-seq")[:limit]))


def for_one_frame(entries: list[Message], most: int) -> list[Message]:
    """Return the first of these that one frame takes: at most so many, and the first long text ends it.

    Whoever reads a long frame slowly would be taken for somebody who does not read at all.
    """
    taken, length = entries[:most], 0
    for n, entry in enumerate(taken, 1):
        length += len(entry.body) + (len(json.dumps(entry.payload)) if entry.payload else 0)
        if length > _FRAME_CHARACTERS:
            return taken[:n]
    return taken


def visible_entries(chat: Chat, actor: Actor) -> QuerySet[Message]:
    """Return the entries of a chat's timeline that the actor may see, in no order."""
    entries = chat.messages.all()
    return entries if actor.is_team else entries.filter(public=True)


def suggestion_of(chat: Chat) -> Suggestion | None:
    """Return the draft for the agent that still counts: the visitor waits for an answer, and nobody decided on it."""
    if not chat.is_open or chat.last_message_by != AuthorKind.VISITOR:
        return None
    return chat.suggestions.select_related("agent").filter(decision="").first()


def newest_seq(chat: Chat, actor: Actor) -> int:
    """Return the newest seq that the actor may see."""
    return chat.last_seq if actor.is_team else chat.last_public_seq


def chats_of_visitor(actor: Actor, visitor_id: int, limit: int = 20) -> list[Chat]:
    """Return a visitor's chats that the actor may see, newest first."""
    chats = visible_chats(actor).select_related(*_JOINED).filter(visitor_id=visitor_id)
    return list(chats.order_by("-id")[:limit])


# -- the inbox's lists -----------------------------------------------------------------------------------------------


def chat_rows(
    actor: Actor,
    view: View,
    *,
    cursor: str = "",
    limit: int = 50,
    search: str = "",
    trigger: triggers.Wanted | None = None,
) -> tuple[list[Chat], str]:
    """Return one page of a list and the cursor of the next page, empty at the end.

    ``mine``, ``all`` (open ones) and ``closed`` show the latest message first, ``waiting`` the queue's order.
    ``search`` keeps those where all its words are, and shows the newest ticket first (``chat.finding``); ``trigger``
    those that began by answering it.
    """
    chats = triggers.begun_by(of_view(visible_chats(actor), actor, view), trigger)
    if search.strip():
        question = finding.question(actor, search, view, trigger)
        return finding.page(chats.select_related(*_JOINED), question, search, cursor, limit)
    chats = _after(chats, view, cursor) if cursor else chats
    # The page first, then what is joined to it: not to everything that it is chosen from.
    page = Chat.objects.filter(pk__in=chats.values("pk")[: limit + 1])
    rows = list(page.select_related(*_JOINED).order_by(*chats.query.order_by))
    more = len(rows) > limit
    return rows[:limit], _cursor(rows[limit - 1], view) if more else ""


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

    ``waiting`` is the queue; who is ``parked`` until opening stands in the same list and asks nothing of anybody yet.

    One pass over the open chats, by their partial index: every page of the inbox asks.
    """
    mine, states = Q(agent=actor.agent), open_states()
    found = (
        visible_chats(actor)
        .open()
        .aggregate(
            mine=Count("id", filter=mine),
            waiting=Count("id", filter=states["waiting"]),
            parked=Count("id", filter=states["parked"]),
            all=Count("id"),
            unread=Count("id", filter=mine & Q(unread_by_team__gt=0)),
        )
    )
    return {name: min(number, cap) for name, number in found.items()}


def parked(actor: Actor) -> int:
    """Return how many chats that the actor may see wait until the team opens."""
    return visible_chats(actor).filter(open_states()["parked"]).count()


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


@dataclass(frozen=True)
class Workload:
    """What one agent has: active chats, those of them whose visitor waits for an answer, messages that nobody read.

    ``waiting``: how many chats wait in the queue that this agent could be given.
    """

    active: int
    unanswered: int
    unread: int
    waiting: int


def workload(agent: Agent) -> Workload:
    """Return what an agent has to do now, in two queries over the open chats."""
    mine = Chat.objects.filter(agent=agent, status=Status.ACTIVE)
    found = mine.aggregate(
        active=Count("id"),
        unanswered=Count("id", filter=Q(unanswered_since__isnull=False)),
        unread=Coalesce(Sum("unread_by_team"), 0),
    )
    theirs = Q(department__isnull=True) | Q(department__memberships__agent=agent)
    queue = Chat.objects.of(agent.workspace_id).filter(theirs, not_parked(), status=Status.WAITING)
    needed = queue.order_by().values_list("required_skills", flat=True)
    skills = set(agent.skills)
    return Workload(**found, waiting=sum(skills.issuperset(required) for required in needed))


def of_agent(actor: Actor, agent: Agent, limit: int = 100) -> list[Chat]:
    """Return the active chats of an agent that the actor may see, joined, the latest message first."""
    chats = visible_chats(actor).filter(agent=agent, status=Status.ACTIVE).select_related(*_JOINED)
    return list(chats.order_by("-last_message_at", "-id")[:limit])


# -- the queue -------------------------------------------------------------------------------------------------------


def queue_position(chat: Chat) -> int | None:
    """Return the chat's place: 1 for the next one served; None when it does not wait.

    Counted are those before it, by priority and time, that the same agents may take: chats of its department and of
    none; for a chat of no department, all but those of departments where nobody is there to take them.
    Of a parked chat it is the place at opening; before one in the queue stands nobody who is parked.
    """
    if chat.status != Status.WAITING:
        return None
    ahead = Q(priority__gt=chat.priority) | Q(priority=chat.priority) & (
        Q(queued_at__lt=chat.queued_at) | Q(queued_at=chat.queued_at, id__lt=chat.pk)
    )
    rivals = Q(department__isnull=True)
    if chat.department_id:
        rivals |= Q(department_id=chat.department_id)
    elif staffed := _staffed(chat.workspace_id):
        rivals |= Q(department_id__in=staffed)
    all_waiting = Chat.objects.of(chat.workspace_id)
    line = all_waiting.waiting() if chat.is_parked() else all_waiting.queued()
    return line.filter(ahead).filter(rivals).count() + 1


def _staffed(workspace_id: int) -> list[int]:
    """Return the departments with somebody who takes chats, busy with others or not."""
    agents = Agent.objects.available().humans().filter(workspace_id=workspace_id, memberships__isnull=False)
    return list(agents.values_list("memberships__department_id", flat=True).distinct())


def estimated_wait(chat: Chat, position: int | None = None) -> int:
    """Return the seconds until the chat probably gets an agent; 0 when it does not wait.

    With people there, one of the chats that they can hold ends each ``handling / slots`` seconds, and the line moves by
    one; where chats waited lately, what those waited counts as much. With nobody there: the time until the team opens,
    the wait of late, and then as if one person came and took one chat after the other.
    """
    position = position or queue_position(chat)
    if position is None:
        return 0
    recent, slots = _recent(chat), 0 if chat.is_parked() else _slots(chat)
    if slots == 0:
        return round(_until_opening(chat) + (recent.wait or 0) + position * recent.handling)
    by_capacity = position * recent.handling / slots
    return round(by_capacity if recent.wait is None else (by_capacity + recent.wait) / 2)


def _until_opening(chat: Chat) -> float:
    now = timezone.now()
    opening = chat.parked_until if chat.is_parked(now) else hours.next_opening(chat.workspace, now)
    return (opening - now).total_seconds() if opening else 0


def _slots(chat: Chat) -> int:
    """How many chats the people who could take this one can hold."""
    agents = Agent.objects.available().humans().filter(workspace_id=chat.workspace_id)
    if chat.department_id:
        agents = agents.filter(memberships__department_id=chat.department_id)
    return agents.aggregate(n=Sum("max_chats"))["n"] or 0


@dataclass(frozen=True)
class _Recent:
    """Seconds: how long chats were handled this week, and how long those of the last hours waited, if any did."""

    handling: float
    wait: float | None


def _recent(chat: Chat) -> _Recent:
    """Read the workspace's newest chats, by the index that lists them: the cost is the same however many there are."""
    now = timezone.now()
    newest = Chat.objects.of(chat.workspace_id).filter(last_message_at__gte=now - _HANDLED)
    columns = ("department_id", "created_at", "unparked_at", "first_assigned_at", "closed_at")
    rows = newest.order_by("-last_message_at", "-id").values_list(*columns)[:_NEWEST]
    handled, waits = [], []
    for department_id, created, unparked, met, closed in rows:
        if met is None or chat.department_id not in (None, department_id):
            continue
        if closed is not None and closed > met:
            handled.append((closed - met).total_seconds())
        # A night before opening is no wait.
        wait = (met - max(created, unparked or created)).total_seconds()
        if created >= now - _WAITED and wait >= 1:
            waits.append(wait)
    return _Recent(fmean(handled) if handled else _DEFAULT_HANDLING_SECONDS, median(waits) if waits else None)
