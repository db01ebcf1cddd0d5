"""Agents and their departments in Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ..errors import TeamError
from ..models import Agent, AgentPicture, Membership, Presence
from ..pictures import picture_url
from ..services import pictures, ranks, team
from . import scope
from .agent_forms import AgentForm, NewAgentForm
from .base import WorkspaceAdmin

# Every value: Unfold shows the bare word of one that it has no tone for.
_TONES = {"available": "success", "busy": "danger", "away": "warning", "offline": "default"}
_RANKS = {"owner": "info", "admin": "info", "supervisor": "default", "operator": "default"}


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

    @display(description=_("role"), ordering="role", label=_RANKS)
    def shown_role(self, agent: Agent) -> tuple[str, str]:
        """The role in words."""
        return agent.role, agent.get_role_display()

    @display(description=_("presence"), label=_TONES)
    def shown_presence(self, agent: Agent) -> tuple[str, str]:
        """What holds now, lease considered, in words."""
        now = agent.presence()
        return now, str(Presence(now).label)

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
        own = ["workspace", "email", "name", "role", "departments", "skills", "max_chats", "new_picture"]
        removal = ["remove_picture"] if isinstance(obj, Agent) and obj.picture else []
        return [*own, *removal, *self.readonly_fields[2:]]

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
        form.request = request  # this class was made for this request alone
        return form

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
        if content := data.get("new_picture"):
            pictures.put(obj, content)
        elif data.get("remove_picture"):
            pictures.remove(obj)
        return None

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


@admin.register(AgentPicture)
class PicturePage(WorkspaceAdmin):
    """Whose picture it is. Changed on the agent's page."""

    workspace_path = "agent__workspace"
    list_display = ["agent", "shown"]
    list_select_related = ["agent__workspace"]
    search_fields = ["agent__name"]
    readonly_fields = ["agent", "shown"]

    @display(description=_("picture"))
    def shown(self, row: AgentPicture) -> str:
        """The picture itself."""
        address = picture_url(row.agent)
        return format_html('<img src="{}" alt="" width="48" height="48">', address) if address else ""


@admin.register(Membership)
class MembershipPage(WorkspaceAdmin):
    """Who is in which department. Changed on the agent's page."""

    workspace_path = "agent__workspace"
    list_display = ["agent", "department"]
    list_filter = [("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["agent__workspace", "department"]
    search_fields = ["agent__name", "department__name"]
