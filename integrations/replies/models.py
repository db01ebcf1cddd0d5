"""Assistants, which are bots of a workspace with a provider behind them, and the turns that they owe."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Department, Workspace
from agents.sealed import SealedField
from chat.models import Chat, Message
from widget.models import Widget

from ..webhooks.validators import valid_address

INSTRUCTIONS_LIMIT = 4000


class Mode(models.TextChoices):
    """Who sends what the model wrote."""

    ANSWER = "answer", _("Answer the visitor")
    SUGGEST = "suggest", _("Suggest to the agent")


class Assistant(models.Model):
    """How a workspace's visitors are answered by a model: which one, whom it serves, where it ends.

    ``agent`` is the bot that it is in chats; it takes part while it is on and answers. ``services.keep`` writes.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="assistants")
    agent = models.OneToOneField(Agent, models.CASCADE, related_name="assistant", editable=False)
    name = models.CharField(_("name"), max_length=120, help_text=_("What visitors see beside its answers."))
    enabled = models.BooleanField(_("on"), default=False)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.SUGGEST)
    # Up to and without /chat/completions.
    base_url = models.CharField(
        _("base address"),
        max_length=500,
        validators=[valid_address],
        help_text=_("Of a provider that speaks the OpenAI-compatible chat protocol, e.g. https://api.openai.com/v1."),
    )
    model = models.CharField(_("model"), max_length=120, help_text=_("As the provider calls it."))
    secret = SealedField(blank=True, default="", editable=False)
    instructions = models.TextField(
        _("instructions"),
        blank=True,
        max_length=INSTRUCTIONS_LIMIT,
        validators=[MaxLengthValidator(INSTRUCTIONS_LIMIT)],
        help_text=_("Tone, and what it must not speak about. What it knows are your saved answers."),
    )
    widgets = models.ManyToManyField(Widget, verbose_name=_("widgets"), related_name="+", blank=True)
    departments = models.ManyToManyField(
        Department,
        verbose_name=_("departments"),
        related_name="+",
        blank=True,
        help_text=_("It serves the chats of these widgets and departments; without any, all chats."),
    )
    handover_words = models.JSONField(
        _("words that ask for a person"),
        default=list,
        blank=True,
        help_text=_("Beside the usual ones in English, Vietnamese and Uzbek. One a line."),
    )
    least_confidence = models.PositiveSmallIntegerField(
        _("least confidence, percent"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("Below it, a person takes over."),
    )
    deadline_seconds = models.PositiveSmallIntegerField(
        _("deadline, seconds"),
        default=20,
        validators=[MinValueValidator(2), MaxValueValidator(120)],
        help_text=_("An answer that takes longer is given up, and a person takes over."),
    )
    turns_per_chat = models.PositiveSmallIntegerField(
        _("most turns in a chat"), default=20, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    tokens_per_day = models.PositiveIntegerField(
        _("most tokens in 24 hours"), default=0, help_text=_("As the provider counts them. 0 means no limit.")
    )
    # How the provider fares: after a few failures in a row it is left alone for a while.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    quiet_until = models.DateTimeField(_("left alone until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("assistant")
        verbose_name_plural = _("assistants")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def answers(self) -> bool:
        """Whether it takes part in chats."""
        return self.enabled and self.mode == Mode.ANSWER

    def is_quiet(self) -> bool:
        """Whether its provider failed of late and is left alone."""
        return self.quiet_until is not None and self.quiet_until > timezone.now()


class Outcome(models.TextChoices):
    """What came of a turn."""

    ANSWERED = "answered", _("Answered")
    SUGGESTED = "suggested", _("Suggested")
    HANDED_OVER = "handed_over", _("Handed over")
    FAILED = "failed", _("Failed")
    NOTHING = "nothing", _("Nothing to do")


class Reason(models.TextChoices):
    """Why a turn ended without an answer. The codes that hand over are known to the inbox's sentences."""

    ASKED = "reply_asked", _("The visitor asked for a person")
    UNSURE = "reply_unsure", _("It was not sure of an answer")
    BUDGET = "reply_budget", _("Its budget was spent")
    FAILED = "reply_failed", _("The provider failed")
    DEADLINE = "bot_deadline", _("It did not answer in time")


class Turn(models.Model):
    """One answer that is owed to a chat, and what came of it. A chat has at most one that is not done.

    Its ``uid`` is the client id of the message that it becomes: done twice, it is said once.
    """

    assistant = models.ForeignKey(Assistant, models.CASCADE, related_name="turns", verbose_name=_("assistant"))
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="turns", verbose_name=_("chat"))
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    created_at = models.DateTimeField(_("owed since"), default=timezone.now)
    # It is about what the visitor wrote after this entry; 0: about what nobody answered yet.
    after_seq = models.PositiveIntegerField(default=0, editable=False)
    # The lease of the process that is at it, and that process's token: who lost the lease settles nothing.
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    # The chat's ``last_message_at`` when the turn read it: what came later is another turn.
    seen_at = models.DateTimeField(null=True, editable=False)
    done_at = models.DateTimeField(_("done at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    # What went wrong, for those who look after the provider.
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    # Titles of the saved answers that it was given.
    sources = models.JSONField(_("saved answers given"), default=list)
    confidence = models.PositiveSmallIntegerField(_("confidence, percent"), null=True)
    asked = models.BooleanField(_("the provider was asked"), default=False)
    tokens = models.PositiveIntegerField(_("tokens"), default=0)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+", verbose_name=_("message"))

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["chat"], condition=Q(done_at__isnull=True), name="turn_one_owed_a_chat")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="turn_owed"),
            models.Index(fields=["assistant", "created_at"], name="turn_of_assistant"),
        ]

    def __str__(self) -> str:
        return f"{self.assistant}: {self.chat}"

    @property
    def client_id(self) -> str:
        """The client id of the message that this turn becomes."""
        return f"turn:{self.uid.hex}"

    def facts(self) -> dict[str, Any]:
        """What a log line says of it."""
        return {"turn": self.uid.hex, "assistant_id": self.assistant_id, "chat_id": self.chat_id}
