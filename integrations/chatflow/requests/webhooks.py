"""The Webhooks API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from ...rest.fields import Fields
from ...webhooks.names import EVENTS, TEST

OLD_SECRET_HOURS = 24 * 7
LOG_LIMIT = 100
DELIVERY_STATES = ("pending", "delivered", "failed")


@dataclass(frozen=True)
class WebhookRequest:
    """A webhook, or what of one shall change; None stays as it is."""

    url: str | None
    events: Sequence[str] | None
    active: bool | None
    secret: str | None


def parse_webhook(data: object, *, complete: bool) -> WebhookRequest:
    """Read a webhook; ``complete`` for a new one, which alone may bring its secret. Raises Malformed."""
    body = Fields(data)
    body.only("url", "events", "active", *(["secret"] if complete else []))
    request = WebhookRequest(
        url=body.line("url", 2000, required=complete) if complete or body.has("url") else None,
        events=body.texts("events", 50, 100),
        active=body.flag("active") if body.has("active") else None,
        secret=body.text("secret", 200) if body.has("secret") else None,
    )
    if complete and not body.has("events"):
        body.wrong("events", _("This field is required."))
    body.check()
    return request


@dataclass(frozen=True)
class RotateRequest:
    """``POST /webhooks/{webhook_id}/rotate-secret``."""

    secret: str | None
    keep_old_for: timedelta | None


def parse_rotation(data: object) -> RotateRequest:
    """Read a rotation; an empty body will do. Raises Malformed."""
    body = Fields(data)
    body.only("secret", "keep_old_hours")
    hours = body.integer("keep_old_hours", 0, OLD_SECRET_HOURS)
    request = RotateRequest(
        secret=body.text("secret", 200) if body.has("secret") else None,
        keep_old_for=None if hours is None else timedelta(hours=hours),
    )
    body.check()
    return request


@dataclass(frozen=True)
class LogRequest:
    """``GET /webhooks/{webhook_id}/deliveries``: the newest first, ``after`` this one."""

    limit: int
    after: str
    status: str
    event: str


def parse_log(query: object) -> LogRequest:
    """Read which deliveries are asked for. Raises Malformed."""
    params = Fields(query)
    request = LogRequest(
        limit=params.digits("limit", 1, LOG_LIMIT) or 20,
        after=params.line("after", 100),
        status=params.choice("status", DELIVERY_STATES),
        event=params.choice("event", (*EVENTS, TEST)),
    )
    params.check()
    return request


@dataclass(frozen=True)
class ReplayRequest:
    """``POST /webhooks/{webhook_id}/replay``: what happened from ``since`` to before ``until``."""

    since: datetime
    until: datetime | None
    failed_only: bool


def parse_replay(data: object, now: datetime) -> ReplayRequest:
    """Read a range. Raises Malformed."""
    body = Fields(data)
    body.only("from", "to", "failed_only")
    if not body.has("from"):
        body.wrong("from", _("This field is required."))
    since, until = body.moment("from"), body.moment("to")
    if since and until and since >= until:
        body.wrong("to", _("The end lies before the beginning."))
    failed_only = body.flag("failed_only")
    body.check()
    return ReplayRequest(since or now, until, failed_only)
