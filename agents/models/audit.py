"""What was done to keys, webhooks and rights, by whom and from where. Written once, never changed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import Agent
from .workspace import Workspace


class AuditEntry(models.Model):
    """One sensitive act in a workspace."""

    # Its index is below.
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="audit_entries", db_index=False)
    at = models.DateTimeField(_("time"), auto_now_add=True)
    # Who did it: an agent, or in words whoever is none (a key, an operator of the installation).
    actor = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("actor"))
    actor_name = models.CharField(_("name of the actor"), max_length=200, blank=True)
    # A word for programs; `agents.services.audit.ACTS` has the sentences.
    act = models.CharField(_("act"), max_length=40)
    target = models.CharField(_("what it was done to"), max_length=300, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "-id"], name="audit_of_workspace")]

    def __str__(self) -> str:
        return f"{self.act}: {self.target}"
