"""What an admin learns on every page of the inbox, from its frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def paused_webhooks(request: HttpRequest) -> dict[str, Any]:
    """Give templates the number of paused webhooks; counted only where it is shown, nought to all but admins."""
    return {"paused_webhooks": SimpleLazyObject(lambda: _count(request))}


def _count(request: HttpRequest) -> int:
    seat = getattr(request, "seat", None)
    if seat is None or not seat.administers:
        return 0
    return seat.workspace.subscriptions.exclude(paused_at=None).count()
