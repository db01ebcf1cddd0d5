"""The widget's configuration (section 5.1): what a page needs to draw it."""

from __future__ import annotations

from typing import Any

from agents.ids import encode
from agents.models import Agent, Workspace
from widget.models import Widget

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def configuration(widget: Widget, workspace: Workspace) -> dict[str, Any]:
    """Return the configuration; beside the contract's fields, texts and limits that our own widget shows."""
    available = _available_departments(workspace)
    return {
        "widgetId": encode("widget", widget.uid),
        "name": workspace.name,
        "enabled": widget.enabled,
        "online": bool(available),
        "appearance": {
            "position": widget.position,
            "primaryColor": widget.primary_color,
            "textColor": text_colour(widget.primary_color),
            "borderRadius": widget.border_radius,
            "showAgentPhotos": widget.show_agent_photos,
            "headerText": widget.header_text,
        },
        "behavior": {
            "autoOpen": widget.auto_open,
            "proactiveMessage": {
                "enabled": bool(widget.proactive_message),
                "delay": widget.proactive_delay,
                "message": widget.proactive_message,
            },
            "welcomeMessage": widget.welcome_message,
            "offlineMessage": widget.offline_message,
        },
        "departments": [
            {"id": d.slug, "name": d.name, "available": d.pk in available}
            for d in workspace.departments.order_by("name", "id")
        ],
        "businessHours": {"timezone": workspace.timezone, "schedule": _always()},
        "maxFileBytes": workspace.max_file_bytes,
        "pageView": True,
    }


def _available_departments(workspace: Workspace) -> set[int | None]:
    """Return the departments where somebody can take a chat now; None stands for people in none."""
    agents = Agent.objects.available().humans().filter(workspace=workspace)
    return set(agents.values_list("memberships__department_id", flat=True))


def _always() -> dict[str, dict[str, str]]:
    """Every hour of every day: a workspace has no other hours."""
    return {day: {"start": "00:00", "end": "24:00"} for day in _DAYS}


def text_colour(background: str) -> str:
    """Return black or white, whichever reads better on this colour (WCAG 2 contrast)."""
    parts = [int(background[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"
