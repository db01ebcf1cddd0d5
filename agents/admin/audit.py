"""The audit log in Django admin: to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import AuditEntry
from ..services import audit
from .base import WorkspaceAdmin


@admin.register(AuditEntry)
class AuditEntryPage(WorkspaceAdmin):
    """What was done to keys, webhooks, bots, assistants and rights."""

    list_display = ["at", "done", "done_to", "actor_name", "address", "workspace"]
    list_filter = ["act"]
    list_select_related = ["workspace"]
    search_fields = ["target", "actor_name"]
    date_hierarchy = "at"
    fields = readonly_fields = ["workspace", "at", "done", "done_to", "actor_name", "address"]

    @admin.display(description=_("act"), ordering="act")
    def done(self, entry: AuditEntry) -> str:
        return audit.sentence(entry)

    @admin.display(description=_("what it was done to"), ordering="target")
    def done_to(self, entry: AuditEntry) -> str:
        return audit.shown(entry)
