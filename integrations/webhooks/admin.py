"""Webhooks in Django admin: who wants what, what they are owed, and each attempt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from agents.admin.base import WorkspaceAdmin, WorkspaceInline
from agents.admin.forms import OneWorkspaceForm
from chat.errors import ChatError

from . import names, services
from .models import Attempt, Delivery, Subscription

_TONES = {"on": "success", "failing": "warning", "paused": "danger", "off": "default"}
_STATES = {"on": _("On"), "failing": _("Failing"), "paused": _("Paused"), "off": _("Off")}


class SubscriptionForm(OneWorkspaceForm):
    """An address and the events that it wants."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(name, name) for name in names.EVENTS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Subscription
        fields = ["workspace", "url", "events", "active"]

    def clean(self) -> dict[str, Any] | None:
        """Refuse one more than the service takes."""
        data = super().clean() or {}
        workspace = data.get("workspace")
        if workspace and workspace.subscriptions.count() >= services.MOST_SUBSCRIPTIONS:
            self.add_error(None, _("There are too many webhooks; delete one first."))
        return data


@admin.register(Subscription)
class SubscriptionPage(WorkspaceAdmin):
    """A webhook."""

    form = SubscriptionForm
    may_add = may_change = may_delete = True
    list_display = ["url", "workspace", "shown_state", "failing_since", "created_at"]
    list_filter = ["active", ("paused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["url"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["failing_since", "paused_at", "pause_reason", "created_at"]
    actions = ["resume", "send_test"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show how it fares once it is there."""
        return ["workspace", "url", "events", "active", *(self.readonly_fields if obj else ())]

    @display(description=_("state"), label=_TONES)
    def shown_state(self, subscription: Subscription) -> tuple[str, str]:
        """How it fares."""
        return subscription.state, str(_STATES[subscription.state])

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        """Go through the services; show a new secret once."""
        data = form.cleaned_data
        if change:
            services.update(
                Subscription.objects.get(pk=obj.pk), url=data["url"], events=data["events"], active=data["active"]
            )
            return
        made = services.create(data["workspace"], url=data["url"], events=data["events"], active=data["active"])
        obj.__dict__.update(made.__dict__)
        self.show_once(request, obj, {_("Secret"): made.secret})

    @admin.action(description=_("Resume"))
    def resume(self, request: HttpRequest, subscriptions: QuerySet) -> None:
        """Send again what is held."""
        self._each(request, subscriptions, services.resume)

    @admin.action(description=_("Send a test event"))
    def send_test(self, request: HttpRequest, subscriptions: QuerySet) -> None:
        """Send a test event to each."""
        self._each(request, subscriptions, services.send_test)

    def _each(self, request: HttpRequest, subscriptions: QuerySet, verb: Any) -> None:
        for subscription in subscriptions:
            try:
                verb(subscription)
            except ChatError as error:
                self.refuse(request, f"{subscription}: {error.message}")
            else:
                self.message_user(request, f"{subscription}: {_('done')}")


class AttemptLines(WorkspaceInline):
    """What happened at each try."""

    model = Attempt
    workspace_path = "delivery__workspace"
    fields = readonly_fields = ["at", "status", "error", "milliseconds", "response"]


@admin.register(Delivery)
class DeliveryPage(WorkspaceAdmin):
    """One event owed to one webhook."""

    list_display = ["event", "subscription", "workspace", "attempts", "created_at", "delivered_at", "failed_at"]
    list_filter = [
        "event",
        ("delivered_at", admin.EmptyFieldListFilter),
        ("failed_at", admin.EmptyFieldListFilter),
        ("subscription", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["subscription", "workspace"]
    search_fields = ["event", "subscription__url"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [AttemptLines]
    actions = ["replay"]

    @admin.action(description=_("Send again"))
    def replay(self, request: HttpRequest, deliveries: QuerySet) -> None:
        """Owe these events once more, with the same ids."""
        for delivery in deliveries:
            services.replay(delivery)
        self.message_user(request, _("They are on their way."))


@admin.register(Attempt)
class AttemptPage(WorkspaceAdmin):
    """Each try of each delivery."""

    workspace_path = "delivery__workspace"
    list_display = ["delivery", "at", "status", "error", "milliseconds"]
    list_filter = ["status"]
    list_select_related = ["delivery__subscription", "delivery__workspace"]
    search_fields = ["error", "delivery__subscription__url"]
    ordering = ["-id"]
