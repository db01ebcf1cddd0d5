"""Forms of the inbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.models import Presence

from ..models import Visitor

THEMES = [("system", _("Like the system")), ("light", _("Light")), ("dark", _("Dark"))]


class VisitorForm(forms.ModelForm):
    """What an agent may correct about a visitor. Only read: ``services.visitors.update`` writes."""

    class Meta:
        model = Visitor
        fields = ["name", "email", "phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "visitor-%s", **kwargs})
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input bare", "placeholder": _("Add"), "autocomplete": "off"}


class PresenceForm(forms.Form):
    """What the agent says of themselves."""

    status = forms.ChoiceField(choices=Presence.choices)
    message = forms.CharField(max_length=200, required=False)


class PreferencesForm(forms.Form):
    """How the inbox looks and speaks to this person; what is not sent stays as it is."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=THEMES, required=False)
