"""Bots in Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminURLInputWidget

from agents.admin.base import WorkspaceAdmin
from agents.admin.forms import OneWorkspaceForm
from integrations.setting_up import create_bot

from . import services
from .models import Bot


class BotForm(OneWorkspaceForm):
    """A bot over HTTP has an address."""

    url = forms.URLField(
        label=_("Address"), required=False, max_length=500, assume_scheme="https", widget=UnfoldAdminURLInputWidget
    )

    class Meta:
        model = Bot
        fields = ["workspace", "name", "transport", "url", "greets", "widgets", "deadline_seconds"]

    def clean(self) -> dict[str, Any] | None:
        """Refuse what the service would refuse."""
        data = super().clean() or {}
        if data.get("transport") == Bot.Transport.HTTP and not data.get("url"):
            self.add_error("url", forms.ValidationError(_("A bot over HTTP needs an address.")))
        return data


@admin.register(Bot)
class BotPage(WorkspaceAdmin):
    """A program of the team. Its secret is shown once, when it is made; its name is part of its topic and stays."""

    form = BotForm
    may_add = may_change = True
    list_display = ["name", "workspace", "transport", "topic", "active", "created_at"]
    list_filter = ["transport"]
    list_select_related = ["workspace", "agent"]
    search_fields = ["name"]
    autocomplete_fields = ["workspace"]
    readonly_fields = ["agent", "bot_id", "client_id", "topic", "created_at"]
    actions = ["rotate"]

    @admin.display(boolean=True, description=_("active"))
    def active(self, bot: Bot) -> bool:
        """Whether its agent is."""
        return bot.agent.is_active

    @admin.display(description=_("Bot id"))
    def bot_id(self, bot: Bot) -> str:
        """Its agent's uid: what envelopes and signed calls name it by."""
        return str(bot.agent.uid)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show the rest once there is a bot."""
        return [*BotForm.Meta.fields, *(self.readonly_fields if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Fix the name: it is the address of its topic."""
        return [*super().get_readonly_fields(request, obj), *(["name"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Bot, form: Any, change: bool) -> None:
        """Create through the service, which makes the agent too."""
        if change:
            services.change(obj, form.changed_data)
            return
        bot = create_bot(obj.workspace, obj.name, transport=obj.transport, url=obj.url)
        bot.greets, bot.deadline_seconds = obj.greets, obj.deadline_seconds
        bot.save(update_fields=["greets", "deadline_seconds"])
        obj.__dict__.update(bot.__dict__)
        self.show_once(request, obj, self._keys(bot, bot.client_secret))

    @admin.action(description=_("Give a new client secret"), permissions=["change"])
    def rotate(self, request: HttpRequest, bots: QuerySet) -> HttpResponse | None:
        """Replace the secret of one bot, and show the new one once."""
        bot = bots.first()
        if bot is None or bots.count() > 1:
            self.refuse(request, _("Choose one bot."))
            return None
        self.show_once(request, bot, self._keys(bot, services.rotate(bot)))
        return self.once_page(request)

    def _keys(self, bot: Bot, secret: str) -> dict[Any, str]:
        return {_("Bot id"): self.bot_id(bot), _("Client id"): bot.client_id, _("Client secret"): secret}
