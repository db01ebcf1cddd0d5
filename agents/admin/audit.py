"""The audit log in Django admin: to be read."""

from django.contrib import admin

from ..models import AuditEntry
from .base import WorkspaceAdmin


@admin.register(AuditEntry)
class AuditEntryPage(WorkspaceAdmin):
    """What was done to keys, webhooks, bots, assistants and rights."""

    list_display = ["at", "act", "target", "actor_name", "address", "workspace"]
    list_filter = ["act"]
    list_select_related = ["workspace"]
    search_fields = ["target", "actor_name"]
    date_hierarchy = "at"
    fields = readonly_fields = ["workspace", "at", "act", "target", "actor_name", "address"]
