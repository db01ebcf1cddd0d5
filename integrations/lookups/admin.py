"""Commands and their cards in Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import LinesField, OneWorkspaceForm
from chat.models import ActionCard, Command

from . import addresses, headers


class CommandForm(OneWorkspaceForm):
    """Headers are written and never shown again."""

    shown = LinesField(
        label=_("Fields shown"),
        help_text=_("Of the answer, one a line: status, or status = Delivery. Empty: the first twenty."),
    )
    new_headers = forms.CharField(
        label=_("Request headers"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "One a line: Authorization: Bearer … Stored encrypted and never shown again; empty leaves them as they are."
        ),
    )
    forget_headers = forms.BooleanField(
        label=_("Forget the request headers"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Command
        fields = ["workspace", "name", "title", "active", "url", "method", "shown"]

    def clean_url(self) -> str:
        """Refuse what would be refused at the connection, early."""
        url: str = self.cleaned_data["url"].strip()
        if url:
            addresses.valid_template(url)
        return url

    def clean_new_headers(self) -> str:
        """Refuse what is no header."""
        text: str = self.cleaned_data["new_headers"]
        headers.parse(text)
        return text.strip()

    def save(self, commit: bool = True) -> Any:
        """Keep the headers unless there are new ones."""
        data = self.cleaned_data
        if data.get("new_headers") or data.get("forget_headers"):
            self.instance.headers = data.get("new_headers") or ""
        return super().save(commit)


@admin.register(Command)
class CommandPage(WorkspaceAdmin):
    """What messages may name in their metadata, and where its value is looked up."""

    form = CommandForm
    may_add = may_change = may_delete = True
    list_display = ["title", "name", "workspace", "active", "looked_up"]
    list_filter = ["active"]
    list_select_related = ["workspace"]
    search_fields = ["name", "title"]
    ordering = ["name", "pk"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["has_headers"]

    @display(boolean=True, description=_("lookup"))
    def looked_up(self, command: Command) -> bool:
        """Whether its values are looked up."""
        return bool(command.url)

    @display(boolean=True, description=_("has request headers"))
    def has_headers(self, command: Command) -> bool:
        """Whether there are any; which, nobody is told."""
        return bool(command.headers)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Offer to forget headers where there may be some."""
        shown = [*CommandForm.Meta.fields[:-1], "new_headers"]
        return [*shown, *(["has_headers", "forget_headers"] if obj else []), "shown"]


@admin.register(ActionCard)
class ActionCardPage(WorkspaceAdmin):
    """The card of every message that named a command, and what came of its lookup."""

    list_display = ["title", "message", "workspace", "state", "problem", "attempts", "created_at"]
    list_filter = ["state", "problem"]
    list_select_related = ["workspace", "message__chat"]
    search_fields = ["message__chat__ticket_no__exact"]
    search_help_text = _("Ticket number")
    ordering = ["-id"]
    fields = ["workspace", "message", "command", "title", "state", "problem", "answer", "attempts", "created_at"]
