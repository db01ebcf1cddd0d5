"""Settings of a widget (section 5.2): the body is the configuration of 5.1, or any part of it.

A client may send back what it has read. What is not a setting of the widget must then be as it is; what depends on the
moment or the page (``online``, ``available``, ``triggers``) is not looked at; and a name that the configuration does
not have is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from widget import colours
from widget.models import Widget

from ..rest.fields import Fields, Malformed
from .week import Week, parse_week

Reading = Callable[[Fields, str], Any]
_DOMAINS, _PAGES, _LONGEST_DELAY = 50, 50, 3600


def _text(longest: int) -> Reading:
    return lambda fields, name: fields.text(name, longest)


def _line(longest: int) -> Reading:
    return lambda fields, name: fields.line(name, longest)


def _choice(words: list[str]) -> Reading:
    return lambda fields, name: fields.choice(name, words)


def _texts(most: int) -> Reading:
    return lambda fields, name: fields.texts(name, most, 500)


def _number(highest: int) -> Reading:
    return lambda fields, name: fields.integer(name, 0, highest)


# Below which name, what: the contract's name, the widget's column, how it is read.
_SETTINGS: dict[str, dict[str, tuple[str, Reading]]] = {
    "": {
        "enabled": ("enabled", Fields.flag),
        "domains": ("domains", _texts(_DOMAINS)),
        "pages": ("pages", _texts(_PAGES)),
    },
    "appearance": {
        "position": ("position", _choice(Widget.Position.values)),
        "shape": ("shape", _choice(Widget.Shape.values)),
        "buttonText": ("button_text", _line(40)),
        "logoUrl": ("logo_url", _line(2000)),
        "showPoweredBy": ("show_powered_by", Fields.flag),
        "primaryColor": ("primary_color", _text(7)),
        "textColor": ("text_color", _text(7)),
        "borderRadius": ("border_radius", _number(32)),
        "showAgentPhotos": ("show_agent_photos", Fields.flag),
        "headerText": ("header_text", _line(80)),
    },
    "behavior": {
        "autoOpen": ("auto_open", Fields.flag),
        "welcomeMessage": ("welcome_message", _text(500)),
        "offlineMessage": ("offline_message", _text(500)),
    },
    "behavior.proactiveMessage": {
        "enabled": ("proactive_enabled", Fields.flag),
        "delay": ("proactive_delay", _number(_LONGEST_DELAY)),
        "message": ("proactive_message", _text(500)),
    },
}
_GROUPS = {"": ("appearance", "behavior"), "behavior": ("proactiveMessage",)}
# What has a reader of its own.
_APART = {"": ("businessHours",)}
# What the configuration shows beside the settings: changed elsewhere, or by nobody.
_MOMENTARY = {"": ("online", "byPage", "extras"), "behavior": ("triggers",), "departments": ("available",)}
_PATHS = {
    column: f"{group}.{name}".lstrip(".") for group, table in _SETTINGS.items() for name, (column, _r) in table.items()
}


@dataclass(frozen=True)
class Changes:
    """What a body asks for: the widget's columns, and the workspace's week if that changes."""

    columns: dict[str, Any]
    week: Week | None


def parse_settings(data: object, widget: Widget, shown: dict[str, Any]) -> Changes:
    """Return the changes; ``shown`` is the present configuration. Raises Malformed."""
    body = Fields(data)
    columns = _read(body, "", shown)
    hours = body.object("businessHours") if body.has("businessHours") else None
    week = parse_week(hours, shown["businessHours"]) if hours else None
    if not body.errors:
        _agree(body, columns, widget)
    body.check()
    return Changes(columns, week)


def refused(error: ValidationError) -> Malformed:
    """Return the widget's own refusal under the contract's names."""
    return Malformed.named(error, _PATHS)


def _read(fields: Fields, group: str, shown: dict[str, Any]) -> dict[str, Any]:
    table, groups = _SETTINGS[group], _GROUPS.get(group, ())
    elsewhere = (*_MOMENTARY.get(group, ()), *_APART.get(group, ()))
    fixed = [name for name in shown if name not in (*table, *groups, *elsewhere)]
    fields.only(*table, *groups, *fixed, *elsewhere)
    for name in fixed:
        if fields.has(name) and _lasting(name, fields.data[name]) != _lasting(name, shown[name]):
            fields.wrong(name, _("This cannot be changed here."))
    changes = {column: read(fields, name) for name, (column, read) in table.items() if fields.has(name)}
    for name in groups:
        if fields.has(name):
            changes |= _read(fields.object(name), f"{group}.{name}".lstrip("."), shown[name])
    return changes


def _lasting(name: str, value: Any) -> Any:
    """The value without what depends on the moment."""
    momentary = _MOMENTARY.get(name)
    if not momentary or not isinstance(value, list):
        return value
    return [{k: v for k, v in row.items() if k not in momentary} if isinstance(row, dict) else row for row in value]


def _agree(body: Fields, changes: dict[str, Any], widget: Widget) -> None:
    """What hangs together: a text colour that is the computed one stays computed; who speaks first says something."""
    primary = changes.get("primary_color", widget.primary_color)
    if changes.get("text_color", "").lower() == _computed(primary):
        changes["text_color"] = ""
    message = changes.get("proactive_message", widget.proactive_message)
    if changes.get("proactive_enabled") and not message.strip():
        body.wrong(_PATHS["proactive_message"], _("Write something."))


def _computed(primary: str) -> str | None:
    try:
        return colours.text_on(primary)
    except ValueError:  # no colour: the widget itself refuses it
        return None
