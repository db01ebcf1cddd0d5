"""Triggers: messages that a site shows by itself, when something happens on the page."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace

from .widgets import Widget, valid_page_pattern

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
LONGEST_MESSAGE = 500
LONGEST_DELAY = 3600
MOST_HOURS = 24 * 365


def valid_messages(messages: object) -> None:
    """Raise ValidationError unless this is ``{language: text}`` of languages that the widget speaks."""
    if not isinstance(messages, dict) or not set(messages) <= LANGUAGES:
        raise ValidationError(_("Write one text for each of the languages en, vi and uz."))
    for text in messages.values():
        if not isinstance(text, str) or not text.strip() or "\x00" in text:
            raise ValidationError(_("Write something."))
        if len(text) > LONGEST_MESSAGE:
            raise ValidationError(_("The text is too long."))


class Trigger(models.Model):
    """A proactive message and its condition. ``url_pattern`` is a glob: see ``widget.globs``."""

    class Condition(models.TextChoices):
        PAGE_LOAD = "page_load", _("The page has loaded")
        EXIT_INTENT = "exit_intent", _("The visitor is about to leave")
        TIME_ON_PAGE = "time_on_page", _("Some time was spent on the page")
        SCROLL = "scroll", _("The page was scrolled so far")
        IDLE = "idle", _("The visitor does nothing for a while")
        RETURNING_VISITOR = "returning_visitor", _("The visitor was here before")

    class Repeat(models.TextChoices):
        VISITOR = "visitor", _("Once per visitor")
        SESSION = "session", _("Once per visit")
        HOURS = "hours", _("Again after some hours")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="triggers")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    condition = models.CharField(_("condition"), max_length=20, choices=Condition.choices)
    # Time on page and idle: how long that is. The others: how long after it happened the message comes.
    delay_seconds = models.PositiveIntegerField(
        _("delay, seconds"), default=0, validators=[MaxValueValidator(LONGEST_DELAY)]
    )
    # Scroll alone: per cent of the page.
    threshold = models.PositiveSmallIntegerField(
        _("how far, per cent"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    url_pattern = models.CharField(_("pages"), max_length=500, default="*", validators=[valid_page_pattern])
    message = models.CharField(_("message"), max_length=LONGEST_MESSAGE)
    # {"vi": "..."}: instead of ``message`` for visitors whose widget speaks that language.
    messages = models.JSONField(_("in other languages"), default=dict, blank=True, validators=[valid_messages])
    active = models.BooleanField(_("active"), default=True)
    repeat = models.CharField(_("how often"), max_length=8, choices=Repeat.choices, default=Repeat.VISITOR)
    repeat_hours = models.PositiveSmallIntegerField(
        _("again after, hours"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)]
    )
    # None: every widget of the workspace.
    widget = models.ForeignKey(
        Widget, models.CASCADE, null=True, blank=True, related_name="triggers", verbose_name=_("widget")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(condition="scroll", threshold__isnull=False)
                | (~Q(condition="scroll") & Q(threshold__isnull=True)),
                name="trigger_threshold_of_scroll",
            ),
            models.CheckConstraint(
                condition=Q(repeat="hours", repeat_hours__isnull=False)
                | (~Q(repeat="hours") & Q(repeat_hours__isnull=True)),
                name="trigger_hours_when_repeated",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "id"], condition=Q(active=True), name="trigger_active")]

    def __str__(self) -> str:
        return self.name

    def text(self, language: str) -> str:
        """Return the message for a visitor whose widget speaks this language."""
        return self.messages.get(language) or self.message
