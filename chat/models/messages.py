"""Messages: the entries of a chat's timeline."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Agent, Workspace

from .chats import Chat


class Kind(models.TextChoices):
    """What an entry is."""

    TEXT = "text", _("Text")
    FILE = "file", _("File")
    IMAGE = "image", _("Image")
    RICH = "rich", _("Rich message")
    NOTE = "note", _("Note")
    EVENT = "event", _("Event")


class AuthorKind(models.TextChoices):
    """Who wrote it. SYSTEM is the workspace itself."""

    VISITOR = "visitor", _("Visitor")
    AGENT = "agent", _("Agent")
    BOT = "bot", _("Bot")
    SYSTEM = "system", _("System")


class Message(models.Model):
    """One entry, numbered by ``seq`` from 1 with no gap. Never changed after its insert, but for its receipts."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    # No index of its own: that of (chat, seq) serves, and beside another one the planner sorts what lies in order.
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages", db_index=False)
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    seq = models.PositiveIntegerField()
    # The seq of the entry before this one that the visitor may see; 0 for the first.
    public_prev = models.PositiveIntegerField(default=0)
    # Whether the visitor may see it: notes and some events are the team's own.
    public = models.BooleanField(default=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TEXT)
    author_kind = models.CharField(_("author"), max_length=8, choices=AuthorKind.choices)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="messages")
    body = models.TextField(_("text"), blank=True)
    # Event: {"event": name, ...}. Rich: the template. Also {"metadata": {...}} as the integrator sent it.
    payload = models.JSONField(default=dict, blank=True)
    client_id = models.CharField(max_length=100, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["chat", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["chat", "seq"], name="message_seq_unique"),
            models.UniqueConstraint(
                fields=["chat", "agent", "client_id"],
                condition=Q(agent__isnull=False, client_id__isnull=False),
                name="message_client_id_of_agent",
            ),
            models.UniqueConstraint(
                fields=["chat", "author_kind", "client_id"],
                condition=Q(agent__isnull=True, client_id__isnull=False),
                name="message_client_id_of_other",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="message_seq_from_1"),
            models.CheckConstraint(
                condition=Q(author_kind__in=["agent", "bot"], agent__isnull=False)
                | Q(author_kind__in=["visitor", "system"], agent__isnull=True),
                name="message_author_matches",
            ),
            models.CheckConstraint(condition=~Q(kind="note", public=True), name="message_note_is_private"),
        ]

    def __str__(self) -> str:
        return f"{self.chat} {self.seq}"
