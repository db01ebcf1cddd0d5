"""Reads chats with what belongs to them, and turns each into counters: the definitions, applied.

A handful of queries for any number of chats; the rest is plain Python, the same on both databases.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When

from chat.models import Assignment, Chat, ChatTag, Status
from chat.models.chats import ChatQuerySet

from . import timelines
from .counters import Counters, add_duration, merge, milliseconds
from .definitions import PAGE, PROMISES, RETURN
from .keys import Key
from .models import NO_UID
from .spreads import bucket_of
from .timelines import Timeline

_AT_ONCE = 500


@dataclass
class Subject:
    """One chat and what its counters are made of."""

    id: int
    created_at: datetime
    department_id: int | None
    channel: str
    widget_uid: uuid.UUID | None
    page: str
    trigger_uid: uuid.UUID | None
    agent_id: int | None
    status: str
    closed_at: datetime | None
    unparked_at: datetime | None
    first_assigned_at: datetime | None
    first_response_at: datetime | None
    rating: int | None
    commented: bool
    returned: bool
    agent_is_bot: bool
    last_seq: int
    # Read beside it.
    assignments: list[tuple[int, bool, datetime, datetime | None]] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)

    @property
    def closed(self) -> bool:
        return self.status == Status.CLOSED

    @property
    def completed(self) -> bool:
        return self.closed and self.first_response_at is not None

    @property
    def owner_id(self) -> int | None:
        """The person who has the chat, or had it when it ended."""
        return None if self.agent_is_bot else self.agent_id

    @property
    def had_bot(self) -> bool:
        return self.timeline.bot_wrote or any(is_bot for _agent, is_bot, _from, _until in self.assignments)

    @property
    def contained(self) -> bool:
        return self.had_bot and self.closed and self.first_assigned_at is None and self.first_response_at is None


def subjects(chats: ChatQuerySet) -> Iterator[Subject]:
    """Yield these chats with everything that is counted: five queries for each few hundred, and one a long timeline."""
    ids = list(chats.values_list("id", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        found = _read(ids[start : start + _AT_ONCE])
        yield from found.values()


def _read(ids: Sequence[int]) -> dict[int, Subject]:
    rows = Chat.objects.filter(id__in=ids).annotate(
        commented=Case(When(rating_comment="", then=Value(False)), default=Value(True), output_field=BooleanField()),
        returned=came_back(),
        agent_is_bot=F("agent__is_bot"),
    )
    names = [name for name in Subject.__dataclass_fields__ if name not in _BESIDE]
    found = {row[0]: Subject(*row) for row in rows.values_list(*names)}
    _add_assignments(found)
    _add_tags(found)
    last = {subject.id: subject.last_seq for subject in found.values()}
    for chat_id, timeline in timelines.read(last).items():
        found[chat_id].timeline = timeline
    return found


_BESIDE = frozenset({"assignments", "tags", "timeline"})


def came_back() -> Exists:
    """Whether the visitor of a closed chat began another one until seven days after its end: an annotation of chats."""
    later = Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), id__gt=OuterRef("id"))
    others = Chat.objects.filter(later, visitor=OuterRef("visitor"), created_at__lte=OuterRef("closed_at") + RETURN)
    return Exists(others)


def _add_assignments(found: dict[int, Subject]) -> None:
    rows = Assignment.objects.filter(chat_id__in=found).order_by("chat_id", "started_at", "id")
    columns = ("chat_id", "agent_id", "agent__is_bot", "started_at", "ended_at")
    for chat_id, agent_id, is_bot, started_at, ended_at in rows.values_list(*columns):
        found[chat_id].assignments.append((agent_id, is_bot, started_at, ended_at))


def _add_tags(found: dict[int, Subject]) -> None:
    for chat_id, tag_id in ChatTag.objects.filter(chat_id__in=found).values_list("chat_id", "tag_id"):
        found[chat_id].tags.append(tag_id)


# -- the definitions ---------------------------------------------------------------------------------------------------


def count(subject: Subject) -> Iterator[tuple[Key, Counters]]:
    """Yield what a chat adds, and to which keys: once as a chat, once for each agent, and the same for each tag."""
    key = Key(
        department_id=subject.department_id or 0,
        channel=subject.channel,
        widget_uid=subject.widget_uid or NO_UID,
        trigger_uid=subject.trigger_uid or NO_UID,
    )
    whole = as_chat(subject)
    yield key, whole + as_page(subject)
    shares = {agent_id: as_share(subject, agent_id) for agent_id in people(subject)}
    for agent_id, share in shares.items():
        yield key._replace(agent_id=agent_id), share
    for tag_id in subject.tags:
        tagged = key._replace(tag_id=tag_id)
        yield tagged, whole
        for agent_id, share in shares.items():
            yield tagged._replace(agent_id=agent_id), share


def people(subject: Subject) -> set[int]:
    """Return the people of the team who had the chat or answered in it."""
    had = {agent_id for agent_id, is_bot, _from, _until in subject.assignments if not is_bot}
    return had | subject.timeline.repliers | ({subject.owner_id} if subject.owner_id else set())


def as_chat(subject: Subject) -> Counters:
    """Return the counters of a chat as a whole."""
    counters = Counters(total=1)
    _add_wait(counters, subject)
    for answers in subject.timeline.answers.values():
        merge(counters, answers)
    _add_first_response(counters, subject)
    _add_ending(counters, subject)
    if subject.had_bot:
        counters["bot"] += 1
        counters["contained"] += subject.contained
        counters["handed_over"] += subject.first_assigned_at is not None
    return counters


def as_page(subject: Subject) -> Counters:
    """Return the counter of the page that the chat began on, nothing for a chat of no widget."""
    return Counters({f"{PAGE}{subject.page}": 1} if subject.widget_uid else {})


def as_share(subject: Subject, agent_id: int) -> Counters:
    """Return the counters of one person's share of a chat: what was their doing."""
    counters = Counters(total=1)
    if first_person(subject) == agent_id:
        _add_wait(counters, subject)
    merge(counters, subject.timeline.answers.get(agent_id, {}))
    if subject.timeline.first_by == agent_id or (subject.timeline.first_by is None and subject.owner_id == agent_id):
        _add_first_response(counters, subject)
    if subject.owner_id == agent_id:
        _add_ending(counters, subject)
    return counters


def first_person(subject: Subject) -> int | None:
    """Return the agent of the first assignment to a person."""
    return next((agent_id for agent_id, is_bot, _from, _until in subject.assignments if not is_bot), None)


def waited_since(subject: Subject) -> datetime:
    """Return when the wait for the first person began: with the chat, at opening, or after a bot or a pause."""
    until = subject.first_assigned_at
    assert until is not None
    ends = [end for _agent, is_bot, _from, end in subject.assignments if is_bot and end and end <= until]
    opening = subject.unparked_at or subject.created_at
    return max([subject.created_at, opening, *ends, *(at for at in subject.timeline.reopened if at <= until)])


def _add_wait(counters: Counters, subject: Subject) -> None:
    if subject.first_assigned_at is not None:
        add_duration(counters, "wait", "w", milliseconds(waited_since(subject), subject.first_assigned_at))


def _add_first_response(counters: Counters, subject: Subject) -> None:
    if subject.timeline.asked_at is None or subject.contained:
        return
    if subject.first_response_at is None or subject.first_response_at < subject.timeline.asked_at:
        counters["unanswered"] += subject.closed and subject.first_response_at is None
        return
    length = milliseconds(subject.timeline.asked_at, subject.first_response_at)
    add_duration(counters, "first", "f", length)
    kept = next((promise for promise in PROMISES if length <= promise * 1000), None)
    if kept:
        counters[f"q{kept}"] += 1


def _add_ending(counters: Counters, subject: Subject) -> None:
    if subject.rating:
        counters[f"rating_{subject.rating}"] += 1
        counters["commented"] += subject.commented
    if not subject.closed:
        return
    if not subject.completed:
        counters["abandoned"] += 1
        return
    assert subject.closed_at is not None
    counters["completed"] += 1
    counters["first_contact"] += not subject.returned
    length = milliseconds(subject.created_at, subject.closed_at)
    counters["resolution_ms"] += length
    counters[f"s{bucket_of(length)}"] += 1
