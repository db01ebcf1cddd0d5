"""The base of every page in Django admin: rows of one's own workspaces alone, secrets shown once or never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from ..models import Workspace
from . import scope
from .forms import OneWorkspaceForm

_SECRET = ("password", "secret", "hash", "session_epoch")
_ONCE = "_shown_once"


class CappedPaginator(Paginator):
    """Counts no further than anybody pages: a list of ten million rows opens as fast as one of ten thousand."""

    LIMIT = 10_000

    @cached_property
    def count(self) -> int:
        """How many rows there are, or the limit."""
        rows = cast(QuerySet, self.object_list)
        return rows.order_by()[: self.LIMIT].count()


class ScopedAdmin:
    """What pages and inlines share: whose rows, whose choices."""

    # The lookup that leads from a row to its workspace.
    workspace_path = "workspace"
    may_add = may_change = may_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows of the user's workspaces: lists, autocompletes and direct addresses all start here."""
        return scope.within(request, super().get_queryset(request), self.workspace_path)  # type: ignore[misc]

    def covers(self, request: HttpRequest, obj: Model | None) -> bool:
        """Whether the user may be on this page, and the row is theirs to see."""
        return scope.may_enter(request) and (obj is None or scope.covers(request, self.home(obj)))

    def home(self, obj: Any) -> int:
        """Return the id of the row's workspace."""
        for part in self.workspace_path.split("__"):
            obj = getattr(obj, part)
        return obj if isinstance(obj, int) else obj.pk

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to owners, admins and superusers."""
        return scope.may_enter(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show own rows."""
        return self.covers(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow it where the page says so."""
        return self.may_add and self.covers(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow it where the page says so."""
        return self.may_change and self.covers(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow it where the page says so."""
        return self.may_delete and self.covers(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the user may see on those rows' own page."""
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the user may see on those rows' own page, here too: names alone would be a leak."""
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _choices(self, db_field: Any, request: HttpRequest) -> QuerySet:
        model = db_field.remote_field.model
        page = self.admin_site._registry.get(model)  # type: ignore[attr-defined]
        return page.get_queryset(request) if page else model._default_manager.none()


class WorkspaceAdmin(ScopedAdmin, ModelAdmin):
    """A page of rows that belong to workspaces. Read-only unless it says otherwise."""

    form = OneWorkspaceForm
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    warn_unsaved_form = True
    compressed_fields = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Fix the workspace once the row is there: nothing moves to another one."""
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and _has_field(self.model, "workspace"):
            fixed.append("workspace")
        return fixed

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Name the workspace only to those who see several."""
        return [name for name in super().get_list_display(request) if name != "workspace" or _several(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Offer the workspace as a filter only to those who see several."""
        chosen = list(super().get_list_filter(request))
        return [("workspace", admin.RelatedOnlyFieldListFilter), *chosen] if _by_workspace(self, request) else chosen

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Choose the only workspace beforehand."""
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("workspace")
        if field is not None and not request.user.is_superuser and len(scope.seats(request)) == 1:
            field.initial = next(iter(scope.seats(request)))
        return form

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to be asked about secrets letter by letter."""
        if any(word in part for part in lookup.split("__") for word in _SECRET):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """Name what is deleted. What hangs on it goes with it, and may be far too much to list."""
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def show_once(self, request: HttpRequest, obj: Model, secrets: Mapping[Any, str]) -> None:
        """Have the answer to this request show what can never be read again."""
        setattr(request, _ONCE, (obj, secrets))

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: str | None = None) -> HttpResponse:
        """Answer with the page of secrets when there are any: they are in no message and no session."""
        if not hasattr(request, _ONCE):
            return super().response_add(request, obj, post_url_continue)
        return self.once_page(request)

    def once_page(self, request: HttpRequest) -> HttpResponse:
        """Render what :meth:`show_once` was told."""
        obj, secrets = getattr(request, _ONCE)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Copy this now"),
            "opts": self.opts,
            "object": obj,
            "secrets": secrets.items(),
        }
        answer = TemplateResponse(request, "admin/shown_once.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def refuse(self, request: HttpRequest, reason: object) -> None:
        """Say why something was not done."""
        self.message_user(request, str(reason), messages.ERROR)


class WorkspaceInline(ScopedAdmin, TabularInline):
    """Rows of the same workspace below another row. Read-only unless it says otherwise."""

    extra = 0
    show_change_link = False
    per_page = 50

    def covers(self, request: HttpRequest, obj: Model | None) -> bool:
        """Leave the row itself to its own page; here ``obj`` is the parent, which that page has checked."""
        return scope.may_enter(request)


def _has_field(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _several(request: HttpRequest) -> bool:
    return request.user.is_superuser or len(scope.seats(request)) > 1


def _by_workspace(page: ModelAdmin, request: HttpRequest) -> bool:
    return _several(request) and page.model is not Workspace and _has_field(page.model, "workspace")
