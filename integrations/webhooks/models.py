"""Subscriptions and the deliveries owed to them."""

import base64
import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace
from agents.sealed import SealedField


def new_secret() -> str:
    """Return a Standard Webhooks secret: ``whsec_`` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


class Subscription(models.Model):
    """Who wants events outside: one webhook endpoint."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="subscriptions")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    url = models.URLField(_("address"), max_length=2000)
    events = models.JSONField(_("events"), default=list)
    secret = SealedField(default=new_secret, editable=False)
    active = models.BooleanField(_("active"), default=True)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event owed to one subscription. A retry is this row with a later ``next_at``, never a delayed task."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    # The `webhook-id` header: the same on every attempt.
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    event = models.CharField(_("event"), max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now, null=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    # Given up after the last attempt; replay sets it back.
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(delivered_at__isnull=True, failed_at__isnull=True),
                name="delivery_owed",
            ),
            models.Index(fields=["subscription", "-id"], name="delivery_of_subscription"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.subscription}"


class Attempt(models.Model):
    """One try of a delivery: the log that users read when their endpoint misbehaves."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    response = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.status or self.error}"
