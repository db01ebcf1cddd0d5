"""Secret keys in Django admin: made here, shown once."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from agents.admin.forms import OneWorkspaceForm
from agents.admin.keys import KeyPage

from .models import SecretKey
from .scopes import ALL, choices, tidy


class SecretKeyForm(OneWorkspaceForm):
    """A key and what it may do."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=choices, initial=[ALL], widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = SecretKey
        fields = ["workspace", "name", "scopes", "per_minute", "per_second"]

    def clean_scopes(self) -> list[str]:
        """Keep no scope that another covers."""
        return tidy(self.cleaned_data["scopes"])


@admin.register(SecretKey)
class SecretKeyPage(KeyPage):
    """Acts for its workspace from a server."""

    form = SecretKeyForm
    also = changeable = ("scopes", "per_minute", "per_second")
