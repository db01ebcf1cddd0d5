"""What is asked of widgets: who may embed them, and which one a site gets."""

from __future__ import annotations

from agents.models import Workspace

from .matching import Pattern, Site, best_match, parse_pattern
from .models import Widget


def patterns_of(widget: Widget) -> list[Pattern]:
    """Return the sites of one widget. What is no host name is left out, however it came into the row."""
    return [pattern for text in widget.domains if (pattern := parse_pattern(text))]


def allowed_patterns(workspace: Workspace) -> list[Pattern]:
    """Return the sites that may embed any enabled widget of the workspace."""
    return [p for widget in workspace.widgets.filter(enabled=True) for p in patterns_of(widget)]


def is_allowed(workspace: Workspace, site: Site) -> bool:
    """Whether pages of this site may use the workspace's publishable keys."""
    return best_match(allowed_patterns(workspace), site) is not None


def widget_for(workspace: Workspace, site: Site | None) -> Widget | None:
    """Return the widget whose domains name this site most exactly; enabled ones first, then the default one.

    Without a site, the default one. None when no widget lists the site, or when there is none at all.
    """
    widgets = list(workspace.widgets.order_by("-is_default", "id"))
    candidates = widgets if site is None else [w for w in widgets if best_match(patterns_of(w), site)]
    return max(candidates, key=lambda w: _rank(w, site), default=None)


def _rank(widget: Widget, site: Site | None) -> tuple[object, ...]:
    match = best_match(patterns_of(widget), site) if site else None
    return (widget.enabled, match.weight if match else (False, 0, False), widget.is_default, -widget.pk)
