"""The team in Django admin. :mod:`.base` is what every page of every app stands on."""

from . import agents, audit, hours, keys, logins, workspaces

__all__ = ["agents", "audit", "hours", "keys", "logins", "workspaces"]
