"""Forms of the inbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.models import Presence

from ..models import SavedAnswer, Visitor

THEMES = [("system", _("Like the system")), ("light", _("Light")), ("dark", _("Dark"))]


class VisitorForm(forms.ModelForm):
    """What an agent may correct about a visitor. Only read: ``services.visitors.update`` writes."""

    class Meta:
        model = Visitor
        fields = ["name", "email", "phone", "birthdate"]
        # The browser's own picker shows it in the reader's way and sends ISO 8601.
        widgets = {"birthdate": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": "1900-01-01"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "visitor-%s", **kwargs})
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input bare", "placeholder": _("Add"), "autocomplete": "off"}

    def sent(self) -> dict[str, Any]:
        """Return what was sent; a field that the page did not have stays as it is. Valid forms only."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}


class AnswerForm(forms.ModelForm):
    """A saved answer. Only read: ``services.answers.keep`` writes."""

    class Meta:
        model = SavedAnswer
        fields = ["title", "shortcut", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "dir": "auto"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def clean_shortcut(self) -> str:
        """Take it as agents type it, in lower case."""
        return str(self.cleaned_data["shortcut"]).lower()


class PresenceForm(forms.Form):
    """What the agent says of themselves."""

    status = forms.ChoiceField(choices=Presence.choices)
    message = forms.CharField(max_length=200, required=False)


class PreferencesForm(forms.Form):
    """How the inbox looks and speaks to this person; what is not sent stays as it is."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=THEMES, required=False)
