"""What bots sent, in Django admin: actions that were answered, and messages that could not be read."""

from django.contrib import admin

from agents.admin.base import WorkspaceAdmin

from .models import Action, SetAside


@admin.register(Action)
class ActionPage(WorkspaceAdmin):
    """One action that a bot sent."""

    workspace_path = "bot__workspace"
    list_display = ["name", "bot", "chat_id_sent", "error", "message", "at"]
    list_filter = ["name", ("error", admin.EmptyFieldListFilter)]
    list_select_related = ["bot__workspace"]
    search_fields = ["bot__name", "chat_id_sent", "error"]
    fields = ["bot", "name", "chat_id_sent", "error", "message", "at"]
    readonly_fields = fields


@admin.register(SetAside)
class SetAsidePage(WorkspaceAdmin):
    """One message on a bot's topic that could not be read."""

    workspace_path = "bot__workspace"
    list_display = ["reason", "bot", "size", "at"]
    list_select_related = ["bot__workspace"]
    search_fields = ["bot__name", "reason"]
    fields = ["bot", "reason", "size", "body", "at"]
    readonly_fields = fields
