"""Partners in Django admin: approved, and let in without a token, by the operator of the installation alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import OneWorkspaceForm
from agents.errors import Invalid

from . import registering
from .models import Partner


class PartnerForm(OneWorkspaceForm):
    """What an operator decides about a partner."""

    class Meta:
        model = Partner
        fields = ["workspace", "domain", "allow_unverified_clients"]

    def clean_domain(self) -> str:
        """Keep the domain as browsers write it."""
        domain = self.cleaned_data["domain"]
        try:
            return registering.host_of(domain) if domain else ""
        except Invalid as error:
            raise ValidationError(str(error.message)) from None


@admin.register(Partner)
class PartnerPage(WorkspaceAdmin):
    """A workspace that registered itself. Its own people may look."""

    form = PartnerForm
    list_display = ["workspace_name", "domain", "created_at", "approved_at", "joined_at", "allow_unverified_clients"]
    list_filter = [("approved_at", admin.EmptyFieldListFilter), "allow_unverified_clients"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name", "domain", "owner_email"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["owner_email", "created_at", "approved_at", "invited_at", "joined_at"]
    actions = ["approve"]

    @admin.display(description=_("workspace"), ordering="workspace__name")
    def workspace_name(self, partner: Partner) -> str:
        """Which workspace it is."""
        return partner.workspace.name

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show the rest once there is a row."""
        return [*PartnerForm.Meta.fields, *(self.readonly_fields if obj else ())]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """For a workspace that an operator made, and whose old clients come without a token."""
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who owns a domain is for a person to check who owns neither side."""
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:
        """A row that an operator writes needs nobody's approval."""
        if not change:
            obj.approved_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Approve: the keys work from now on"), permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Let these partners' keys work."""
        for partner in chosen.filter(approved_at=None):
            registering.approve(partner)
            self.log_change(request, partner, "approve")
        self.message_user(request, _("Approved."))
