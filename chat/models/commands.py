"""Commands that a workspace defines, and the cards that messages with one are shown as."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace
from agents.sealed import SealedField

from .messages import Message


class Command(models.Model):
    """What ``metadata.commandType`` of a message may name, e.g. ``order_lookup``.

    With an address, the message's value is looked up there by :mod:`integrations.lookups`, and the card shows what
    came back.
    """

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="commands")
    name = models.CharField(
        _("command type"),
        max_length=60,
        validators=[RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9_.:-]*\Z", _("Use letters, figures and _ . : - only."))],
        help_text=_("As in the metadata of messages: order_lookup."),
    )
    title = models.CharField(_("title"), max_length=80, help_text=_("What the card is called: Order."))
    active = models.BooleanField(_("active"), default=True)
    url = models.CharField(
        _("lookup address"),
        max_length=2000,
        blank=True,
        help_text=_(
            "Empty: the card shows the value alone. {value} stands for the value: https://example.com/orders/{value}."
        ),
    )
    method = models.CharField(
        _("method"),
        max_length=4,
        choices=Method.choices,
        default=Method.GET,
        help_text=_("POST sends command, value and customer as JSON."),
    )
    # Lines of `Name: value`. They hold the credentials, so they are never shown again.
    headers = SealedField(_("request headers"), blank=True, default="")
    shown = models.JSONField(_("fields shown"), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        ordering = ["workspace", "name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="command_name_unique")]

    def __str__(self) -> str:
        return self.title


OWED = Q(state="owed")


class ActionCardQuerySet(models.QuerySet["ActionCard"]):
    """Cards."""

    def due(self, now: datetime) -> ActionCardQuerySet:
        """Owed a lookup whose time has come, and no worker is at it."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        return self.filter(OWED, free, next_at__lte=now)


class ActionCard(models.Model):
    """The card of one message that named a command. A lookup that is owed is this row, so that none is lost."""

    class State(models.TextChoices):
        PLAIN = "plain", _("Without lookup")
        OWED = "owed", _("Looking up")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("Failed")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, models.CASCADE, related_name="action_card")
    command = models.ForeignKey(Command, models.SET_NULL, null=True, blank=True, related_name="+")
    # As the command was called when the message came: a timeline does not change.
    title = models.CharField(_("title"), max_length=80)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PLAIN)
    # [[label, text, number, true, false or null], …] in the order in which they are shown.
    answer = models.JSONField(_("answer"), default=list, blank=True)
    # A word of chat.inbox.cards.PROBLEMS.
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(default=timezone.now)
    # The lease of the worker that is at it; when it has run out, that worker is dead and another takes the card.
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ActionCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("action card")
        verbose_name_plural = _("action cards")
        ordering = ["-id"]
        indexes = [models.Index(fields=["command", "next_at"], condition=OWED, name="card_owed")]

    def __str__(self) -> str:
        return self.title
