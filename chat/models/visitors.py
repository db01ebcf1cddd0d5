"""Visitors: the customers, known or anonymous."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace


class Visitor(models.Model):
    """One customer of one workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="visitors")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    # The site's own id for this customer (`customerId`); proved by an identity token or a secret key.
    external_id = models.CharField(_("customer id"), max_length=200, blank=True)
    # What the page claims without proof: shown to agents as unverified, opens no history.
    claimed_id = models.CharField(_("claimed customer id"), max_length=200, blank=True)
    verified = models.BooleanField(_("verified"), default=False)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=200, blank=True)
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    birthdate = models.DateField(_("birthdate"), null=True, blank=True)
    custom_fields = models.JSONField(_("custom fields"), default=dict, blank=True)
    # Where they are now: {"url", "title", "referrer"}.
    page = models.JSONField(default=dict, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"], condition=~Q(external_id=""), name="visitor_external_id_unique"
            )
        ]
        indexes = [models.Index(fields=["workspace", "email"], name="visitor_by_email")]

    def __str__(self) -> str:
        # As the inbox calls them.
        return self.name or self.email or gettext("Visitor %(number)s") % {"number": self.uid.hex[-4:]}

    def online(self, now: datetime | None = None) -> bool:
        """Whether a socket or a recent request shows that the visitor is there."""
        return self.lease_until is not None and self.lease_until > (now or timezone.now())
