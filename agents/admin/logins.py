"""Logins in Django admin, for superusers. The pages of Django and allauth, which know no workspaces, go away."""

from __future__ import annotations

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401  imported so that they register before we take their pages away
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from ..models import User
from ..services import logins

for _model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


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
