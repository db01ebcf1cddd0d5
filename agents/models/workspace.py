"""Workspace: one tenant. Everything belongs to exactly one, and every query starts from it."""

import zoneinfo
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..ids import new_uid
from ..sealed import SealedField


def valid_timezone(name: str) -> None:
    """Raise ValidationError unless ``name`` is an IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Workspace(models.Model):
    """A company that uses Parley."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[valid_timezone])
    identity_secret = SealedField(
        editable=False, help_text=_("Signs the identity tokens by which a site vouches for its customers.")
    )
    # The secret before the last rotation is still believed until then.
    previous_identity_secret = SealedField(blank=True, default="", editable=False)
    previous_identity_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    max_file_bytes = models.PositiveIntegerField(_("largest file, bytes"), default=10 * 1024 * 1024)
    flashback_enabled = models.BooleanField(
        _("flashback"),
        default=True,
        help_text=_("Shows two moments of a customer's youth, drawn from the birthdate: light entertainment."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def identity_secrets(self, now: datetime) -> list[str]:
        """Return the secrets whose identity tokens are believed now, the newest first."""
        until = self.previous_identity_secret_until
        old = [self.previous_identity_secret] if until and until > now else []
        # Without a secret every token would be "signed" by the empty one.
        return [secret for secret in (self.identity_secret, *old) if secret]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The workspace's time zone: days and opening hours are counted in it."""
        return zoneinfo.ZoneInfo(self.timezone)


class Department(models.Model):
    """A group of agents ("group" in the chatbot contract)."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="departments")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=60)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="department_slug_unique")]

    def __str__(self) -> str:
        return self.name
