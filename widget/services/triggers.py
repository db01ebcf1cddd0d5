"""Making and changing triggers: what the admin, REST and the shell all do. Rows of one workspace alone."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace
from chat.errors import Invalid, NotFound
from chat.services.messages import clean

from ..models import Trigger, Widget

# Each page view of a visitor is matched against all of them.
MOST_TRIGGERS = 100
DEFAULT_SCROLL = 50
_FIELDS = frozenset(
    {
        "name",
        "condition",
        "delay_seconds",
        "threshold",
        "url_pattern",
        "message",
        "messages",
        "active",
        "repeat",
        "repeat_hours",
        "widget",
    }
)


def create(
    workspace: Workspace,
    *,
    name: str,
    condition: str,
    message: str,
    delay_seconds: int = 0,
    threshold: int | None = None,
    url_pattern: str = "*",
    messages: dict[str, str] | None = None,
    active: bool = True,
    repeat: str = Trigger.Repeat.VISITOR,
    repeat_hours: int | None = None,
    widget: Widget | None = None,
) -> Trigger:
    """Store a new trigger and return it.

    ``threshold`` is per cent of the page, for ``scroll`` alone (50 when left out); ``repeat_hours`` goes with ``hours``
    alone. Raises Invalid with the field, code ``too_many_triggers`` when the workspace has as many as it may; NotFound
    for a widget of another workspace.
    """
    if workspace.triggers.count() >= MOST_TRIGGERS:
        raise Invalid(_("There are too many triggers; delete one first."), code="too_many_triggers")
    trigger = Trigger(workspace=workspace)
    return _save(
        trigger,
        name=name,
        condition=condition,
        message=message,
        delay_seconds=delay_seconds,
        threshold=threshold,
        url_pattern=url_pattern,
        messages=messages or {},
        active=active,
        repeat=repeat,
        repeat_hours=repeat_hours,
        widget=widget,
    )


def update(trigger: Trigger, **changes: Any) -> Trigger:
    """Change the given fields, named as in :func:`create`, and return the trigger.

    Another condition or rhythm drops the threshold or the hours that do not go with it. Raises Invalid with the field
    and NotFound; then nothing is changed.
    """
    if unknown := set(changes) - _FIELDS:
        raise TypeError(f"a trigger has no {sorted(unknown)}")
    if changes.get("condition", Trigger.Condition.SCROLL) != Trigger.Condition.SCROLL:
        changes.setdefault("threshold", None)
    if changes.get("repeat", Trigger.Repeat.HOURS) != Trigger.Repeat.HOURS:
        changes.setdefault("repeat_hours", None)
    return _save(trigger, **changes)


def delete(trigger: Trigger) -> None:
    """Remove it. Chats that it began keep its name."""
    trigger.delete()


def _save(trigger: Trigger, **fields: Any) -> Trigger:
    before = {name: getattr(trigger, name) for name in fields}
    for name, value in fields.items():
        setattr(trigger, name, value.strip() if isinstance(value, str) else value)
    try:
        check(trigger)
    except (Invalid, NotFound):
        for name, value in before.items():
            setattr(trigger, name, value)
        raise
    trigger.save()
    return trigger


def check(trigger: Trigger) -> None:
    """Complete the trigger and raise Invalid for the first field that is not right, NotFound for a foreign widget."""
    if trigger.widget is not None and trigger.widget.workspace_id != trigger.workspace_id:
        raise NotFound(_("There is no such widget."), field="widget")
    for name in ("name", "message", "url_pattern"):
        value = getattr(trigger, name)
        if not isinstance(value, str) or not clean(value):
            raise Invalid(_("The text has characters that cannot be stored."), field=name)
    for name in ("delay_seconds", "threshold", "repeat_hours"):
        if isinstance(getattr(trigger, name), (bool, float)):
            raise Invalid(_("Write a whole number."), field=name)
    _check_pairs(trigger)
    try:
        trigger.clean_fields(exclude=["workspace", "widget"])
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        raise Invalid(" ".join(problems[0].messages), field=field) from None


def _check_pairs(trigger: Trigger) -> None:
    """A threshold goes with scroll, hours with hours; nothing else has them."""
    if trigger.condition == Trigger.Condition.SCROLL:
        trigger.threshold = DEFAULT_SCROLL if trigger.threshold is None else trigger.threshold
    elif trigger.threshold is not None:
        raise Invalid(_("Only a scroll trigger has a threshold."), field="threshold")
    if trigger.repeat == Trigger.Repeat.HOURS:
        if trigger.repeat_hours is None:
            raise Invalid(_("Say after how many hours it may come again."), field="repeat_hours")
    elif trigger.repeat_hours is not None:
        raise Invalid(_("Hours go with “again after some hours” alone."), field="repeat_hours")
