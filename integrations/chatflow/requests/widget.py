"""The widget: what of it shall change."""

from __future__ import annotations

from typing import Any

from ...rest.fields import Fields

# The contract's names of what can be set, by ours of the widget's columns.
WIDGET_FIELDS = {
    "primary_color": "color",
    "shape": "shape",
    "position": "position",
    "button_text": "button_text",
    "welcome_message": "welcome_message",
    "offline_message": "offline_message",
    "domains": "domains",
}
BRANDING_FIELDS = {"show_powered_by": "show_powered_by", "logo_url": "logo_url"}
NAMES = WIDGET_FIELDS | {ours: f"branding.{theirs}" for ours, theirs in BRANDING_FIELDS.items()}
DOMAINS_LIMIT = 50
_LONGEST = {"primary_color": 7, "shape": 8, "position": 12, "button_text": 40}
_LONGEST_MESSAGE = 500


def parse_widget(data: object) -> dict[str, Any]:
    """Read what of the widget shall change, by our names. Raises Malformed; an unknown field is named."""
    body = Fields(data)
    body.only(*WIDGET_FIELDS.values(), "branding")
    branding = body.object("branding")
    branding.only(*BRANDING_FIELDS.values())
    found: dict[str, Any] = {}
    for ours, theirs in WIDGET_FIELDS.items():
        if ours == "domains" and body.has(theirs):
            found[ours] = list(body.texts(theirs, DOMAINS_LIMIT, 300) or ())
        elif body.has(theirs):
            found[ours] = body.text(theirs, _LONGEST.get(ours, _LONGEST_MESSAGE))
    if branding.has("show_powered_by"):
        found["show_powered_by"] = branding.flag("show_powered_by")
    if "logo_url" in branding.data:
        found["logo_url"] = branding.line("logo_url", 2000)
    body.check()
    return found
