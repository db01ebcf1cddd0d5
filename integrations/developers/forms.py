"""What the developer page asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from chat.errors import ChatError
from widget.models import valid_domains

from ..keys.models import MOST_PER_MINUTE, MOST_PER_SECOND
from ..keys.scopes import ALL, SCOPES, tidy
from ..webhooks.names import EVENTS

OVERLAPS = [
    ("24", _("For 24 hours more")),
    ("168", _("For 7 days more")),
    ("1", _("For an hour more")),
    ("0", _("No, end it now")),
]
_LIVES = [("", _("Never")), ("30", _("After 30 days")), ("90", _("After 90 days")), ("365", _("After a year"))]


class PlainForm(forms.Form):
    """Our fields carry our class, and say which of them was wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.HiddenInput):
                field.widget.attrs["class"] = "input"

    def refuse(self, error: ChatError) -> None:
        """Show what a service refused at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, str(error.message))


class OnceForm(PlainForm):
    """Makes something; sent twice, it makes it once."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=new_uid)


def _number(label: Any, most: int) -> forms.IntegerField:
    limits = [MinValueValidator(1), MaxValueValidator(most)]
    widget = forms.NumberInput(attrs={"min": 1, "max": most, "inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, validators=limits, widget=widget)


class KeyForm(PlainForm):
    """A secret key: its name, what it may do, how much of it."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Where it is used: “Website backend”."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        initial=[ALL],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one scope.")},
    )

    per_minute = _number(_("Requests a minute"), MOST_PER_MINUTE)
    per_second = _number(_("Requests a second"), MOST_PER_SECOND)

    def __init__(self, *args: Any, usual: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, number in zip(("per_minute", "per_second"), usual, strict=True):
            self.fields[name].widget.attrs["placeholder"] = number

    def clean_scopes(self) -> list[str]:
        """Keep no scope that another covers."""
        return tidy(self.cleaned_data["scopes"])


class NewKeyForm(KeyForm, OnceForm):
    """The same for a new one, which may have an end."""

    lasts = forms.ChoiceField(label=_("Ends"), choices=_LIVES, required=False)

    def expires_at(self) -> datetime | None:
        """When the key ends."""
        days = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class NewPageKeyForm(OnceForm):
    """A publishable key."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("The site where it is used."))


class RotateForm(OnceForm):
    """How long the old secret goes on."""

    overlap = forms.ChoiceField(label=_("Does the old one go on?"), choices=OVERLAPS)

    def hours(self) -> timedelta:
        """Return the overlap."""
        return timedelta(hours=int(self.cleaned_data["overlap"]))


class DomainsForm(PlainForm):
    """Where a widget may be embedded, one a line."""

    domains = forms.CharField(
        label=_("Allowed domains, one a line"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "example.com\n*.example.com", "spellcheck": "false"}),
    )

    def clean_domains(self) -> list[str]:
        """Return the host names in lower case, each once."""
        lines = [line.strip().lower() for line in self.cleaned_data["domains"].splitlines()]
        domains = list(dict.fromkeys(filter(None, lines)))
        for domain in domains:
            try:
                valid_domains([domain])
            except ValidationError as error:
                raise ValidationError(f"{domain}: {error.messages[0]}") from error
        return domains


class WebhookForm(PlainForm):
    """An address and the events that it wants."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/parley", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=[(name, name) for name in EVENTS], widget=forms.CheckboxSelectMultiple
    )
    active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)


class ReplayForm(PlainForm):
    """Which deliveries are sent again; times are the workspace's."""

    since = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=_("To"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    failed_only = forms.BooleanField(label=_("Only what was not delivered"), required=False, initial=True)
