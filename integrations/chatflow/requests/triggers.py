"""The Automation API: triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from widget.models import Trigger
from widget.models.triggers import LONGEST_DELAY, MOST_HOURS

from ...rest.fields import Fields

TRIGGER_FIELDS = ("name", "condition", "delay_seconds", "message", "active", "url_pattern")
TRIGGER_ADDITIONS = ("threshold", "messages", "repeat", "repeat_hours", "widget_id")


@dataclass(frozen=True)
class TriggerRequest:
    """A trigger, or what of one shall change: ``fields`` are those of ``widget.services.triggers``."""

    fields: dict[str, Any]
    widget_id: str
    any_widget: bool


def parse_trigger(data: object, *, complete: bool) -> TriggerRequest:
    """Read a trigger; ``complete`` for a new one. Raises Malformed; an unknown field is named."""
    body = Fields(data)
    body.only(*TRIGGER_FIELDS, *TRIGGER_ADDITIONS)
    found: dict[str, Any] = {}
    for name, longest in (("name", 120), ("message", 500)):
        if complete or name in body.data:
            found[name] = body.text(name, longest, required=True)
    if complete or "condition" in body.data:
        found["condition"] = body.choice("condition", Trigger.Condition.values, required=True)
    if body.has("repeat"):
        found["repeat"] = body.choice("repeat", Trigger.Repeat.values)
    if body.has("delay_seconds"):
        found["delay_seconds"] = body.integer("delay_seconds", 0, LONGEST_DELAY)
    if body.has("threshold"):
        found["threshold"] = body.integer("threshold", 1, 100)
    if body.has("repeat_hours"):
        found["repeat_hours"] = body.integer("repeat_hours", 1, MOST_HOURS)
    if body.has("active"):
        found["active"] = body.flag("active")
    if body.has("url_pattern"):
        found["url_pattern"] = body.line("url_pattern", 500, required=True)
    if body.has("messages"):
        found["messages"] = body.json("messages")
    any_widget = "widget_id" in body.data and not body.has("widget_id")
    request = TriggerRequest(found, body.line("widget_id", 100), any_widget)
    body.check()
    return request
