"""Bots: each is an agent of its workspace, reached over the broker or over signed HTTP."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Workspace
from agents.sealed import SealedField

TOPIC_PREFIX = "support_chatbot_"


def _client_id() -> str:
    return secrets.token_hex(16)


def _client_secret() -> str:
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
    client_secret = SealedField(default=_client_secret, editable=False)
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
