"""Widgets, triggers and publishable keys in Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextareaWidget

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import LinesField, OneWorkspaceForm
from agents.admin.keys import KeyPage

from .models import PublishableKey, Trigger, Widget, valid_domains, valid_pages
from .services import triggers

_PAGES_HELP = _("/pricing, /shop/* or shop.example.com/*: a star stands for anything.")


class WidgetForm(OneWorkspaceForm):
    """A widget, its domains one a line."""

    domains = LinesField(
        label=_("Domains"),
        validators=[valid_domains],
        help_text=_("Host names that may embed it, one a line: example.com or *.example.com."),
    )
    pages = LinesField(
        label=_("Pages"),
        validators=[valid_pages],
        help_text=_("Only on these pages, one a line, or on all: /pricing, /shop/* (a star stands for anything)."),
    )

    class Meta:
        model = Widget
        exclude = ()
        widgets = {"primary_color": UnfoldAdminColorInputWidget}


@admin.register(Widget)
class WidgetPage(WorkspaceAdmin):
    """What a site embeds."""

    form = WidgetForm
    may_add = may_change = may_delete = True
    list_display = ["name", "workspace", "enabled", "is_default", "sites", "updated_at"]
    list_filter = ["enabled", "is_default"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    autocomplete_fields = ["workspace", "department"]
    readonly_fields = ["uid", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["workspace", "name", "enabled", "is_default", "domains", "pages", "department"]}),
        (
            _("Looks"),
            {
                "fields": [
                    "primary_color",
                    "text_color",
                    "position",
                    "shape",
                    "button_text",
                    "border_radius",
                    "logo_url",
                    "header_text",
                    "show_agent_photos",
                    "show_powered_by",
                    "auto_open",
                ]
            },
        ),
        (
            _("Words"),
            {
                "fields": [
                    "welcome_message",
                    "offline_message",
                    "proactive_enabled",
                    "proactive_message",
                    "proactive_delay",
                ]
            },
        ),
        (_("About"), {"fields": ["uid", "created_at", "updated_at"]}),
    ]

    @display(description=_("domains"))
    def sites(self, widget: Widget) -> str:
        """The first domains."""
        return ", ".join(widget.domains[:3]) + ("…" if len(widget.domains) > 3 else "")


def _text(language: str) -> forms.CharField:
    box = UnfoldAdminTextareaWidget(attrs={"rows": 2})
    return forms.CharField(label=language, max_length=500, required=False, widget=box)


class TriggerForm(OneWorkspaceForm):
    """A trigger, its message once for all and once more for each language."""

    message = forms.CharField(
        label=_("Message"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("What visitors see, unless there is a text in their language below."),
    )
    text_vi = _text("Tiếng Việt")
    text_uz = _text("Oʻzbekcha")
    text_en = _text("English")

    class Meta:
        model = Trigger
        exclude = ("messages",)
        help_texts = {
            "delay_seconds": _("Time on page and idle: how long that is. Otherwise: how long after it happened."),
            "threshold": _("For scrolling alone: 50 is half of the page."),
            "url_pattern": _PAGES_HELP,
            "repeat_hours": _("For “again after some hours” alone."),
            "widget": _("Empty: every widget of the workspace."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in ("vi", "uz", "en"):
            self.fields[f"text_{language}"].initial = self.instance.messages.get(language, "")

    def clean(self) -> dict[str, Any] | None:
        """Complete what goes together, and hold the limit."""
        data = super().clean() or self.cleaned_data
        scrolls = data.get("condition") == Trigger.Condition.SCROLL
        data["threshold"] = (data.get("threshold") or triggers.DEFAULT_SCROLL) if scrolls else None
        if data.get("repeat") != Trigger.Repeat.HOURS:
            data["repeat_hours"] = None
        elif "repeat_hours" not in self.errors and not data.get("repeat_hours"):
            self.add_error("repeat_hours", ValidationError(_("Say after how many hours it may come again.")))
        workspace = data.get("workspace")
        if self.instance.pk is None and workspace and workspace.triggers.count() >= triggers.MOST_TRIGGERS:
            raise ValidationError(_("There are too many triggers; delete one first."))
        texts = {language: data.get(f"text_{language}", "").strip() for language in ("vi", "uz", "en")}
        self.instance.messages = {language: text for language, text in texts.items() if text}
        return data


@admin.register(Trigger)
class TriggerPage(WorkspaceAdmin):
    """Proactive messages: what is shown when, where, and how often."""

    form = TriggerForm
    may_add = may_change = may_delete = True
    list_display = ["name", "workspace", "condition", "delay_seconds", "url_pattern", "repeat", "active"]
    list_filter = ["active", "condition"]
    list_select_related = ["workspace"]
    search_fields = ["name", "message"]
    autocomplete_fields = ["workspace", "widget"]
    readonly_fields = ["uid", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["workspace", "name", "active"]}),
        (_("When"), {"fields": ["condition", "delay_seconds", "threshold"]}),
        (_("Where"), {"fields": ["widget", "url_pattern"]}),
        (_("How often"), {"fields": ["repeat", "repeat_hours"]}),
        (_("Words"), {"fields": ["message", "text_vi", "text_uz", "text_en"]}),
        (_("About"), {"fields": ["uid", "created_at", "updated_at"]}),
    ]


@admin.register(PublishableKey)
class PublishableKeyPage(KeyPage):
    """What a web page may hold."""
