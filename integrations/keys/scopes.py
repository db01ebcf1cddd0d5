"""What a secret key may be used for. Each view of a contract names the scope that it needs; here is the one check.

A view says ``scope = "chats:read"`` or, where methods differ, ``scope = {"GET": "chats:read", "POST": "chats:write"}``.
Scopes bind secret keys alone: an agent's token is bound by the agent's role, a page's key and a visitor's token by
what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chat.errors import NotAllowed

if TYPE_CHECKING:
    from .authentication import Principal

ALL = "all"
# In the order in which people choose them.
SCOPES = {
    ALL: _("Everything, also what is added later"),
    "chats:read": _("Read chats, messages and visitors"),
    "chats:write": _("Start, answer, assign and close chats"),
    "agents:read": _("See the team and its statistics"),
    "agents:write": _("Set the status of agents"),
    "analytics:read": _("Read reports"),
    "widget:read": _("Read widgets and triggers"),
    "widget:write": _("Change widgets and triggers"),
    "files:write": _("Upload files"),
    "webhooks:manage": _("See and change webhooks"),
}
Scope = str | Mapping[str, str] | None


class MissingScope(NotAllowed):
    """The key is good, but not for this. ``scope`` is the one that is missing."""

    def __init__(self, scope: str) -> None:
        super().__init__(format_lazy(_("This key lacks the scope {scope}."), scope=scope))
        self.scope = scope


def scope_of(declared: Scope, method: str) -> str | None:
    """Return the scope that a view declares for a method; HEAD reads like GET. None when it declares none."""
    if declared is None or isinstance(declared, str):
        return declared
    return declared.get("GET" if method == "HEAD" else method)


def allows(scopes: Iterable[str], wanted: str) -> bool:
    """Whether these scopes cover the wanted one. Who may write may read: every change answers what it changed."""
    held = set(scopes)
    area, _colon, verb = wanted.partition(":")
    return ALL in held or wanted in held or (verb == "read" and f"{area}:write" in held)


def has(principal: Principal, wanted: str | None) -> bool:
    """Whether this caller's key covers the scope. A view that names none is for no key."""
    if principal.kind != "secret":
        return True
    return wanted is not None and allows(getattr(principal.key, "scopes", ()), wanted)


def demand(principal: Principal, wanted: str | None) -> None:
    """Raise MissingScope when this caller's key does not cover the scope."""
    if not has(principal, wanted):
        raise MissingScope(wanted or ALL)


def check(view: Any, principal: Principal, method: str) -> None:
    """Hold a caller to the scope that the view declares for this method. A method that it lacks answers 405 itself."""
    if method != "OPTIONS" and hasattr(view, method.lower()):
        demand(principal, scope_of(view.scope, method))


def choices() -> list[tuple[str, str]]:
    """Return the scopes for a form."""
    return [(name, f"{name} – {label}") for name, label in SCOPES.items()]


def tidy(chosen: Iterable[str]) -> list[str]:
    """Return the chosen scopes in our order; with ``all`` the others say nothing."""
    held = set(chosen)
    return [ALL] if ALL in held else [name for name in SCOPES if name in held]


def valid_scopes(scopes: object) -> None:
    """Raise ValidationError unless this is a list of at least one known scope."""
    if not isinstance(scopes, list) or not scopes:
        raise ValidationError(_("Choose at least one scope."))
    for scope in scopes:
        if not isinstance(scope, str) or scope not in SCOPES:
            raise ValidationError(_("There is no scope %(scope)s."), params={"scope": str(scope)[:80]})
