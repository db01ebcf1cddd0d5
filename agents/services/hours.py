"""Opening hours: read as a :class:`~agents.schedule.Schedule`, changed here.

Nothing here tells anybody: the sweeper of the chat layer sees within seconds whom a new schedule lets in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import schedule
from ..errors import Invalid
from ..models import Agent, HoursException, OpeningHours, Workspace
from ..schedule import Different, Schedule, Span
from . import ranks

MOST_EXCEPTIONS = 200


def schedule_of(workspace: Workspace) -> Schedule:
    """Return the workspace's hours as they are now: two queries, one for a workspace that keeps none."""
    return schedules_of([workspace])[workspace.pk]


def schedules_of(workspaces: Iterable[Workspace]) -> dict[int, Schedule]:
    """Return the hours of many workspaces by their id: two queries whatever their number."""
    asked = {workspace.pk: workspace for workspace in workspaces}
    kept = OpeningHours.objects.filter(workspace__in=asked, enabled=True).prefetch_related("exceptions")
    known = {hours.workspace_id: kept_by(asked[hours.workspace_id], hours) for hours in kept}
    return {pk: known.get(pk) or Schedule(workspace.zone) for pk, workspace in asked.items()}


def is_open(workspace: Workspace, now: datetime | None = None) -> bool:
    """Whether the team should be there now."""
    return schedule_of(workspace).is_open(now or timezone.now())


def next_opening(workspace: Workspace, now: datetime | None = None) -> datetime | None:
    """Return when the workspace opens next; now while it is open, None if that cannot be said."""
    return schedule_of(workspace).next_opening(now or timezone.now())


@transaction.atomic
def set_week(
    workspace: Workspace,
    week: Mapping[str, Iterable[Sequence[object]]],
    *,
    enabled: bool = True,
    by: Agent | None = None,
) -> OpeningHours:
    """Set the usual week: ``{"monday": [("08:00", "12:00"), ("13:00", "17:00")], ...}``, days not named are closed.

    Exceptions stay. Raises Invalid (``field`` is the day, or ``week``), NotAllowed below admin.
    """
    ranks.demand(by, workspace)
    days = schedule.parse_week(week)
    stored = [[span.stored() for span in spans] for spans in days]
    hours, _made = OpeningHours.objects.update_or_create(
        workspace=workspace, defaults={"week": stored, "enabled": enabled}
    )
    return hours


@transaction.atomic
def always_open(workspace: Workspace, *, by: Agent | None = None) -> None:
    """Keep no hours any more; what was set stays for another time. Raises NotAllowed below admin."""
    ranks.demand(by, workspace)
    OpeningHours.objects.filter(workspace=workspace).update(enabled=False, updated_at=timezone.now())


@transaction.atomic
def set_exceptions(workspace: Workspace, exceptions: Iterable[Different], *, by: Agent | None = None) -> None:
    """Make these the days that are different, all of them. Raises Invalid, NotAllowed below admin."""
    ranks.demand(by, workspace)
    wanted = list(exceptions)
    if len(wanted) > MOST_EXCEPTIONS:
        raise Invalid(_("At most %(number)s different days.") % {"number": MOST_EXCEPTIONS}, "exceptions")
    for one in wanted:
        if one.last < one.first:
            raise Invalid(_("The last day lies before the first."), "exceptions")
    hours, _made = OpeningHours.objects.get_or_create(workspace=workspace, defaults={"enabled": False})
    hours.exceptions.all().delete()
    HoursException.objects.bulk_create(
        HoursException(
            hours=hours,
            first_day=one.first,
            last_day=one.last,
            name=one.name[:80],
            spans=[span.stored() for span in one.spans],
        )
        for one in wanted
    )


def kept_by(workspace: Workspace, hours: OpeningHours) -> Schedule:
    """Return what a row says, whether it is switched on or not; who has many rows prefetches ``exceptions``."""
    return Schedule(
        zone=workspace.zone,
        week=tuple(_spans(day) for day in hours.week),
        different=tuple(
            Different(one.first_day, one.last_day, _spans(one.spans), one.name) for one in hours.exceptions.all()
        ),
    )


def _spans(stored: Iterable[Sequence[str]]) -> tuple[Span, ...]:
    return schedule.parse_spans(stored)
