"""The team in Django admin. :mod:`.base` is what every page of every app stands on."""

from . import agents, keys, logins, workspaces

__all__ = ["agents", "keys", "logins", "workspaces"]
