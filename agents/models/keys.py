"""Bearer keys: shown once, stored hashed. Each kind has its own prefix and table; all share this behaviour."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..ids import new_uid
from .people import Agent
from .workspace import Workspace

_TOUCH_EVERY = timedelta(minutes=1)


def digest(secret: str) -> str:
    """Return the stored form of a bearer secret. The secrets are random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def working(now: datetime | None = None) -> Q:
    """Match the keys that open something now: neither revoked nor past their end."""
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now or timezone.now()))


class Key(models.Model):
    """A named, revocable bearer key of a workspace. After a rotation the old one has an end, and works until then."""

    PREFIX: str
    # What a rotated key hands on to its successor, beside its name and its end.
    CARRIED: tuple[str, ...] = ()

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    hint = models.CharField(_("begins with"), max_length=16, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(_("works until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(cls, *, workspace: Workspace, name: str, **fields) -> tuple[Self, str]:
        """Create a key. Returns the row and the secret, which can never be read again."""
        secret = f"{cls.PREFIX}_{secrets.token_urlsafe(30)}"
        row = cls._default_manager.create(
            workspace=workspace, name=name, hint=secret[:10], secret_hash=digest(secret), **fields
        )
        return row, secret

    @classmethod
    def find(cls, secret: str) -> Self | None:
        """Return the live key with this secret, its workspace joined, or None. Notes the use once a minute."""
        row = cls._default_manager.select_related("workspace").filter(working(), secret_hash=digest(secret)).first()
        if row:
            row.touch()
        return row

    @property
    def works(self) -> bool:
        """Whether it opens something now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    def touch(self) -> None:
        """Note that the key was used, at most once a minute."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > _TOUCH_EVERY:
            type(self)._default_manager.filter(pk=self.pk).update(last_used_at=now)


class AgentToken(Key):
    """An agent's own bearer token: requests with it act as that agent."""

    PREFIX = "at"
    CARRIED = ("agent",)
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="tokens")

    class Meta(Key.Meta):
        verbose_name = _("agent token")
        verbose_name_plural = _("agent tokens")
