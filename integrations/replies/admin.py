"""Assistants in Django admin: how visitors are answered, a try of the provider, and what came of each turn."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import LinesField, OneWorkspaceForm

from . import services, trying
from .models import Assistant, Outcome, Turn

_FIELDS = [
    "workspace", "name", "enabled", "mode", "base_url", "model", "key", "instructions", "widgets", "departments",
    "handover_words", "least_confidence", "deadline_seconds", "turns_per_chat", "tokens_per_day",
]  # fmt: skip
_STATE = ["standing", "agent", "has_key", "failures", "quiet_until", "created_at"]
_TONES = {
    Outcome.ANSWERED: "success", Outcome.SUGGESTED: "success", Outcome.HANDED_OVER: "warning",
    Outcome.FAILED: "danger", Outcome.NOTHING: "default",
}  # fmt: skip
_KEY_LIMIT = 500


class AssistantForm(OneWorkspaceForm):
    """A provider and its bounds. The key goes in and never comes out."""

    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=_KEY_LIMIT,
        help_text=_("Stored encrypted and never shown. Leave it empty to keep the one that is stored."),
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    handover_words = LinesField(
        label=capfirst(Assistant._meta.get_field("handover_words").verbose_name),
        help_text=Assistant._meta.get_field("handover_words").help_text,
    )

    class Meta:
        model = Assistant
        fields = [name for name in _FIELDS if name != "key"]

    def clean_key(self) -> str:
        """Take what can be in a header."""
        key = str(self.cleaned_data["key"]).strip()
        if not re.fullmatch(r"[\x21-\x7e]*", key):
            raise forms.ValidationError(_("A key has no spaces and no letters with accents."))
        return key

    def clean_handover_words(self) -> list[str]:
        """Bound what is compared with each message."""
        words = self.cleaned_data["handover_words"]
        if len(words) > 100 or any(len(word) > 100 for word in words):
            raise forms.ValidationError(_("At most 100 lines of at most 100 characters."))
        return words

    def clean(self) -> dict[str, Any] | None:
        """Send the stored key nowhere else: another address needs its key anew."""
        data = super().clean() or self.cleaned_data
        before = Assistant.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        moved = before and before.secret and _origin(before.base_url) != _origin(data.get("base_url") or "")
        if moved and not data.get("key") and "base_url" in data:
            self.add_error("key", forms.ValidationError(_("The address is another: give its key again.")))
        return data


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


@admin.register(Assistant)
class AssistantPage(WorkspaceAdmin):
    """Automated replies of a workspace."""

    form = AssistantForm
    may_add = may_change = True
    list_display = ["name", "workspace", "enabled", "mode", "model", "quiet_until"]
    list_filter = ["enabled", "mode"]
    list_select_related = ["workspace"]
    search_fields = ["name", "model"]
    autocomplete_fields = ["workspace"]
    readonly_fields = _STATE
    actions = ["try_it"]

    @admin.display(description=_("state"))
    def standing(self, assistant: Assistant) -> str:
        """What it does now; of one that is off, how to switch it on."""
        if not assistant.enabled:
            return gettext(
                "It is off and takes part in nothing. To switch it on: give the base address, the model and the key of "
                "a provider, save, choose it in the list and run “Try it”; then tick “on” and save."
            )
        if assistant.is_quiet():
            return gettext("Its provider failed of late and is left alone for a while; people get its chats.")
        return gettext("It answers visitors.") if assistant.answers else gettext("It drafts answers for agents.")

    @admin.display(boolean=True, description=_("a key is stored"))
    def has_key(self, assistant: Assistant) -> bool:
        """Whether there is one; never which."""
        return bool(assistant.secret)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show how it fares once it is there."""
        return [*_FIELDS, *(_STATE if obj else ())]

    def save_model(self, request: HttpRequest, obj: Assistant, form: Any, change: bool) -> None:
        """Go through the service, which makes and keeps the bot."""
        if form.cleaned_data.get("key"):
            obj.secret = form.cleaned_data["key"]
        services.keep(obj, also=[name for name in ("widgets", "departments") if change and name in form.changed_data])

    @admin.action(description=_("Try it"), permissions=["change"])
    def try_it(self, request: HttpRequest, assistants: QuerySet) -> HttpResponse | None:
        """Ask one assistant's provider a question, and show what a visitor would get. Nothing is stored."""
        assistant = assistants.select_related("workspace").first()
        if assistant is None or assistants.count() > 1:
            self.refuse(request, _("Choose one assistant."))
            return None
        question = request.POST.get("question", "").replace("\x00", "").strip()[:1000]
        trial = asyncio.run(trying.ask(*trying.prepared(assistant, question))) if question else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try %(name)s") % {"name": assistant},
            "opts": self.opts,
            "assistant": assistant,
            "question": question or _("What can you help me with?"),
            "trial": trial,
        }
        answer = TemplateResponse(request, "admin/try_assistant.html", context)
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(Turn)
class TurnPage(WorkspaceAdmin):
    """What an assistant did in a chat, and why."""

    workspace_path = "assistant__workspace"
    list_display = [
        "chat",
        "assistant",
        "shown_outcome",
        "reason",
        "confidence",
        "tokens",
        "milliseconds",
        "created_at",
    ]
    list_filter = ["outcome", "reason", ("assistant", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["assistant__workspace", "chat"]
    search_fields = ["chat__ticket_no__exact", "assistant__name", "detail"]
    fields = [
        "assistant", "chat", "outcome", "reason", "detail", "sources", "confidence", "asked", "tokens", "milliseconds",
        "message", "created_at", "done_at",
    ]  # fmt: skip
    readonly_fields = fields
    ordering = ["-id"]

    @display(description=_("outcome"), label=_TONES)
    def shown_outcome(self, turn: Turn) -> tuple[str, str]:
        """What came of it; owed turns have none yet."""
        return turn.outcome, str(Outcome(turn.outcome).label) if turn.outcome else str(_("owed"))
