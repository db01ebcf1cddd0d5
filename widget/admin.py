"""Widgets and publishable keys in Django admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import LinesField, OneWorkspaceForm
from agents.admin.keys import KeyPage

from .models import PublishableKey, Widget, valid_domains


class WidgetForm(OneWorkspaceForm):
    """A widget, its domains one a line."""

    domains = LinesField(
        label=_("Domains"),
        validators=[valid_domains],
        help_text=_("Host names that may embed it, one a line: example.com or *.example.com."),
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
        (None, {"fields": ["workspace", "name", "enabled", "is_default", "domains", "department"]}),
        (
            _("Looks"),
            {"fields": ["primary_color", "position", "border_radius", "show_agent_photos", "auto_open", "header_text"]},
        ),
        (_("Words"), {"fields": ["welcome_message", "offline_message", "proactive_message", "proactive_delay"]}),
        (_("About"), {"fields": ["uid", "created_at", "updated_at"]}),
    ]

    @display(description=_("domains"))
    def sites(self, widget: Widget) -> str:
        """The first domains."""
        return ", ".join(widget.domains[:3]) + ("…" if len(widget.domains) > 3 else "")


@admin.register(PublishableKey)
class PublishableKeyPage(KeyPage):
    """What a web page may hold."""
