"""Changing how a widget looks and behaves."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.access import Actor
from chat.errors import NotAllowed, NotFound

from ..models import Widget

EDITABLE = frozenset(
    {
        "enabled", "domains", "pages", "department",
        "primary_color", "text_color", "position", "shape", "button_text", "border_radius", "logo_url",
        "show_agent_photos", "show_powered_by", "auto_open",
        "header_text", "welcome_message", "offline_message",
        "proactive_enabled", "proactive_message", "proactive_delay",
    }
)  # fmt: skip


def may_change(actor: Actor) -> bool:
    """Whether the actor may change widgets: owners and admins, and a server with a secret key."""
    return actor.kind == "workspace" or bool(actor.agent and actor.agent.administers and not actor.agent.is_bot)


def update(widget: Widget, actor: Actor, **changes: Any) -> Widget:
    """Change these fields of the widget, all or none, and return it as it is then.

    Raises NotFound (of elsewhere), NotAllowed, and Django's ValidationError with the fields that cannot be so.
    """
    assert set(changes) <= EDITABLE, set(changes) - EDITABLE
    if actor.workspace_id != widget.workspace_id:
        raise NotFound(_("There is no such widget."), field="widget")
    if not may_change(actor):
        raise NotAllowed(_("Only owners and admins change widgets."))
    with transaction.atomic():
        widget = Widget.objects.select_for_update().get(pk=widget.pk)
        for name, value in changes.items():
            setattr(widget, name, value)
        widget.full_clean(exclude={f.name for f in Widget._meta.fields} - set(changes))
        widget.save(update_fields=[*changes, "updated_at"])
    return widget
