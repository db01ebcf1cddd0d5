"""The verbs of webhooks: everything that a surface (admin, REST, shell) does to subscriptions and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import encode
from agents.models import Workspace
from agents.services import audit
from chat.errors import Conflict, Invalid

from . import bell, mapping, names, signing
from .models import Delivery, DeliveryQuerySet, Subscription

# Each event is stored once for each of them, inside the transaction of the visitor's message.
MOST_SUBSCRIPTIONS = 50
# How long the old secret still signs, beside the new one.
OLD_SECRET_FOR = timedelta(hours=24)


@transaction.atomic
def create(
    workspace: Workspace, *, url: str, events: Sequence[str], secret: str | None = None, active: bool = True
) -> Subscription:
    """Subscribe an address to events from now on. Raises Invalid, with the field, for what cannot be right.

    Without ``secret`` one is made; one that is brought is stored in its standard form (``subscription.secret``).
    """
    if workspace.subscriptions.count() >= MOST_SUBSCRIPTIONS:
        raise Invalid(_("There are too many webhooks; delete one first."), code="too_many_webhooks")
    subscription = Subscription(workspace=workspace, url=url, events=_listed(events), active=active)
    if secret is not None:
        subscription.secret = _secret(secret)
    _validate(subscription)
    subscription.save(force_insert=True)
    audit.note(workspace, audit.WEBHOOK_CREATED, subscription.url)
    return subscription


@transaction.atomic
def update(
    subscription: Subscription,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    active: bool | None = None,
) -> Subscription:
    """Change what is given. A new address starts with a clean record. Raises Invalid, with the field.

    Switched off, nothing is recorded for it; what it was owed waits until it is on again.
    """
    moved = url is not None and url != subscription.url
    if url is not None:
        subscription.url = url
    if events is not None:
        subscription.events = _listed(events)
    if active is not None:
        subscription.active = active
    _validate(subscription)
    subscription.save(update_fields=["url", "events", "active", "updated_at"])
    if moved:
        _begin_anew(subscription)
    audit.note(subscription.workspace_id, audit.WEBHOOK_CHANGED, subscription.url)
    return subscription


@transaction.atomic
def delete(subscription: Subscription) -> None:
    """Remove it with its log and everything that it is owed."""
    audit.note(subscription.workspace_id, audit.WEBHOOK_DELETED, subscription.url)
    subscription.delete()


@transaction.atomic
def rotate(subscription: Subscription, *, secret: str | None = None, keep_old_for: timedelta | None = None) -> str:
    """Give it a new secret and return it. For ``keep_old_for`` (24 hours) more, both sign each delivery."""
    new = _secret(secret) if secret is not None else signing.new_secret()
    subscription.previous_secret = subscription.secret
    subscription.previous_secret_until = timezone.now() + (OLD_SECRET_FOR if keep_old_for is None else keep_old_for)
    subscription.secret = new
    subscription.save(update_fields=["secret", "previous_secret", "previous_secret_until", "updated_at"])
    audit.note(subscription.workspace_id, audit.WEBHOOK_ROTATED, subscription.url)
    return new


@transaction.atomic
def resume(subscription: Subscription) -> None:
    """End a pause: everything that it is owed is due now, and has its full time again."""
    _begin_anew(subscription)
    audit.note(subscription.workspace_id, audit.WEBHOOK_RESUMED, subscription.url)


def _begin_anew(subscription: Subscription) -> None:
    now = timezone.now()
    subscription.failures = 0
    subscription.failing_since = subscription.quiet_until = subscription.paused_at = subscription.told_at = None
    subscription.pause_reason = ""
    cleared = ["failures", "failing_since", "quiet_until", "paused_at", "told_at", "pause_reason", "updated_at"]
    subscription.save(update_fields=cleared)
    Delivery.objects.owed().filter(subscription=subscription).update(next_at=now, owed_since=now)
    transaction.on_commit(bell.ring)


def send_test(subscription: Subscription) -> Delivery:
    """Owe it a ``webhook.test`` event, whatever it subscribed to. Raises Conflict while it is off or paused."""
    if not subscription.active or subscription.paused_at:
        raise Conflict(_("This webhook is off or paused."), code="webhook_rests")
    now = timezone.now()
    data = {"webhook_id": encode("webhook", subscription.uid)}
    delivery = Delivery.objects.create(
        workspace_id=subscription.workspace_id,
        subscription=subscription,
        event=names.TEST,
        payload=mapping.envelope(names.TEST, now, data),
    )
    transaction.on_commit(bell.ring)
    return delivery


def replay(delivery: Delivery) -> None:
    """Send it again, with the same id and the same content, whether it was delivered or given up."""
    _owe_again(Delivery.objects.filter(pk=delivery.pk))


def replay_range(
    subscription: Subscription, *, since: datetime, until: datetime | None = None, failed_only: bool = False
) -> int:
    """Send everything again that happened from ``since`` to before ``until``; return how many deliveries that is.

    ``failed_only`` leaves out what was delivered.
    """
    chosen = Delivery.objects.filter(subscription=subscription, created_at__gte=since)
    if until is not None:
        chosen = chosen.filter(created_at__lt=until)
    if failed_only:
        chosen = chosen.filter(delivered_at=None)
    with transaction.atomic():
        audit.note(subscription.workspace_id, audit.WEBHOOK_REPLAYED, subscription.url)
        return _owe_again(chosen)


def _owe_again(chosen: DeliveryQuerySet) -> int:
    now = timezone.now()
    count = chosen.update(owed_since=now, next_at=now, attempts=0, delivered_at=None, failed_at=None)
    transaction.on_commit(bell.ring)
    return count


def _listed(events: Sequence[str]) -> list[str]:
    return list(events) if isinstance(events, (list, tuple, set, frozenset)) else events  # type: ignore[return-value]


def _secret(text: str) -> str:
    try:
        return signing.secret_of(text)
    except (ValueError, AttributeError):
        raise Invalid(_("A secret has at least 16 bytes; with whsec_ before it, in base64."), field="secret") from None


def _validate(subscription: Subscription) -> None:
    """Raise Invalid for the first field that is not right."""
    try:
        subscription.clean_fields(exclude=["workspace"])
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        raise Invalid(" ".join(problems[0].messages), field=field) from None
