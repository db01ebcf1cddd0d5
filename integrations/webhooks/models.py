"""Subscriptions and the deliveries owed to them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace
from agents.sealed import SealedField

from .signing import new_secret
from .validators import valid_address, valid_events

OWED = Q(delivered_at__isnull=True, failed_at__isnull=True)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions, always of one workspace; the relay alone looks at all of them."""

    def sendable(self, now: datetime) -> SubscriptionQuerySet:
        """Those whose endpoint may be tried now."""
        return self.filter(Q(quiet_until__isnull=True) | Q(quiet_until__lte=now), active=True, paused_at=None)


class WebhookManager(models.Manager["Subscription"]):
    """What people subscribe by themselves: webhooks, and not the lines of bots."""

    def get_queryset(self) -> SubscriptionQuerySet:
        """Leave the lines of bots out."""
        return SubscriptionQuerySet(self.model, using=self._db).filter(transport=Subscription.WEBHOOK)


class Subscription(models.Model):
    """Who wants events outside: one webhook endpoint, or one bot.

    A bot's line names a transport of ``settings.DELIVERY_TRANSPORTS``, and what it is owed goes out in order.
    """

    WEBHOOK = "webhook"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="subscriptions")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    transport = models.CharField(max_length=16, default=WEBHOOK, db_default=WEBHOOK, editable=False)
    # Of a bot on the broker: its topic.
    url = models.CharField(_("address"), max_length=2000, validators=[valid_address])
    events = models.JSONField(_("events"), default=list, validators=[valid_events])
    secret = SealedField(default=new_secret, editable=False)
    # The secret before the last rotation signs beside the new one until then.
    previous_secret = SealedField(blank=True, default="", editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Off: nothing is recorded for it. Paused, below: recorded, and held until somebody resumes it.
    active = models.BooleanField(_("active"), default=True)
    # Rounds of sending that failed since the last success; they decide how long the endpoint is left alone.
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    quiet_until = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    # When the admins were told of the pause.
    told_at = models.DateTimeField(_("told"), null=True, blank=True, editable=False)
    pause_reason = models.CharField(_("reason of the pause"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WebhookManager.from_queryset(SubscriptionQuerySet)()
    every = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url

    @property
    def in_order(self) -> bool:
        """Whether what it is owed is sent one after the other, and waits behind what failed."""
        return self.transport != self.WEBHOOK

    @property
    def state(self) -> str:
        """How it fares, in one word: ``on``, ``failing``, ``paused`` or ``off``."""
        if not self.active:
            return "off"
        if self.paused_at:
            return "paused"
        return "failing" if self.failing_since else "on"

    def secrets(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, the newest first."""
        if self.previous_secret and self.previous_secret_until and self.previous_secret_until > now:
            return [self.secret, self.previous_secret]
        return [self.secret]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries."""

    def owed(self) -> DeliveryQuerySet:
        """Neither delivered nor given up."""
        return self.filter(OWED)

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Owed, their time has come, and no relay is at them."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        return self.owed().filter(free, next_at__lte=now)


class Delivery(models.Model):
    """One event owed to one subscription. A retry is this row with a later ``next_at``, never a delayed task."""

    # Their indexes are below: each one costs the visitor's message an insert.
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries", db_index=False)
    # The `webhook-id` header: the same on every attempt.
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    event = models.CharField(_("event"), max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    # From here the hours of retrying are counted: its creation, or its last replay.
    owed_since = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    # The lease of the relay that is sending it. When it runs out unmarked, that relay is dead and another takes it.
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True)
    # Given up after the last attempt; replay sets it back.
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subscription", "next_at", "id"], condition=OWED, name="delivery_owed"),
            models.Index(fields=["subscription", "-id"], name="delivery_of_subscription"),
            models.Index(fields=["workspace", "-id"], name="delivery_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.subscription}"


class Attempt(models.Model):
    """One try of a delivery: the log that users read when their endpoint misbehaves."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    url = models.CharField(_("address"), max_length=2000, blank=True)
    # Empty when no answer came; then `error` says why.
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    # The beginning of the answer's body.
    response = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.status or self.error}"
