"""Saved answers: texts that a team says often, ready to be put into a reply."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxLengthValidator, validate_unicode_slug
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace

from ..folding import folded

TEXT_LIMIT = 5000


class SavedAnswer(models.Model):
    """A text with a title and a shortcut: agents type the shortcut after a slash, bots are grounded on the text.

    It is said as it stands: nothing in it is a command or a template.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="saved_answers")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    shortcut = models.CharField(
        _("shortcut"),
        max_length=40,
        validators=[validate_unicode_slug],
        help_text=_("What agents type after a slash: letters, numbers, hyphens."),
    )
    text = models.TextField(_("text"), max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)])
    # Title, shortcut and text as they are searched: without case, accents and marks. Kept by ``save``.
    words = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ["shortcut"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("shortcut"),
                name="saved_answer_shortcut_unique",
                violation_error_message=_("There is a saved answer with this shortcut already."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the shortcut in lower case and the words in step."""
        self.shortcut = self.shortcut.lower()
        self.words = folded(f"{self.shortcut} {self.title} {self.text}")
        super().save(*args, **kwargs)
