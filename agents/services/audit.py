"""The audit log: who did what to keys, webhooks, bots, assistants and rights.

Services note what they do, whatever surface called them. Who acted and from where comes from the request under way
(:class:`agents.middleware.AuditMiddleware` holds it); outside a request it was the command line.
"""

from __future__ import annotations

import re
from contextvars import ContextVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..models import Agent, AuditEntry, Role, Workspace

KEY_CREATED, KEY_CHANGED, KEY_ROTATED, KEY_REVOKED = "key.created", "key.changed", "key.rotated", "key.revoked"
IDENTITY_ROTATED = "identity_secret.rotated"
DOMAINS_CHANGED = "domains.changed"
WEBHOOK_CREATED, WEBHOOK_CHANGED, WEBHOOK_DELETED = "webhook.created", "webhook.changed", "webhook.deleted"
WEBHOOK_ROTATED, WEBHOOK_RESUMED = "webhook.secret_rotated", "webhook.resumed"
WEBHOOK_REPLAYED = "webhook.replayed"
BOT_CREATED, BOT_CHANGED, BOT_ROTATED = "bot.created", "bot.changed", "bot.secret_rotated"
ASSISTANT_CREATED, ASSISTANT_CHANGED = "assistant.created", "assistant.changed"
ASSISTANT_ON, ASSISTANT_OFF = "assistant.switched_on", "assistant.switched_off"
SEAT_GIVEN, ROLE_CHANGED = "agent.created", "agent.role_changed"
SEAT_TAKEN, SEAT_RETURNED = "agent.deactivated", "agent.reactivated"

ACTS = {
    KEY_CREATED: _("Key created"),
    KEY_CHANGED: _("Key changed"),
    KEY_ROTATED: _("Key rotated"),
    KEY_REVOKED: _("Key revoked"),
    IDENTITY_ROTATED: _("Identity secret rotated"),
    DOMAINS_CHANGED: _("Allowed domains changed"),
    WEBHOOK_CREATED: _("Webhook created"),
    WEBHOOK_CHANGED: _("Webhook changed"),
    WEBHOOK_DELETED: _("Webhook deleted"),
    WEBHOOK_ROTATED: _("Webhook’s secret rotated"),
    WEBHOOK_RESUMED: _("Webhook resumed"),
    WEBHOOK_REPLAYED: _("Webhook’s events sent again"),
    BOT_CREATED: _("Bot created"),
    BOT_CHANGED: _("Bot changed"),
    BOT_ROTATED: _("Bot’s secret rotated"),
    ASSISTANT_CREATED: _("Assistant created"),
    ASSISTANT_CHANGED: _("Assistant changed"),
    ASSISTANT_ON: _("Assistant switched on"),
    ASSISTANT_OFF: _("Assistant switched off"),
    SEAT_GIVEN: _("Agent added"),
    ROLE_CHANGED: _("Role changed"),
    SEAT_TAKEN: _("Agent deactivated"),
    SEAT_RETURNED: _("Agent reactivated"),
}

# The request that this thread or task serves.
request_under_way: ContextVar[HttpRequest | None] = ContextVar("request_under_way", default=None)


def note(workspace: Workspace | int, act: str, target: str = "", *, by: Agent | None = None) -> AuditEntry:
    """Write one entry, in the transaction of what it tells of. ``target`` names a thing, never a secret."""
    request = request_under_way.get()
    agent = by or getattr(request, "seat", None) or getattr(request, "acting_agent", None)
    return AuditEntry.objects.create(
        workspace_id=workspace if isinstance(workspace, int) else workspace.pk,
        actor=agent,
        actor_name=(agent.name if agent else _named(request))[:200],
        act=act,
        target=target[:300],
        address=str(request.META.get("REMOTE_ADDR", ""))[:45] if request else "",
    )


def sentence(entry: AuditEntry) -> str:
    """Return what was done, as people read it."""
    return str(ACTS.get(entry.act, entry.act))


def shown(entry: AuditEntry) -> str:
    """Return what it was done to as people read it: roles are written down by their names for programs."""
    if entry.act not in (SEAT_GIVEN, ROLE_CHANGED):
        return entry.target
    return _ROLES.sub(lambda found: f"{found[1]}{Role(found[2]).label}", entry.target)


# At the end alone: "Olga: operator → supervisor", "Olga (operator)". A person may be called like a role.
_ROLES = re.compile(rf"(: | → | \()({'|'.join(Role.values)})(?=\)$|$| → (?:{'|'.join(Role.values)})$)")


def _named(request: HttpRequest | None) -> str:
    """Who acts when it is no agent: the key that a contract's request came with, or a login of Django admin."""
    if request is None:
        return ""
    user = getattr(request, "user", None)
    logged_in = user is not None and user.is_authenticated
    return str(getattr(request, "acting_key", "") or (user if logged_in else ""))
