"""How many ended chats there are, kept by the database itself: what the history's totals are read from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace


class Tally(models.Model):
    """So many more (or fewer) ended chats of one month (UTC) by what the history is filtered by.

    Triggers (``chat.tallying``) add a row of one, or minus one, in the statement that ends, reopens, changes or deletes
    a chat; settled rows are the sums of such rows. What is true is the sum of all. 0 is "none". Nothing is constrained:
    rows outlive what they count by the statement that deletes it.
    """

    workspace = models.ForeignKey(Workspace, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    channel = models.CharField(max_length=12)
    month = models.DateField()
    agent_id = models.BigIntegerField(default=0)
    department_id = models.BigIntegerField(default=0)
    met = models.BooleanField()
    proactive = models.BooleanField()
    chats = models.BigIntegerField()
    settled = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        indexes = [
            models.Index(fields=["workspace", "channel", "month"], name="tally_month"),
            models.Index(fields=["id"], condition=models.Q(settled=False), name="tally_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.channel} {self.month}: {self.chats}"
