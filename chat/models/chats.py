"""Chats: one session of a conversation each, with the summary that lists read instead of counting messages."""

from __future__ import annotations

from datetime import datetime
from zlib import crc32

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Department, Workspace

from .visitors import Visitor


class Status(models.TextChoices):
    """Where a chat stands."""

    WAITING = "waiting", _("Waiting")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")


class Priority(models.IntegerChoices):
    """Who is served first. The order of the numbers is the order of the queue."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class Channel(models.TextChoices):
    """Where the visitor writes from."""

    WEBSITE = "website", _("Website")
    FACEBOOK = "facebook", "Facebook"
    ZALO = "zalo", "Zalo"


def not_parked(now: datetime | None = None) -> Q:
    """Match chats that wait for no opening, or for one that has come."""
    return Q(parked_until__isnull=True) | Q(parked_until__lte=now or timezone.now())


def open_states(now: datetime | None = None) -> dict[str, Q]:
    """Return how an open chat can stand: ``waiting`` in the queue, ``parked`` until the team opens, or ``active``.

    Whoever tells how many there are of each counts by these: the inbox, the reports, the monitoring.
    """
    now = now or timezone.now()
    return {
        "waiting": Q(status=Status.WAITING) & not_parked(now),
        "parked": Q(parked_until__gt=now),
        "active": Q(status=Status.ACTIVE),
    }


class ChatQuerySet(models.QuerySet["Chat"]):
    """Chats, always of one workspace."""

    def of(self, workspace: Workspace | int) -> ChatQuerySet:
        """Those of this workspace: where every query starts."""
        return self.filter(workspace=workspace)

    def open(self) -> ChatQuerySet:
        """Waiting and active ones."""
        return self.exclude(status=Status.CLOSED)

    def waiting(self) -> ChatQuerySet:
        """The queue and who is parked for opening hours, the next one served first."""
        return self.filter(status=Status.WAITING).order_by("-priority", "queued_at", "id")

    def queued(self, now: datetime | None = None) -> ChatQuerySet:
        """The queue alone: whom routing may give to an agent now."""
        return self.waiting().filter(not_parked(now))


class Chat(models.Model):
    """One session of a conversation. Only ``chat.services`` changes it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="chats")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    ticket_no = models.PositiveBigIntegerField(_("ticket number"), editable=False)
    conversation_uid = models.UUIDField(default=new_uid, db_index=True, editable=False)
    previous = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="next")
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="chats")
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices, default=Channel.WEBSITE)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True, related_name="chats")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="chats")
    # Whom the queue tries first: the agent of the previous chat, or the one who was gone too long.
    preferred_agent = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.WAITING)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.MEDIUM)
    required_skills = models.JSONField(_("required skills"), default=list, blank=True)
    # Where it began: {"url", "title", "referrer"}; and by which widget.
    source = models.JSONField(default=dict, blank=True)
    widget_uid = models.UUIDField(null=True, blank=True, editable=False)
    # The page of its widget that it began on, as the reports tell pages apart: "" is all the others.
    page = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    # The proactive message that the visitor answered, by its name then: it may be changed or deleted since.
    trigger_uid = models.UUIDField(null=True, blank=True, editable=False)
    trigger_name = models.CharField(_("trigger"), max_length=120, blank=True, editable=False)
    custom_fields = models.JSONField(_("custom fields"), default=dict, blank=True)
    # One text about the chat, the team's own: anybody of it may rewrite it. Notes in the timeline are messages.
    notes = models.TextField(_("notes"), blank=True)
    # Chosen by the client, so that a start whose answer was lost can be sent again.
    start_key = models.CharField(max_length=100, null=True, blank=True, editable=False)

    # The summary: kept by services.messages under this row's lock.
    last_seq = models.PositiveIntegerField(default=0, editable=False)
    last_public_seq = models.PositiveIntegerField(default=0, editable=False)
    message_count = models.PositiveIntegerField(default=0, editable=False)
    last_message_at = models.DateTimeField(default=timezone.now, editable=False)
    last_message_text = models.CharField(max_length=160, blank=True, editable=False)
    last_message_by = models.CharField(max_length=8, blank=True, editable=False)
    unread_by_team = models.PositiveIntegerField(default=0, editable=False)
    unread_by_visitor = models.PositiveIntegerField(default=0, editable=False)
    read_by_team_seq = models.PositiveIntegerField(default=0, editable=False)
    read_by_visitor_seq = models.PositiveIntegerField(default=0, editable=False)
    delivered_to_team_seq = models.PositiveIntegerField(default=0, editable=False)
    delivered_to_visitor_seq = models.PositiveIntegerField(default=0, editable=False)

    # Times that the metrics of DESIGN.md section 5 are made of.
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of a parked chat: when it will be in the queue, so that it stands there as if it had come at opening.
    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    # Begun outside opening hours: until then nobody is given it, but anybody may take it.
    parked_until = models.DateTimeField(_("waits for opening"), null=True, editable=False)
    # When the last parking ended, or will: the wait for the first person does not begin before. None: never parked.
    unparked_at = models.DateTimeField(null=True, editable=False)
    first_assigned_at = models.DateTimeField(null=True, editable=False)
    first_response_at = models.DateTimeField(null=True, editable=False)
    # The first visitor message that no human has answered yet; and the answered turns so far.
    unanswered_since = models.DateTimeField(null=True, editable=False)
    response_turns = models.PositiveIntegerField(default=0, editable=False)
    response_seconds = models.FloatField(default=0, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    close_reason = models.CharField(max_length=200, blank=True, editable=False)
    follow_up = models.BooleanField(_("follow-up required"), default=False)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    rating_comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(null=True, editable=False)
    tags: models.ManyToManyField = models.ManyToManyField("Tag", through="ChatTag", related_name="chats")

    # Whether analytics has seen the chat as it is. Whatever its figures are made of unsets it, in the same UPDATE.
    counted = models.BooleanField(default=False, db_default=False, editable=False)

    # The last entry that the search knows (chat.indexing); below zero: all of it is to be read again.
    words_seq = models.IntegerField(default=-1, db_default=-1, editable=False)

    objects = ChatQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        ordering = ["-last_message_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "ticket_no"], name="chat_ticket_no_unique"),
            models.UniqueConstraint(
                fields=["workspace", "start_key"], condition=Q(start_key__isnull=False), name="chat_start_key_unique"
            ),
            models.UniqueConstraint(
                fields=["conversation_uid"], condition=~Q(status="closed"), name="chat_one_open_per_conversation"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", agent__isnull=True)
                | Q(status="active", agent__isnull=False)
                | Q(status="closed"),
                name="chat_active_has_agent",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="chat_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(parked_until__isnull=True) | Q(status="waiting"), name="chat_parked_waits"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="chat_rating_1_to_5"
            ),
            models.CheckConstraint(condition=Q(last_public_seq__lte=F("last_seq")), name="chat_public_seq_within"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-priority", "queued_at", "id"],
                condition=Q(status="waiting"),
                name="chat_queue",
            ),
            models.Index(
                fields=["agent", "-last_message_at", "-id"], condition=~Q(status="closed"), name="chat_open_of_agent"
            ),
            models.Index(
                fields=["workspace", "-last_message_at", "-id"], condition=~Q(status="closed"), name="chat_open"
            ),
            # Status, agent and department come after the order: whoever skips or counts reads the index alone.
            models.Index(
                fields=["workspace", "-last_message_at", "-id", "status", "agent", "department"], name="chat_recent"
            ),
            models.Index(fields=["workspace"], condition=Q(parked_until__isnull=False), name="chat_parked"),
            models.Index(
                fields=["agent", "-last_message_at", "-id", "workspace", "status", "department"], name="chat_of_agent"
            ),
            models.Index(fields=["workspace", "-updated_at"], name="chat_changed"),
            models.Index(fields=["visitor", "-id"], name="chat_of_visitor"),
            models.Index(fields=["workspace", "created_at", "id"], name="chat_began"),
            models.Index(fields=["id"], condition=Q(counted=False), name="chat_uncounted"),
            models.Index(fields=["workspace", "id"], condition=Q(words_seq__lt=F("last_seq")), name="chat_unindexed"),
            # Those that a proactive message began: of one trigger, and of any.
            models.Index(
                fields=["workspace", "trigger_uid", "-last_message_at", "-id"],
                condition=Q(trigger_uid__isnull=False),
                name="chat_of_trigger",
            ),
            models.Index(
                fields=["workspace", "-last_message_at", "-id"],
                condition=Q(trigger_uid__isnull=False),
                name="chat_triggered",
            ),
            models.Index(
                fields=["workspace", "trigger_uid", "-last_message_at", "-id"],
                condition=Q(trigger_uid__isnull=False) & ~Q(status="closed"),
                name="chat_open_of_trigger",
            ),
            # The history export, in its order, with what it is filtered by, so that no row is read for nothing.
            models.Index(
                fields=[
                    "workspace",
                    "channel",
                    "created_at",
                    "id",
                    "agent",
                    "department",
                    "first_assigned_at",
                    "trigger_uid",
                    "closed_at",
                    "widget_uid",
                ],
                condition=Q(status="closed"),
                name="chat_history",
            ),
            models.Index(
                fields=["workspace", "channel", "closed_at", "created_at", "id"],
                condition=Q(status="closed"),
                name="chat_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_no}"

    @property
    def notes_mark(self) -> int:
        """A number that is another when the notes are: who shows them, or wrote on them, learns of a change by it."""
        return crc32(self.notes.encode())

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status != Status.CLOSED

    @property
    def wait_began_at(self) -> datetime:
        """When the visitor began to wait: with the chat, or at the opening that it was parked for."""
        return max(self.created_at, self.unparked_at or self.created_at)

    def is_parked(self, now: datetime | None = None) -> bool:
        """Whether it waits for opening hours and not in the queue."""
        return self.parked_until is not None and self.parked_until > (now or timezone.now())


class Assignment(models.Model):
    """Who had a chat, from when to when: the history behind ``Chat.agent``."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="assignments")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="assignments")
    by = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("from"), default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["chat"], condition=Q(ended_at__isnull=True), name="assignment_one_running")
        ]

    def __str__(self) -> str:
        return f"{self.chat} → {self.agent}"


class TicketCounter(models.Model):
    """The last ticket number of a workspace, in a row of its own so that nothing else waits for its lock."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True, related_name="+")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.last}"


class RoutingLock(models.Model):
    """Whoever gives a chat to an agent holds this row of the workspace first: capacity is counted without races."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.workspace_id)
