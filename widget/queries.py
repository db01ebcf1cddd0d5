"""What is asked of widgets: who may embed them, which one a page gets, and which triggers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from agents.ids import decode
from agents.models import Workspace
from chat.services.starting import Prompt

from . import globs
from .matching import Pattern, Site, best_match, parse_pattern
from .models import Trigger, Widget


def patterns_of(widget: Widget) -> list[Pattern]:
    """Return the sites of one widget. What is no host name is left out, however it came into the row."""
    return [pattern for text in widget.domains if (pattern := parse_pattern(text))]


def allowed_patterns(workspace: Workspace) -> list[Pattern]:
    """Return the sites that may embed any enabled widget of the workspace."""
    return [p for widget in workspace.widgets.filter(enabled=True) for p in patterns_of(widget)]


def is_allowed(workspace: Workspace, site: Site) -> bool:
    """Whether pages of this site may use the workspace's publishable keys."""
    return best_match(allowed_patterns(workspace), site) is not None


def widget_for(workspace: Workspace, site: Site | None, page: str = "") -> Widget | None:
    """Return the widget for this page: enabled, then on this page, then the most exact domain and page, the default.

    ``page`` is the page's whole address. Without a site, the default one. None when no widget lists the site, or
    when there is none at all. One whose pages do not name this one comes last.
    """
    return _best(_widgets_of(workspace, site), site, page)


def _widgets_of(workspace: Workspace, site: Site | None) -> list[Widget]:
    widgets = list(workspace.widgets.order_by("-is_default", "id"))
    return widgets if site is None else [w for w in widgets if best_match(patterns_of(w), site)]


def _best(widgets: list[Widget], site: Site | None, page: str) -> Widget | None:
    return max(widgets, key=lambda w: _rank(w, site, page), default=None)


@dataclass(frozen=True)
class Offer:
    """What a visitor of a page gets. ``by_page``: on another page of the same site it may be something else."""

    widget: Widget
    shown: bool
    triggers: list[Trigger]
    by_page: bool


def offer_for(workspace: Workspace, site: Site | None, page: str = "") -> Offer | None:
    """Return what this page gets, or None as :func:`widget_for`. Without an address: what any page may get.

    Two queries, however many widgets and triggers there are.
    """
    widgets = _widgets_of(workspace, site)
    widget = _best(widgets, site, page)
    if widget is None:
        return None
    active = list(workspace.triggers.filter(active=True).order_by("id"))
    return Offer(
        widget,
        shown=widget.enabled and (not page or _page_weight(widget, page) > 0),
        triggers=[t for t in active if _is_of(t, widget) and (not page or globs.names(t.url_pattern, page))],
        by_page=bool(active) or any(w.pages for w in widgets if w.enabled),
    )


def offer_of(widget: Widget) -> Offer:
    """Return one widget by itself, for whoever looks after it: with all its triggers, whatever the page."""
    active = list(widget.workspace.triggers.filter(active=True).order_by("id"))
    mine = [trigger for trigger in active if _is_of(trigger, widget)]
    return Offer(widget, shown=widget.enabled, triggers=mine, by_page=bool(active or widget.pages))


def _is_of(trigger: Trigger, widget: Widget) -> bool:
    return trigger.widget_id in (None, widget.pk)


def find_trigger(workspace: Workspace, uid: uuid.UUID) -> Trigger | None:
    """Return the workspace's trigger with this uid, switched off or not."""
    return workspace.triggers.select_related("widget").filter(uid=uid).first()


def find_prompt(workspace: Workspace, prompt_id: str, language: str) -> Prompt | None:
    """Return the proactive message with this id as the visitor read it, or None when there is none (any more).

    The id is a trigger's (``trigger_...``, switched off or not), or a widget's (``widget_...``) for its own message.
    """
    if uid := decode("trigger", prompt_id):
        trigger = find_trigger(workspace, uid)
        return Prompt(trigger.uid, trigger.name, trigger.text(language)) if trigger else None
    if uid := decode("widget", prompt_id):
        widget = workspace.widgets.filter(uid=uid).exclude(proactive_message="").first()
        return Prompt(widget.uid, widget.name, widget.proactive_message) if widget else None
    return None


def triggers_of(workspace: Workspace) -> QuerySet[Trigger]:
    """Return all triggers of the workspace, the oldest first, their widgets joined."""
    return workspace.triggers.select_related("widget").order_by("id")


def _rank(widget: Widget, site: Site | None, page: str) -> tuple[object, ...]:
    match = best_match(patterns_of(widget), site) if site else None
    on_page = _page_weight(widget, page)
    domain = match.weight if match else (False, 0, False)
    return (widget.enabled, on_page > 0, domain, on_page, widget.is_default, -widget.pk)


def _page_weight(widget: Widget, page: str) -> int:
    """How exactly the widget's pages name this one; 1 for a widget of every page, 0 for one of other pages."""
    if not widget.pages:
        return 1
    return globs.weight(widget.pages, page) if page else 0
