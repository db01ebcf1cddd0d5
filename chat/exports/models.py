"""One row an export: what was asked for, who writes it at this moment, how far it is, and where the file lies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Workspace


class State(models.TextChoices):
    """Where an export stands."""

    QUEUED = "queued", _("Waits for its turn")
    RUNNING = "running", _("Being written")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("No longer kept")


class Kind(models.TextChoices):
    """The kind of file."""

    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"


UNFINISHED = (State.QUEUED, State.RUNNING)
# What the row of an export has that nobody writes.
FREE: dict[str, None] = {"claim": None, "claimed_until": None, "slot": None}


class Export(models.Model):
    """A file of ended chats, for the agent who asked for it and nobody else.

    Whoever writes it holds a claim that runs out unless it is renewed: who is killed is followed by another, who begins
    anew. ``slot`` is one of the few places for all exports of this installation; a workspace has one at a time.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="exports")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="exports")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    # As of chat.exports.asking.Wanted.
    wanted = models.JSONField(default=dict, blank=True)
    # Of the headings: that of who asked.
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    slot = models.PositiveSmallIntegerField(null=True, unique=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    # In the storage: known before anything is there, so that what a killed worker left is found.
    file = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    # Why it failed: a name of chat.exports.words.PROBLEMS.
    problem = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(state="running"), name="export_one_running_per_workspace"
            ),
            models.CheckConstraint(
                condition=Q(state="running", claim__isnull=False, claimed_until__isnull=False, slot__isnull=False)
                | (~Q(state="running") & Q(claim__isnull=True, claimed_until__isnull=True, slot__isnull=True)),
                name="export_running_is_claimed",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["queued", "running"]), name="export_unfinished"),
            models.Index(fields=["expires_at"], condition=Q(state="done"), name="export_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in UNFINISHED

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 99: all of it is another state."""
        return min(99, self.written * 100 // self.total) if self.total else 0
