"""The team's tables."""

from .keys import AgentToken, Key
from .people import Agent, Membership, Presence, Role, User
from .workspace import Department, Workspace

__all__ = [
    "Agent",
    "AgentToken",
    "Department",
    "Key",
    "Membership",
    "Presence",
    "Role",
    "User",
    "Workspace",
]
