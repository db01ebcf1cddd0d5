"""Suggestions: what a program would answer, for the agent to use or to dismiss. Nobody else sees them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Workspace

from .chats import Chat


class Decision(models.TextChoices):
    """What became of a suggestion."""

    USED = "used", _("Used")
    DISMISSED = "dismissed", _("Dismissed")
    REPLACED = "replaced", _("Replaced by a newer one")


class Suggestion(models.Model):
    """A draft for the agent of a chat. It counts as long as nobody answered the visitor; one at a time is open."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="suggestions")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    # The bot that wrote it.
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+")
    body = models.TextField(_("text"))
    # Titles of the saved answers behind it.
    sources = models.JSONField(_("sources"), default=list)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by"))

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["chat"], condition=Q(decision=""), name="suggestion_one_open")]

    def __str__(self) -> str:
        return self.body[:60]
