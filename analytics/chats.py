"""Which chats a figure counts: the definitions as filters of chats, so that every figure opens what it is made of.

``chats(span, where, name).count()`` is the figure, by test, for every name in :data:`FIGURES`; of "response", whose
figure counts turns, it is the chats that have them.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import Exact

from agents.models import Workspace
from chat.errors import Invalid
from chat.models import Assignment, AuthorKind, Chat, Kind, Message, Status
from chat.models.chats import ChatQuerySet, open_states

from .definitions import CONTENT, PROMISES
from .facts import came_back
from .spans import EVERYTHING, Filter, Span

_JOINED = ("visitor", "agent", "department", "workspace")
# Durations are whole milliseconds.
_MILLISECOND = timedelta(milliseconds=1)


def chats(
    span: Span,
    where: Filter = EVERYTHING,
    figure: str = "total",
    *,
    tag_id: int | None = None,
    hour_of_week: int | None = None,
    trigger_uid: uuid.UUID | None = None,
    page: str | None = None,
) -> ChatQuerySet:
    """Return the chats that a figure counts, in no order; of one tag, trigger, page or cell of the heat map, if given.

    ``hour_of_week``: weekday (Monday is 0) * 24 + hour. A page is one of
    the widget that is filtered by. Raises KeyError for a figure that is not in :data:`FIGURES`.
    """
    condition = FIGURES[figure](where.agent_id)
    begin, end = span.bounds()
    found = where.narrow(Chat.objects.of(span.workspace).filter(created_at__gte=begin, created_at__lt=end))
    found = found.filter(condition)
    if tag_id is not None:
        found = found.filter(tags=tag_id)
    if page is not None:
        found = found.filter(page=page)
    if trigger_uid is not None:
        found = found.filter(trigger_uid=trigger_uid)
    return found if hour_of_week is None else _in_cell(found, span, hour_of_week)


def _in_cell(found: ChatQuerySet, span: Span, hour_of_week: int) -> ChatQuerySet:
    day, hour = divmod(hour_of_week, 24)
    zone = span.workspace.zone
    return found.filter(
        Exact(ExtractIsoWeekDay("created_at", tzinfo=zone), day + 1),
        Exact(ExtractHour("created_at", tzinfo=zone), hour),
    )


def open_now(workspace: Workspace, where: Filter = EVERYTHING, figure: str = "open") -> ChatQuerySet:
    """Return the chats of the backlog: "open", or of those the "waiting", "parked", "active" or "unanswered"."""
    conditions = {"open": Q(), "unanswered": Q(unanswered_since__isnull=False), **open_states()}
    found = where.narrow(Chat.objects.of(workspace).open().filter(conditions[figure]))
    return found if where.agent_id is None else found.filter(agent_id=where.agent_id)


def page(found: ChatQuerySet, cursor: str = "", limit: int = 50) -> tuple[list[Chat], str]:
    """Return one page, the youngest first, and the cursor of the next one, empty at the end. Raises Invalid."""
    if cursor:
        at, last = _parse(cursor)
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=last))
    rows = list(found.select_related(*_JOINED).order_by("-created_at", "-id")[: limit + 1])
    more = len(rows) > limit
    return rows[:limit], _cursor(rows[limit - 1]) if more else ""


def _cursor(chat: Chat) -> str:
    return base64.urlsafe_b64encode(f"{chat.created_at.isoformat()}|{chat.pk}".encode()).decode().rstrip("=")


def _parse(cursor: str) -> tuple[datetime, int]:
    try:
        when, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        at = datetime.fromisoformat(when)
    except ValueError:
        raise Invalid(field="cursor") from None
    if at.tzinfo is None or not pk.isdigit():
        raise Invalid(field="cursor")
    return at, int(pk)


# -- the definitions, as conditions ------------------------------------------------------------------------------------

_CLOSED = Q(status=Status.CLOSED)
_COMPLETED = _CLOSED & Q(first_response_at__isnull=False)
_ABANDONED = _CLOSED & Q(first_response_at__isnull=True)


def _written(*authors: str) -> QuerySet[Message]:
    """Return what these wrote in the chat around it, for the visitor to read."""
    return Message.objects.filter(chat=OuterRef("pk"), public=True, author_kind__in=authors).exclude(kind=Kind.EVENT)


def _asked() -> QuerySet[Message]:
    return _written(AuthorKind.VISITOR)


def _had_bot() -> Q:
    assigned = Assignment.objects.filter(chat=OuterRef("pk"), agent__is_bot=True)
    return Q(Exists(assigned)) | Q(Exists(_written(AuthorKind.BOT)))


def _contained() -> Q:
    return _ABANDONED & Q(first_assigned_at__isnull=True) & _had_bot()


def _answered_at_first() -> Q:
    """Asked before the first reply: not a chat that the team began and the visitor answered."""
    return Q(Exists(_asked().filter(created_at__lte=OuterRef("first_response_at"))))


def _within(seconds: int) -> Q:
    limit = timedelta(seconds=seconds) + _MILLISECOND
    late = _asked().filter(created_at__lte=OuterRef("first_response_at") - limit)
    return _answered_at_first() & ~Q(Exists(late))


def _unanswered() -> Q:
    return _ABANDONED & Q(Exists(_asked())) & ~_contained()


def _late(seconds: int) -> Q:
    return (_answered_at_first() & ~_within(seconds)) | _unanswered()


# -- whose share it is -------------------------------------------------------------------------------------------------


def _had(agent_id: int) -> Q:
    """They had it, or answered in it."""
    assigned = Assignment.objects.filter(chat=OuterRef("pk"), agent_id=agent_id)
    replied = _written(AuthorKind.AGENT).filter(agent_id=agent_id)
    return Q(Exists(assigned)) | Q(Exists(replied)) | _owns(agent_id)


def _owns(agent_id: int) -> Q:
    """They have it, or had it when it ended."""
    return Q(agent_id=agent_id, agent__is_bot=False)


def _met(agent_id: int) -> Q:
    """They were the first person who had it."""
    people = Assignment.objects.filter(chat=OuterRef("pk"), agent__is_bot=False).order_by("started_at", "id")
    return _is(people, agent_id)


def _began(agent_id: int) -> Q:
    """Theirs was the first reply; or the chat is, and nobody replied."""
    replies = _written(AuthorKind.AGENT).order_by("seq")
    return _is(replies, agent_id) | (~Q(Exists(replies)) & _owns(agent_id))


def _answered(agent_id: int) -> Q:
    """They answered a turn: what was written before their reply is the visitor's."""
    before = (
        Message.objects.filter(chat=OuterRef("chat"), public=True, seq__lt=OuterRef("seq"))
        .filter(author_kind__in=[AuthorKind.VISITOR, AuthorKind.AGENT])
        .exclude(kind=Kind.EVENT)
        .order_by("-seq")
        .values("author_kind")[:1]
    )
    replies = _written(AuthorKind.AGENT).filter(agent_id=agent_id)
    return Q(Exists(replies.alias(before=Subquery(before)).filter(before=AuthorKind.VISITOR)))


def _is(rows: QuerySet, agent_id: int) -> Q:
    """Whether the first of these rows of the chat is this agent's."""
    return Q(Exact(Subquery(rows.values("agent_id")[:1]), agent_id))


def _nobodys(_agent_id: int) -> Q:
    """What bots did is no person's share."""
    return Q(pk__in=[])


def _open(agent_id: int | None) -> Q:
    """What has not ended; of an agent, what has not ended with them."""
    return ~_CLOSED if agent_id is None else _had(agent_id) & ~(_CLOSED & _owns(agent_id))


def _figure(condition: Callable[[], Q], share: Callable[[int], Q]) -> Callable[[int | None], Q]:
    return lambda agent_id: condition() if agent_id is None else condition() & share(agent_id)


# The names are those of analytics.definitions.METRICS, and of their parts. Called with an agent's id, or None.
FIGURES: dict[str, Callable[[int | None], Q]] = {
    "total": _figure(Q, _had),
    "open": _open,
    "completed": _figure(lambda: _COMPLETED, _owns),
    "abandoned": _figure(lambda: _ABANDONED, _owns),
    "wait": _figure(lambda: Q(first_assigned_at__isnull=False), _met),
    "response": _figure(lambda: Q(response_turns__gt=0), _answered),
    "first_response": _figure(_answered_at_first, _began),
    "unanswered": _figure(_unanswered, _began),
    **{f"within_{promise}": _figure(partial(_within, promise), _began) for promise in PROMISES},
    **{f"late_{promise}": _figure(partial(_late, promise), _began) for promise in PROMISES},
    "resolution": _figure(lambda: _COMPLETED, _owns),
    "first_contact": _figure(lambda: _COMPLETED & ~Q(came_back()), _owns),
    "came_back": _figure(lambda: _COMPLETED & Q(came_back()), _owns),
    "satisfaction": _figure(lambda: Q(rating__isnull=False), _owns),
    "content": _figure(lambda: Q(rating__gte=CONTENT), _owns),
    "commented": _figure(lambda: Q(rating__isnull=False) & ~Q(rating_comment=""), _owns),
    **{f"rating_{stars}": _figure(partial(Q, rating=stars), _owns) for stars in range(1, 6)},
    "bot": _figure(_had_bot, _nobodys),
    "contained": _figure(_contained, _nobodys),
    "handed_over": _figure(lambda: Q(first_assigned_at__isnull=False) & _had_bot(), _nobodys),
}
