"""The widget's configuration (section 5.1): what a page needs to draw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from agents.ids import encode
from agents.models import Agent, Workspace
from agents.schedule import DAYS, Different, Span, clock
from agents.services import hours
from chat.snapshots import instant
from widget.models import Trigger, Widget
from widget.queries import Offer

from .mapping import short_time

# How round the corners of static/widget/loader.js are.
PLAIN_RADIUS = 12


def configuration(offer: Offer, workspace: Workspace, *, for_team: bool = False) -> dict[str, Any]:
    """Return the configuration; beside the contract's fields, texts and limits that our own widget shows.

    On a page that the widget is not for, it is not ``enabled``. The team sees the setting itself, and on which sites
    and pages the widget is.
    """
    widget = offer.widget
    available = _available_departments(workspace)
    schedule, now = hours.schedule_of(workspace), timezone.now()
    is_open = schedule.is_open(now)
    return {
        "widgetId": encode("widget", widget.uid),
        "name": workspace.name,
        "enabled": widget.enabled if for_team else offer.shown,
        "online": is_open and bool(available),
        "appearance": {
            "position": widget.position,
            "primaryColor": widget.primary_color,
            "textColor": widget.text_colour,
            "borderRadius": widget.border_radius,
            "showAgentPhotos": widget.show_agent_photos,
            "headerText": widget.header_text,
            "shape": widget.shape,
            "buttonText": widget.button_text,
            "logoUrl": widget.logo_url,
            "showPoweredBy": widget.show_powered_by,
        },
        "behavior": {
            "autoOpen": widget.auto_open,
            "proactiveMessage": {
                "enabled": widget.proactive_enabled and bool(widget.proactive_message),
                "delay": widget.proactive_delay,
                "message": widget.proactive_message,
            },
            "welcomeMessage": widget.welcome_message,
            "offlineMessage": widget.offline_message,
            "triggers": [_trigger(trigger, get_language() or "") for trigger in offer.triggers],
        },
        "departments": [
            {"id": d.slug, "name": d.name, "available": is_open and d.pk in available}
            for d in workspace.departments.order_by("name", "id")
        ],
        "businessHours": {
            "timezone": workspace.timezone,
            "schedule": {name: _day(spans) for name, spans in zip(DAYS, schedule.usual_week(), strict=True)},
            "exceptions": [_exception(one) for one in schedule.coming(now)],
            "isOpen": is_open,
            "opensAt": None if is_open else short_time(instant(schedule.next_opening(now))),
        },
        "maxFileBytes": workspace.max_file_bytes,
        "pageView": True,
        "byPage": offer.by_page,
        "extras": offer.by_page or _is_dressed(widget),
        **({"domains": widget.domains, "pages": widget.pages} if for_team else {}),
    }


def _is_dressed(widget: Widget) -> bool:
    """Whether our widget has to load more than a plain one does, to look or speak as this one."""
    plain = widget.shape == Widget.Shape.CIRCLE and widget.border_radius == PLAIN_RADIUS
    speaks = widget.proactive_enabled and widget.proactive_message
    return not plain or bool(widget.button_text or widget.logo_url or widget.show_powered_by or speaks)


def _trigger(trigger: Trigger, language: str) -> dict[str, Any]:
    """A proactive message that applies to the page: what the widget watches for, and what it then says."""
    return {
        "id": encode("trigger", trigger.uid),
        "name": trigger.name,
        "condition": trigger.condition,
        "delay": trigger.delay_seconds,
        "threshold": trigger.threshold,
        "urlPattern": trigger.url_pattern,
        "message": trigger.text(language),
        "repeat": trigger.repeat,
        "repeatHours": trigger.repeat_hours,
    }


def _available_departments(workspace: Workspace) -> set[int | None]:
    """Return the departments where somebody can take a chat now; None stands for people in none."""
    agents = Agent.objects.available().humans().filter(workspace=workspace)
    return set(agents.values_list("memberships__department_id", flat=True))


def _day(spans: Sequence[Span]) -> dict[str, Any]:
    """A day of the schedule: from its first opening to its last closing, and ``spans`` when it closes in between."""
    if not spans:
        return {"closed": True}
    shown = [{"start": clock(span.start), "end": clock(span.end)} for span in spans]
    whole: dict[str, Any] = {"start": shown[0]["start"], "end": shown[-1]["end"]}
    return {**whole, "spans": shown} if len(shown) > 1 else whole


def _exception(one: Different) -> dict[str, Any]:
    """Days that are not as the schedule says; ``to`` belongs to them."""
    return {"from": one.first.isoformat(), "to": one.last.isoformat(), "name": one.name, **_day(one.spans)}
