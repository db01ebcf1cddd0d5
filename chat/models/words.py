"""The words of a chat as they are searched: what was said in it, who said it, and where it stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace

from .chats import Chat


class ChatWords(models.Model):
    """A chat's document for the text index (``chat.indexing``). Made of its rows, and made anew when they change.

    ``tokens`` are separated by single spaces: folded words, and marks that begin with ``#`` for what lists are
    narrowed by. PostgreSQL's are longer by a shelf each (``chat.tokens``).
    """

    chat = models.OneToOneField(Chat, models.CASCADE, primary_key=True, related_name="words")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    ticket_no = models.PositiveBigIntegerField(_("ticket number"))
    tokens = models.TextField()

    class Meta:
        verbose_name = _("words of a chat")
        verbose_name_plural = _("words of chats")

    def __str__(self) -> str:
        return str(self.chat)
