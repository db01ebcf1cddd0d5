"""Workspaces and departments in Django admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ..models import Department, Workspace
from ..services import workspaces
from .base import WorkspaceAdmin
from .forms import OneWorkspaceForm

# What a form has beside its file: names, boundaries, the other fields.
_AROUND_A_FILE = 64 * 1024


class WorkspaceForm(OneWorkspaceForm):
    """A workspace as its owner changes it."""

    def clean_max_file_bytes(self) -> int:
        """Refuse what the server would not let in; straight to a bucket, files may be larger than a request."""
        wanted, limit = self.cleaned_data["max_file_bytes"], settings.LARGEST_REQUEST_BYTES - _AROUND_A_FILE
        if wanted > limit and not settings.S3:
            message = _("At most %(limit)d: no request may be much larger (PARLEY_LARGEST_REQUEST_BYTES).")
            raise ValidationError(message, params={"limit": limit})
        return wanted


@admin.register(Workspace)
class WorkspacePage(WorkspaceAdmin):
    """A company. Superusers make them; `create_workspace` makes them with keys and a widget."""

    form = WorkspaceForm
    workspace_path = "pk"
    may_change = True
    list_display = ["name", "slug", "language", "timezone", "team_size", "created_at"]
    list_filter = ["language"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    readonly_fields = ["uid", "slug", "created_at"]
    fields = ["name", "slug", "language", "timezone", "max_file_bytes", "flashback_enabled", "uid", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the team in the same query."""
        active = Count("agents", filter=Q(agents__is_active=True, agents__is_bot=False))
        return super().get_queryset(request).annotate(team_size=active)

    @display(description=_("people"), ordering="team_size")
    def team_size(self, workspace: Any) -> int:
        """How many people work in it."""
        return workspace.team_size

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only the operator of the installation opens workspaces."""
        return request.user.is_superuser

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Ask only for what a new workspace needs."""
        return list(self.fields) if obj else ["name", "language", "timezone"]

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        """Create through the service, which makes the slug and the identity secret."""
        if change:
            return super().save_model(request, obj, form, change)
        new = workspaces.create_workspace(obj.name, language=obj.language, timezone=obj.timezone)
        obj.__dict__.update(new.workspace.__dict__)
        self.show_once(request, obj, {_("Identity secret"): new.identity_secret})
        return None


@admin.register(Department)
class DepartmentPage(WorkspaceAdmin):
    """A group of agents."""

    may_add = may_change = may_delete = True
    list_display = ["name", "slug", "workspace", "size"]
    ordering = ["name", "pk"]
    search_fields = ["name", "slug"]
    list_select_related = ["workspace"]
    autocomplete_fields = ["workspace"]
    fields = ["workspace", "name", "slug"]
    readonly_fields = ["group_id"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the members in the same query."""
        return super().get_queryset(request).annotate(size=Count("memberships"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """Propose a slug for a new department only: others may point at the old one."""
        return {} if obj else dict(self.prepopulated_fields)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show the id once there is one."""
        return [*self.fields, *(["group_id"] if obj else [])]

    @display(description=_("id for bots"))
    def group_id(self, department: Department) -> str:
        """Its uid, which bots name a group by."""
        return str(department.uid)

    @display(description=_("members"), ordering="size")
    def size(self, department: Any) -> int:
        """How many agents are in it."""
        return department.size
