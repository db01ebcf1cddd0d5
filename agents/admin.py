"""The team in Django admin: workspaces, departments, agents and their tokens, and, for superusers, logins."""

from __future__ import annotations

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401  both register pages that we take away below
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectMultipleWidget

from . import admin_scope as scope
from .admin_base import WorkspaceAdmin
from .admin_forms import LinesField, OneWorkspaceForm
from .errors import TeamError
from .models import Agent, AgentToken, Department, Membership, Role, User, Workspace
from .services import logins, ranks, team, workspaces

for _model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

_TONES = {"available": "success", "busy": "danger", "away": "warning", "offline": "info"}


@admin.register(Workspace)
class WorkspacePage(WorkspaceAdmin):
    """A company. Superusers make them; `create_workspace` makes them with keys and a widget."""

    workspace_path = "pk"
    may_change = True
    list_display = ["name", "slug", "language", "timezone", "team_size", "created_at"]
    list_filter = ["language"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    readonly_fields = ["uid", "slug", "created_at"]
    fields = ["name", "slug", "language", "timezone", "max_file_bytes", "uid", "created_at"]

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
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the members in the same query."""
        return super().get_queryset(request).annotate(size=Count("memberships"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """Propose a slug for a new department only: others may point at the old one."""
        return {} if obj else dict(self.prepopulated_fields)

    @display(description=_("members"), ordering="size")
    def size(self, department: Any) -> int:
        """How many agents are in it."""
        return department.size


class AgentForm(OneWorkspaceForm):
    """What an admin sets of an agent. Roles above one's own are neither offered nor taken."""

    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(),
        required=False,
        label=_("departments"),
        widget=UnfoldAdminSelectMultipleWidget,
    )
    skills = LinesField(label=_("skills"))

    class Meta:
        model = Agent
        fields = ["name", "role", "skills", "max_chats"]

    # Set by the page for each request.
    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "departments" in self.fields:
            self.fields["departments"].queryset = self._departments()
        if self.instance.pk:
            self.initial["departments"] = list(self.instance.departments.values_list("pk", flat=True))
        if "role" in self.fields:
            self.fields["role"].choices = [choice for choice in Role.choices if self._may_give(choice[0])]

    def _departments(self) -> QuerySet:
        mine = scope.within(self.request, Department.objects.select_related("workspace"), "workspace")
        return mine.filter(workspace=self.instance.workspace_id) if self.instance.workspace_id else mine

    def _may_give(self, role: str) -> bool:
        """Whether the user may give this role here; the same rule as the service's, which has the last word."""
        if self.instance.pk and self.instance.workspace_id:
            by = scope.acting(self.request, self.instance.workspace_id)
            return ranks.outranks(by, self.instance.workspace, role)
        return self.request.user.is_superuser or any(
            ranks.outranks(seat, seat.workspace, role) for seat in scope.seats(self.request).values()
        )

    def clean_role(self) -> str:
        """Keep an owner in the workspace."""
        role = self.cleaned_data["role"]
        if self.instance.pk and self.instance.is_active and self.initial.get("role") == Role.OWNER != role:
            try:
                ranks.keep_an_owner(self.instance)
            except TeamError as error:
                raise forms.ValidationError(error.message) from error
        return role


class NewAgentForm(AgentForm):
    """The same for a person who is not there yet."""

    email = forms.EmailField(label=_("email address"), widget=UnfoldAdminEmailInputWidget)

    class Meta(AgentForm.Meta):
        fields = ["workspace", "name", "role", "skills", "max_chats"]

    def clean(self) -> dict[str, Any] | None:
        """Try it: what the service refuses becomes the form's error."""
        data = super().clean() or {}
        workspace = data.get("workspace")
        if workspace and data.get("email"):
            if workspace.agents.filter(user__email=data["email"].lower()).exists():
                self.add_error("email", _("%(email)s is in this workspace already.") % {"email": data["email"]})
            if data.get("role") and not ranks.outranks(scope.acting(self.request, workspace), workspace, data["role"]):
                self.add_error("role", _("Your role does not allow this."))
        return data


@admin.register(Agent)
class AgentPage(WorkspaceAdmin):
    """A member of the team. Never deleted: deactivated, by the service, which also revokes tokens."""

    form = AgentForm
    may_add = may_change = True
    list_display = ["name", "email", "workspace", "shown_role", "shown_presence", "is_active", "is_bot", "max_chats"]
    list_filter = ["role", "is_active", "is_bot", ("departments", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["workspace", "user"]
    search_fields = ["name", "user__email"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["uid", "email", "is_active", "is_bot", "status", "status_until", "last_active_at", "created_at"]
    actions = ["deactivate", "reactivate"]

    @display(description=_("email address"), ordering="user__email")
    def email(self, agent: Agent) -> str:
        """The login behind the seat."""
        return agent.user.email if agent.user else ""

    @display(description=_("role"), ordering="role", label={"owner": "info", "admin": "info"})
    def shown_role(self, agent: Agent) -> tuple[str, str]:
        """The role in words."""
        return agent.role, agent.get_role_display()

    @display(description=_("presence"), label=_TONES)
    def shown_presence(self, agent: Agent) -> str:
        """What holds now, lease considered."""
        return agent.presence()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave those above oneself alone."""
        if not super().has_change_permission(request, obj):
            return False
        if not isinstance(obj, Agent):
            return True
        return ranks.outranks(scope.acting(request, obj.workspace_id), obj.workspace, obj.role)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Ask for an address only when somebody is new."""
        if obj is None:
            return ["workspace", "email", "name", "role", "departments", "skills", "max_chats"]
        return ["workspace", "email", "name", "role", "departments", "skills", "max_chats", *self.readonly_fields[2:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Let the address of a new agent be typed; fix the role of a bot."""
        fixed = super().get_readonly_fields(request, obj)
        if obj is None:
            return [name for name in fixed if name != "email"]
        return [*fixed, "role"] if isinstance(obj, Agent) and obj.is_bot else fixed

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form the request, by which it knows what may be chosen."""
        kwargs["form"] = AgentForm if obj else NewAgentForm
        kwargs["fields"] = ["name", "role", "skills", "max_chats"] if obj else NewAgentForm.Meta.fields
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def save_model(self, request: HttpRequest, obj: Agent, form: Any, change: bool) -> None:
        """Go through the services: the seat, the role and the departments are theirs."""
        data = form.cleaned_data
        by = scope.acting(request, obj.workspace_id)
        if not change:
            return self._create(request, obj, data, by)
        obj.save(update_fields=["name", "skills", "max_chats"])
        if "role" in form.changed_data:
            team.change_role(obj, data["role"], by=by)
        team.set_departments(obj, data["departments"])

    def _create(self, request: HttpRequest, obj: Agent, data: dict[str, Any], by: Agent | None) -> None:
        new = team.create_agent(
            data["workspace"],
            data["email"],
            data["name"],
            role=data["role"],
            departments=data["departments"],
            skills=data["skills"],
            max_chats=data["max_chats"],
            by=by,
        )
        obj.__dict__.update(new.agent.__dict__)
        secrets = {_("Password"): new.password} if new.password else {}
        self.show_once(request, obj, {**secrets, _("Token"): new.token})

    @admin.action(description=_("Deactivate"))
    def deactivate(self, request: HttpRequest, agents: QuerySet) -> None:
        """Take these seats away, one by one; say which were not allowed."""
        for agent in agents.select_related("workspace"):
            self._try(request, agent, team.deactivate)

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, agents: QuerySet) -> None:
        """Give these seats back."""
        for agent in agents.select_related("workspace"):
            self._try(request, agent, team.reactivate)

    def _try(self, request: HttpRequest, agent: Agent, verb: Any) -> None:
        try:
            verb(agent, by=scope.acting(request, agent.workspace_id))
        except TeamError as error:
            return self.refuse(request, f"{agent}: {error.message}")
        self.log_change(request, agent, verb.__name__)
        return self.message_user(request, f"{agent}: {_('done')}")


@admin.register(Membership)
class MembershipPage(WorkspaceAdmin):
    """Who is in which department. Changed on the agent's page."""

    workspace_path = "agent__workspace"
    list_display = ["agent", "department"]
    list_filter = [("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["agent__workspace", "department"]
    search_fields = ["agent__name", "department__name"]


class KeyPage(WorkspaceAdmin):
    """Bearer keys: named, shown once, revoked and never deleted, so that the log of their use stays."""

    may_add = may_change = True
    list_display = ["name", "hint", "workspace", "created_at", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "hint"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["hint", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]
    # What is asked for a new key beside its workspace and name.
    also: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Ask for a name; show the rest."""
        return ["workspace", "name", *self.also, *(self.readonly_fields if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Fix whose key it is once it is there."""
        return [*super().get_readonly_fields(request, obj), *(self.also if obj else ())]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Issue a key and show it once; afterwards only its name changes."""
        if change:
            obj.save(update_fields=["name"])
            return
        fields = {name: form.cleaned_data[name] for name in ("workspace", "name", *self.also)}
        row, secret = self.model.issue(**fields)
        obj.__dict__.update(row.__dict__)
        self.show_once(request, obj, {_("Key"): secret})

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, keys: QuerySet) -> None:
        """Let these keys open nothing any more."""
        for key in keys.filter(revoked_at__isnull=True):
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            self.log_change(request, key, "revoke")
        self.message_user(request, _("Revoked."))


@admin.register(AgentToken)
class AgentTokenPage(KeyPage):
    """An agent's own bearer token: whoever holds it is that agent, so nobody issues one above their own role."""

    also = ("agent",)
    list_display = ["name", "hint", "agent", "workspace", "created_at", "last_used_at", "revoked_at"]
    list_select_related = ["workspace", "agent"]
    search_fields = ["name", "hint", "agent__name"]
    autocomplete_fields = ["workspace", "agent"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer agents of one's own rank and below, active people only."""
        if db_field.name == "agent":
            agents = scope.within(request, Agent.objects.active().humans(), "workspace")
            if not request.user.is_superuser:
                owns = [seat.workspace_id for seat in scope.seats(request).values() if seat.role == Role.OWNER]
                agents = agents.filter(~Q(role=Role.OWNER) | Q(workspace__in=owns))
            kwargs["queryset"] = agents
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(User)
class UserPage(DjangoUserAdmin, ModelAdmin):
    """Logins: they may span workspaces, so only superusers see them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "language", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "language"]
    search_fields = ["email", "agents__name"]
    ordering = ["email"]
    filter_horizontal = ()
    readonly_fields = ["is_staff", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password", "first_name", "last_name", "language"]}),
        (_("Access"), {"fields": ["is_active", "is_superuser", "is_staff", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]
    actions = ["log_out"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store addresses in lower case, and open or close Django admin by what is true now."""
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        logins.follow_seats(obj)

    @admin.action(description=_("Log out everywhere"))
    def log_out(self, request: HttpRequest, users: QuerySet) -> None:
        """End every session of these users."""
        for user in users:
            logins.end_sessions(user)
        self.message_user(request, _("Done."))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers only."""
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: deactivate them instead."""
        return False
