"""Who may enter, and what every page stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.inbox import contexts
from chat.inbox.seats import SeatedRequest, seated


def administering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let owners and admins in; others get a page that says so. No answer is kept by a browser: some show secrets."""

    @seated
    @wraps(view)
    def guarded(request: SeatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.seat.administers:
            response = view(request, *args, **kwargs)
        else:
            response = page(request, "refused", "", title=_("Developers"), status=403)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def page(request: SeatedRequest, template: str, tab: str, *, title: str, status: int = 200, **context: Any) -> Any:
    """Render a page in the inbox's frame; ``tab`` is the one that is marked."""
    shown = {
        **contexts.frame(request, "developers"),
        "page_title": title,
        "tabs": tabs() if request.seat.administers else [],
        "tab": tab,
        **context,
    }
    return render(request, f"developers/{template}.html", shown, status=status)


def tabs() -> list[dict[str, str]]:
    """The parts of the page."""
    return [
        {"name": "keys", "label": _("API keys"), "url": reverse("developers:home")},
        {"name": "website", "label": _("Website"), "url": reverse("developers:website")},
        {"name": "webhooks", "label": _("Webhooks"), "url": reverse("developers:webhooks")},
        {"name": "activity", "label": _("Activity"), "url": reverse("developers:activity")},
    ]


def once(request: SeatedRequest, tab: str, *, title: str, secrets: Mapping[str, str], **context: Any) -> HttpResponse:
    """Show secrets that can never be read again, in this answer alone."""
    return page(request, "once", tab, title=title, secrets=secrets.items(), **context)


def confirm(request: SeatedRequest, tab: str, *, title: str, text: str, verb: str, back: str, **more: Any) -> Any:
    """Ask before something that cannot be undone."""
    return page(request, "confirm", tab, title=title, text=text, verb=verb, back=back, **more)
