"""Secret keys: act for a workspace from a server."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Key

from .scopes import ALL, valid_scopes

# What one key may be given; the counter remembers the time of each request of the last minute.
MOST_PER_MINUTE = 60_000
MOST_PER_SECOND = 1_000


def every_scope() -> list[str]:
    """What a key may do unless somebody chose."""
    return [ALL]


class SecretKey(Key):
    """Acts for its workspace, as far as its scopes go. Never leaves a server."""

    PREFIX = "sk"
    CARRIED = ("scopes", "per_minute", "per_second")
    scopes = models.JSONField(_("scopes"), default=every_scope, validators=[valid_scopes])
    # Empty: as settings.RATES says.
    per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_MINUTE)],
    )
    per_second = models.PositiveIntegerField(
        _("requests a second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_SECOND)],
    )

    class Meta(Key.Meta):
        verbose_name = _("secret key")
        verbose_name_plural = _("secret keys")
