"""The Webhooks API, and what users need beside it: secrets, tests, the log, replay."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from ...webhooks import log, services
from ...webhooks.models import Subscription
from .. import mapping
from ..finding import find_delivery, find_webhook
from ..requests.webhooks import parse_log, parse_replay, parse_rotation, parse_webhook
from .base import ChatFlowView


class WebhookView(ChatFlowView):
    """Webhooks are the business of admins and of secret keys."""

    scope = "webhooks:manage"
    roles = dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), "administers")

    def webhook(self, webhook_id: str) -> Subscription:
        """Return the webhook. Raises WebhookNotFound."""
        return find_webhook(self.workspace, webhook_id)


class Webhooks(WebhookView):
    """``GET`` and ``POST /webhooks``."""

    def get(self, request: Request) -> Response:
        """Answer all of them, the oldest first."""
        return Response({"data": [mapping.webhook(row) for row in self.workspace.subscriptions.order_by("id")]})

    def post(self, request: Request) -> Response:
        """Create one; its secret is in this answer, whole, and in no other."""
        wanted = parse_webhook(request.data, complete=True)
        made = services.create(
            self.workspace,
            url=wanted.url or "",
            events=wanted.events or (),
            secret=wanted.secret,
            active=wanted.active is not False,
        )
        return Response(mapping.webhook(made, made.secret), status=201)


class Webhook(WebhookView):
    """``GET``, ``PATCH`` and ``DELETE /webhooks/{webhook_id}``."""

    def get(self, request: Request, webhook_id: str) -> Response:
        """Answer it."""
        return Response(mapping.webhook(self.webhook(webhook_id)))

    @transaction.atomic
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change what is given; ``active: true`` also ends a pause."""
        webhook, wanted = self.webhook(webhook_id), parse_webhook(request.data, complete=False)
        services.update(webhook, url=wanted.url, events=wanted.events, active=wanted.active)
        if wanted.active and webhook.paused_at:
            services.resume(webhook)
        return Response(mapping.webhook(webhook))

    def delete(self, request: Request, webhook_id: str) -> Response:
        """Remove it with its log."""
        services.delete(self.webhook(webhook_id))
        return Response(status=204)


class RotateSecret(WebhookView):
    """``POST /webhooks/{webhook_id}/rotate-secret``."""

    def post(self, request: Request, webhook_id: str) -> Response:
        """Give it a new secret, shown here alone; the old one signs beside it for a while."""
        webhook, wanted = self.webhook(webhook_id), parse_rotation(request.data)
        secret = services.rotate(webhook, secret=wanted.secret, keep_old_for=wanted.keep_old_for)
        return Response(mapping.webhook(webhook, secret))


class Resume(WebhookView):
    """``POST /webhooks/{webhook_id}/resume``."""

    def post(self, request: Request, webhook_id: str) -> Response:
        """End a pause: what was held is sent."""
        webhook = self.webhook(webhook_id)
        services.resume(webhook)
        return Response(mapping.webhook(webhook))


class Test(WebhookView):
    """``POST /webhooks/{webhook_id}/test``."""

    def post(self, request: Request, webhook_id: str) -> Response:
        """Owe it a test event, and answer the delivery: its log tells how it went."""
        return Response(mapping.delivery(services.send_test(self.webhook(webhook_id))), status=202)


class Deliveries(WebhookView):
    """``GET /webhooks/{webhook_id}/deliveries``."""

    def get(self, request: Request, webhook_id: str) -> Response:
        """Answer a page of the log, the newest first; ``next`` is the ``after`` of the page that follows."""
        webhook, wanted = self.webhook(webhook_id), parse_log(request.query_params.dict())
        after = find_delivery(webhook, wanted.after, "after") if wanted.after else None
        rows, more = log.deliveries(webhook, state=wanted.status, event=wanted.event, after=after, limit=wanted.limit)
        last = log.last_attempts(rows)
        shown = [mapping.delivery(row, last.get(row.pk)) for row in rows]
        place = {"limit": wanted.limit, "next": shown[-1]["id"] if more else None}
        return Response({"data": shown, "pagination": place})


class Delivery(WebhookView):
    """``GET /webhooks/{webhook_id}/deliveries/{delivery_id}``."""

    def get(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Answer a delivery with its body and every attempt: what was sent and what came back."""
        row = find_delivery(self.webhook(webhook_id), delivery_id)
        tries = log.attempts(row)
        shown = mapping.delivery(row, tries[-1] if tries else None)
        return Response({**shown, "body": row.payload, "tries": [mapping.attempt(one, row) for one in tries]})


class Replay(WebhookView):
    """``POST /webhooks/{webhook_id}/deliveries/{delivery_id}/replay``."""

    def post(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Send it again, with the same id and content."""
        row = find_delivery(self.webhook(webhook_id), delivery_id)
        services.replay(row)
        row.refresh_from_db()
        return Response(mapping.delivery(row), status=202)


class ReplayRange(WebhookView):
    """``POST /webhooks/{webhook_id}/replay``."""

    def post(self, request: Request, webhook_id: str) -> Response:
        """Send everything of a time again, or what was not delivered of it; answer how many that is."""
        webhook, wanted = self.webhook(webhook_id), parse_replay(request.data, timezone.now())
        count = services.replay_range(webhook, since=wanted.since, until=wanted.until, failed_only=wanted.failed_only)
        return Response({"replayed": count}, status=202)
