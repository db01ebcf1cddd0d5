"""Bearer keys in Django admin: the page that all kinds share, and agents' tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ..errors import TeamError
from ..models import Agent, AgentToken, Role
from ..services import keys
from . import scope
from .base import WorkspaceAdmin


class KeyPage(WorkspaceAdmin):
    """Bearer keys: named, shown once, revoked and never deleted, so that the log of their use stays."""

    may_add = may_change = True
    list_display = ["name", "hint", "workspace", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "hint"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["hint", "created_at", "last_used_at", "expires_at", "revoked_at"]
    actions = ["rotate", "revoke"]
    # What is asked for a new key beside its workspace and name, and what of it may change later.
    also: tuple[str, ...] = ()
    changeable: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Ask for a name; show the rest."""
        return ["workspace", "name", *self.also, *(self.readonly_fields if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Fix whose key it is once it is there."""
        fixed = [name for name in self.also if name not in self.changeable] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Issue a key and show it once; afterwards only its name changes."""
        if change:
            keys.change(obj, name=obj.name, **{name: form.cleaned_data[name] for name in self.changeable})
            return
        fields = {name: form.cleaned_data[name] for name in ("workspace", "name", *self.also)}
        row, secret = keys.create(self.model, **fields)
        obj.__dict__.update(row.__dict__)
        self.show_once(request, obj, {_("Key"): secret})

    @admin.action(description=_("Rotate: the old one works for a day more"))
    def rotate(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        """Make a successor for one key, and show it once."""
        key = chosen.first()
        if key is None or chosen.count() > 1:
            self.refuse(request, _("Choose one key."))
            return None
        try:
            new, secret = keys.rotate(key, timedelta(days=1))
        except TeamError as error:
            self.refuse(request, error.message)
            return None
        self.log_change(request, key, "rotate")
        self.show_once(request, new, {_("Key"): secret})
        return self.once_page(request)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Let these keys open nothing any more."""
        for key in chosen.filter(revoked_at__isnull=True):
            keys.revoke(key)
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
