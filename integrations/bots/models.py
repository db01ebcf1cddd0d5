"""Bots: each is an agent of its workspace, reached over the broker or over signed HTTP."""

import secrets

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Workspace
from agents.sealed import SealedField
from widget.models import Widget

from ..webhooks.models import Subscription

TOPIC_PREFIX = "support_chatbot_"


def _client_id() -> str:
    return secrets.token_hex(16)


def new_client_secret() -> str:
    """Return a fresh client secret."""
    return secrets.token_urlsafe(32)


class Bot(models.Model):
    """A program that answers chats, as an agent without a login (contracts/chatbot-sync.md)."""

    class Transport(models.TextChoices):
        BROKER = "broker", _("Broker topic")
        HTTP = "http", _("Signed HTTP")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="bots")
    agent = models.OneToOneField(Agent, models.CASCADE, related_name="bot")
    # The topic is shared by the whole broker, so the name is unique across workspaces.
    name = models.SlugField(_("name"), max_length=100, unique=True)
    transport = models.CharField(_("transport"), max_length=8, choices=Transport.choices, default=Transport.BROKER)
    url = models.URLField(_("address"), max_length=500, blank=True)
    client_id = models.CharField(_("client id"), max_length=64, unique=True, default=_client_id, editable=False)
    client_secret = SealedField(default=new_client_secret, editable=False)
    # Whether it is given new chats: those of its widgets, else of its departments, else of no department.
    greets = models.BooleanField(
        _("greets first"),
        default=True,
        help_text=_("It gets new chats: of its widgets and departments; without any, those of no department."),
    )
    widgets = models.ManyToManyField(Widget, verbose_name=_("widgets"), related_name="+", blank=True)
    deadline_seconds = models.PositiveSmallIntegerField(
        _("deadline, seconds"),
        default=30,
        validators=[MinValueValidator(1)],
        help_text=_("A bot that is silent for longer hands the chat over to the queue."),
    )
    # What it is owed, in the one outbox of all integrations; made at first need.
    line = models.OneToOneField(
        Subscription, models.SET_NULL, null=True, blank=True, editable=False, related_name="bot"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("bot")
        verbose_name_plural = _("bots")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        """The broker topic on which both sides speak."""
        return TOPIC_PREFIX + self.name
