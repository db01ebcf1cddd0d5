"""The team's tables."""

from .audit import AuditEntry
from .hours import HoursException, OpeningHours
from .keys import AgentToken, Key, working
from .people import Agent, AgentPicture, Membership, Presence, Role, User
from .workspace import Department, Workspace

__all__ = [
    "Agent",
    "AgentPicture",
    "AgentToken",
    "AuditEntry",
    "Department",
    "HoursException",
    "Key",
    "Membership",
    "OpeningHours",
    "Presence",
    "Role",
    "User",
    "Workspace",
    "working",
]
