"""Opening hours: the week as it usually is, and the days that are different."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .workspace import Workspace

_OFFICE = [["08:00", "17:00"]]


def office_week() -> list[list[list[str]]]:
    """Return what a new schedule proposes: Monday to Friday, 8 to 17."""
    return [*([_OFFICE] * 5), [], []]


class OpeningHours(models.Model):
    """When a workspace's team is there. Without a row, or with one that is switched off, it always is."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="opening_hours")
    enabled = models.BooleanField(
        _("keep opening hours"),
        default=True,
        help_text=_(
            "Outside these hours the widget says that you are away, and new chats wait until you open. "
            "Off: you are always open."
        ),
    )
    # Seven days, Monday first, each a list of ["08:00", "17:00"]: agents.schedule reads it.
    week = models.JSONField(_("week"), default=office_week, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self) -> str:
        return str(self.workspace)


class HoursException(models.Model):
    """Days that are not as the week says: a holiday, or a Saturday on which somebody works."""

    hours = models.ForeignKey(OpeningHours, models.CASCADE, related_name="exceptions")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    name = models.CharField(pgettext_lazy("of a holiday", "name"), max_length=80, blank=True)
    # As one day of the week above; empty: closed.
    spans = models.JSONField(_("hours"), default=list, blank=True, editable=False)

    class Meta:
        verbose_name = _("different day")
        verbose_name_plural = _("holidays and other different days")
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="hours_exception_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.first_day}"
