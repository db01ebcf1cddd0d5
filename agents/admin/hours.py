"""Opening hours in Django admin: a line for each day of the week, as people write it, and the different days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from ..errors import Invalid
from ..models import HoursException, OpeningHours
from ..models.hours import office_week
from ..schedule import DAYS, Different, as_text, parse_spans, parse_text
from ..services import hours
from . import scope
from .base import WorkspaceAdmin, WorkspaceInline
from .forms import OneWorkspaceForm

_EXAMPLE = "08:00–12:00, 13:00–17:00"
_STATES = {"open": "success", "closed": "default", "always": "info"}


class SpansField(forms.CharField):
    """The hours of a day as people write them; nothing: closed. Its value is a tuple of spans."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"placeholder": _("closed"), "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 120, "widget": widget} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show stored hours as a text; leave what somebody typed as they typed it."""
        return as_text(parse_spans(value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the spans. What the schedule refuses becomes the field's error."""
        try:
            return parse_text(super().clean(value) or "")
        except Invalid as error:
            raise forms.ValidationError(str(error.message)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare texts as they would be shown."""
        return (self.prepare_value(initial) or "") != (data or "").strip()


class HoursForm(OneWorkspaceForm):
    """The week, one field a day."""

    class Meta:
        model = OpeningHours
        fields = ["workspace", "enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.instance.week if self.instance.pk else office_week()
        self.initial.update(zip(DAYS, week, strict=True))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a week that never opens."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data[day] for day in DAYS):
            self.add_error(DAYS[0], _("Open at least once a week."))
        return data


for _number, _day in enumerate(DAYS):
    HoursForm.base_fields[_day] = SpansField(label=WEEKDAYS[_number])
    HoursForm.declared_fields[_day] = HoursForm.base_fields[_day]


class ExceptionForm(forms.ModelForm):
    """Days that are different; one day needs no last day."""

    last_day = forms.DateField(required=False, label=_("last day"))
    hours_then = SpansField(label=_("hours"), help_text=_("Empty: closed."))

    class Meta:
        model = HoursException
        fields = ["name", "first_day", "last_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["hours_then"] = self.instance.spans

    def clean(self) -> dict[str, Any] | None:
        """Fill in the last day; refuse one that lies before the first."""
        data = super().clean() or self.cleaned_data
        first = data.get("first_day")
        data["last_day"] = data.get("last_day") or first
        if first and data["last_day"] < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return data

    def different(self) -> Different:
        """Return what was filled in, for the service."""
        data = self.cleaned_data
        return Different(data["first_day"], data["last_day"], data["hours_then"], data["name"])


class ExceptionLines(WorkspaceInline):
    """Holidays and other different days, below the week."""

    model = HoursException
    form = ExceptionForm
    workspace_path = "hours__workspace"
    fields = ["name", "first_day", "last_day", "hours_then"]
    max_num = hours.MOST_EXCEPTIONS
    may_add = may_change = may_delete = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Give the date fields the admin's widgets, the one that the form declares too."""
        formset = super().get_formset(request, obj, **kwargs)
        fields = formset.form.base_fields
        fields["last_day"].widget = fields["first_day"].widget
        return formset


@admin.register(OpeningHours)
class OpeningHoursPage(WorkspaceAdmin):
    """When a team is there. Changed through the service."""

    form = HoursForm
    may_add = may_change = True
    list_display = ["name", "shown_state", "shown_opening", "updated_at"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["zone"]
    inlines = [ExceptionLines]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Fetch the different days of all rows at once."""
        return super().get_queryset(request).prefetch_related("exceptions")

    @display(description=_("workspace"), ordering="workspace__name")
    def name(self, row: OpeningHours) -> str:
        """Whose hours these are."""
        return row.workspace.name

    @display(description=_("now"), label=_STATES)
    def shown_state(self, row: OpeningHours) -> tuple[str, Any]:
        """Open or closed at this moment."""
        if not row.enabled:
            return "always", _("always open")
        is_open = hours.kept_by(row.workspace, row).is_open(timezone.now())
        return ("open", _("open")) if is_open else ("closed", _("closed"))

    @display(description=_("opens next"))
    def shown_opening(self, row: OpeningHours) -> Any:
        """When it opens, if it is closed."""
        now = timezone.now()
        opening = hours.kept_by(row.workspace, row).next_opening(now) if row.enabled else None
        return opening if opening and opening > now else None

    @display(description=_("time zone"))
    def zone(self, row: OpeningHours) -> str:
        """Where these hours are counted; changed on the workspace's page."""
        return row.workspace.timezone if row.workspace_id else ""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The week below the switch; the time zone once the workspace is known."""
        example = _("From and until, like %(example)s. Leave a day empty when you are closed.") % {"example": _EXAMPLE}
        first = ["workspace", "enabled", *(["zone"] if obj else [])]
        return [(None, {"fields": first}), (_("Week"), {"fields": list(DAYS), "description": example})]

    def save_model(self, request: HttpRequest, obj: OpeningHours, form: Any, change: bool) -> None:
        """Go through the service."""
        week = {day: [span.stored() for span in form.cleaned_data[day]] for day in DAYS}
        by = scope.acting(request, obj.workspace_id)
        saved = hours.set_week(obj.workspace, week, enabled=form.cleaned_data["enabled"], by=by)
        obj.pk, obj.week = saved.pk, saved.week

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Replace the different days through the service; the formset only tells the history what changed."""
        formset.save(commit=False)
        kept = [f for f in formset.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        workspace = form.instance.workspace
        by = scope.acting(request, workspace.pk)
        hours.set_exceptions(workspace, [one.different() for one in kept], by=by)


@admin.register(HoursException)
class HoursExceptionPage(WorkspaceAdmin):
    """The different days of all workspaces. Changed on the page of their hours."""

    workspace_path = "hours__workspace"
    list_display = ["name", "hours", "first_day", "last_day", "shown_hours"]
    list_select_related = ["hours__workspace"]
    search_fields = ["name", "hours__workspace__name"]
    date_hierarchy = "first_day"
    fields = ["hours", "name", "first_day", "last_day", "shown_hours"]
    readonly_fields = ["shown_hours"]

    @display(description=_("hours"))
    def shown_hours(self, row: HoursException) -> Any:
        """The hours of these days."""
        return as_text(parse_spans(row.spans)) or _("closed")
