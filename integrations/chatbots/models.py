"""What bots sent: which actions were done, so that none is done twice, and what could not be read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..bots.models import Bot


class Action(models.Model):
    """One action that a bot sent and that was answered: done, or refused with an error."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="actions")
    # Of its custom_id, of the broker's id of the message, or of its content.
    key = models.CharField(max_length=200)
    # A hash of what was asked: the same id with another content is a conflict.
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(_("action"), max_length=100)
    chat_id_sent = models.CharField(_("chat"), max_length=100, blank=True)
    error = models.CharField(_("error"), max_length=60, blank=True)
    message = models.CharField(_("message"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("bot's action")
        verbose_name_plural = _("bots' actions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["bot", "key"], name="action_once")]

    def __str__(self) -> str:
        return self.name


class SetAside(models.Model):
    """What came on a bot's topic and could not be read: the beginning of it, and why."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="set_aside")
    reason = models.CharField(_("reason"), max_length=300)
    size = models.PositiveIntegerField(_("size, bytes"))
    body = models.TextField(_("content"), blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("message set aside")
        verbose_name_plural = _("messages set aside")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reason
