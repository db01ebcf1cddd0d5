"""Conversations in Django admin: to look things up. Only the services change chats and messages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.admin.base import WorkspaceAdmin, WorkspaceInline

from .models import (
    Assignment,
    Attachment,
    Chat,
    ChatTag,
    ChatWords,
    Message,
    RoutingLock,
    SavedAnswer,
    Suggestion,
    Tag,
    Tally,
    TicketCounter,
    Upload,
    Visitor,
)

_ONLY = admin.RelatedOnlyFieldListFilter
_TONES = {"waiting": "warning", "active": "success", "closed": "default"}


class MessageLines(WorkspaceInline):
    """A chat's timeline."""

    model = Message
    fields = readonly_fields = ["seq", "kind", "author_kind", "agent", "text", "created_at", "read_at"]
    ordering = ["seq"]
    verbose_name_plural = _("timeline")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Fetch the authors in the same query."""
        return super().get_queryset(request).select_related("agent")

    @display(description=_("text"))
    def text(self, message: Message) -> str:
        """What it says, or what happened."""
        return message.body or str(message.payload.get("event", ""))


class AssignmentLines(WorkspaceInline):
    """Who had a chat, and when."""

    model = Assignment
    fields = readonly_fields = ["agent", "by", "reason", "started_at", "ended_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Fetch the people in the same query."""
        return super().get_queryset(request).select_related("agent", "by")


@admin.register(Chat)
class ChatPage(WorkspaceAdmin):
    """A chat, its timeline and who had it."""

    list_display = [
        "ticket_no", "visitor", "workspace", "state", "agent", "department", "priority", "message_count", "rating",
        "last_message_at",
    ]  # fmt: skip
    list_filter = [
        "status", "channel", "priority", "rating", ("department", _ONLY), ("agent", _ONLY), "follow_up",
        ("trigger_name", admin.EmptyFieldListFilter),
    ]  # fmt: skip
    list_select_related = ["visitor", "workspace", "agent", "department"]
    search_fields = ["ticket_no__exact", "visitor__name", "visitor__email"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [MessageLines, AssignmentLines]
    fields = [
        "workspace", "ticket_no", "visitor", "status", "agent", "department", "channel", "priority", "previous",
        "source_text", "trigger_name", "custom_fields", "created_at", "first_assigned_at", "first_response_at",
        "closed_at", "close_reason", "follow_up", "rating", "rating_comment",
    ]  # fmt: skip

    @display(description=_("status"), ordering="status", label=_TONES)
    def state(self, chat: Chat) -> tuple[str, str]:
        """The status in words."""
        return chat.status, chat.get_status_display()

    @display(description=_("began at"))
    def source_text(self, chat: Chat) -> str:
        """The page on which it began."""
        return chat.source.get("url", "")


@admin.register(Message)
class MessagePage(WorkspaceAdmin):
    """Every entry of every timeline."""

    list_display = ["chat", "seq", "kind", "author_kind", "agent", "beginning", "public", "created_at"]
    list_filter = ["kind", "author_kind", "public"]
    list_select_related = ["chat", "agent"]
    search_fields = ["chat__ticket_no__exact"]
    search_help_text = _("Ticket number")
    ordering = ["-id"]
    fields = [
        "workspace", "chat", "seq", "kind", "author_kind", "agent", "public", "body", "payload", "client_id",
        "created_at", "delivered_at", "read_at",
    ]  # fmt: skip

    @display(description=_("text"))
    def beginning(self, message: Message) -> str:
        """The first words."""
        return Truncator(message.body or message.payload.get("event", "")).chars(80)


@admin.register(Visitor)
class VisitorPage(WorkspaceAdmin):
    """A customer. What an integrator or the site proved stays as it is."""

    may_change = True
    list_display = ["__str__", "email", "phone", "workspace", "verified", "language", "last_seen_at"]
    list_filter = ["verified", "language"]
    list_select_related = ["workspace"]
    search_fields = ["name", "email", "phone", "external_id"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    readonly_fields = [
        "uid", "external_id", "claimed_id", "verified", "custom_fields", "page", "user_agent", "last_seen_at",
        "created_at",
    ]  # fmt: skip
    fields = ["workspace", "name", "email", "phone", "language", "birthdate", *readonly_fields]


@admin.register(Assignment)
class AssignmentPage(WorkspaceAdmin):
    """Who had which chat, and when."""

    list_display = ["chat", "agent", "by", "reason", "started_at", "ended_at"]
    list_filter = [("agent", _ONLY)]
    list_select_related = ["chat", "agent", "by"]
    search_fields = ["chat__ticket_no__exact", "agent__name"]
    date_hierarchy = "started_at"
    ordering = ["-id"]


@admin.register(Attachment)
class AttachmentPage(WorkspaceAdmin):
    """Files that came with messages."""

    list_display = ["name", "content_type", "size", "chat", "workspace", "created_at"]
    list_filter = ["content_type"]
    list_select_related = ["chat", "workspace"]
    search_fields = ["name", "chat__ticket_no__exact"]
    ordering = ["-id"]
    fields = ["workspace", "chat", "message", "name", "content_type", "size", "external_url", "created_at"]


@admin.register(Upload)
class UploadPage(WorkspaceAdmin):
    """Places for files that were promised and not confirmed yet."""

    list_display = ["name", "content_type", "size", "workspace", "expires_at", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    ordering = ["-id"]
    fields = ["workspace", "name", "content_type", "size", "expires_at", "created_at"]


@admin.register(Tag)
class TagPage(WorkspaceAdmin):
    """Labels of a workspace."""

    may_add = may_change = may_delete = True
    list_display = ["name", "workspace"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    autocomplete_fields = ["workspace"]
    fields = ["workspace", "name"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Keep names in lower case, as the services do."""
        form = super().get_form(request, obj, change, **kwargs)
        if "name" in form.base_fields:
            clean = form.base_fields["name"].clean
            form.base_fields["name"].clean = lambda value: " ".join(clean(value).lower().split())
        return form


@admin.register(SavedAnswer)
class SavedAnswerPage(WorkspaceAdmin):
    """Texts that the team says often."""

    may_add = may_change = may_delete = True
    list_display = ["title", "shortcut", "workspace", "updated_at"]
    list_select_related = ["workspace"]
    search_fields = ["title", "shortcut", "words"]
    autocomplete_fields = ["workspace"]
    fields = ["workspace", "title", "shortcut", "text"]


@admin.register(Suggestion)
class SuggestionPage(WorkspaceAdmin):
    """What programs drafted for agents, and what became of it."""

    list_display = ["chat", "body", "decision", "decided_by", "workspace", "created_at"]
    list_filter = ["decision"]
    list_select_related = ["chat", "workspace", "decided_by"]
    search_fields = ["chat__ticket_no__exact"]
    fields = readonly_fields = ["chat", "agent", "body", "sources", "decision", "decided_by", "created_at"]
    ordering = ["-id"]


@admin.register(ChatTag)
class ChatTagPage(WorkspaceAdmin):
    """Which labels are on which chats."""

    workspace_path = "chat__workspace"
    list_display = ["chat", "tag"]
    list_filter = [("tag", _ONLY)]
    list_select_related = ["chat__workspace", "tag"]
    search_fields = ["chat__ticket_no__exact", "tag__name"]
    ordering = ["-id"]


class Internals(WorkspaceAdmin):
    """Rows that only the machine needs: shown to superusers, touched by nobody."""

    ordering = ["pk"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return super().has_module_permission(request) and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers only."""
        return super().has_view_permission(request, obj) and request.user.is_superuser


@admin.register(TicketCounter)
class TicketCounterPage(Internals):
    """The last ticket number of each workspace."""

    list_display = ["workspace", "last"]


@admin.register(RoutingLock)
class RoutingLockPage(Internals):
    """The row that whoever routes a workspace holds."""

    list_display = ["workspace"]


@admin.register(Tally)
class TallyPage(Internals):
    """How many ended chats there are, kept by the database."""

    list_display = ["workspace", "channel", "month", "chats"]


@admin.register(ChatWords)
class ChatWordsPage(Internals):
    """What the search knows of a chat."""

    list_display = ["chat", "workspace", "ticket_no"]
    list_select_related = ["workspace", "chat"]
