"""What happens in a demo chat, step by step, each with its time. Tests play the same steps on the services."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.models import Agent, Department

# The command that an order's number is given to.
ORDER = "order_lookup"


@dataclass(frozen=True)
class Step:
    """Something that happens at a time."""

    at: datetime


@dataclass(frozen=True)
class Prompted(Step):
    """The chat begins with the proactive message that the visitor answers."""

    uid: UUID
    name: str
    body: str


@dataclass(frozen=True)
class VisitorSays(Step):
    """The visitor writes; the page adds the order that it is about."""

    body: str
    order: str = ""

    @property
    def payload(self) -> dict[str, Any]:
        """What comes with it."""
        return {"metadata": {"commandType": ORDER, "value": self.order}} if self.order else {}


@dataclass(frozen=True)
class Taken(Step):
    """The queue gives the chat to an agent."""

    agent: Agent


@dataclass(frozen=True)
class AgentSays(Step):
    """Its agent writes."""

    agent: Agent
    body: str


@dataclass(frozen=True)
class Noted(Step):
    """An agent notes something for the team."""

    agent: Agent
    body: str


@dataclass(frozen=True)
class Tagged(Step):
    """An agent puts a tag on it."""

    agent: Agent
    name: str


@dataclass(frozen=True)
class Prioritised(Step):
    """An agent changes its priority."""

    agent: Agent
    priority: int


@dataclass(frozen=True)
class HandedOver(Step):
    """Its agent transfers it to a department's queue, with a note."""

    agent: Agent
    department: Department
    reason: str
    note: str


@dataclass(frozen=True)
class ReadByTeam(Step):
    """Its agent has read all of it."""

    agent: Agent


@dataclass(frozen=True)
class ReadByVisitor(Step):
    """The visitor has read all of it."""


@dataclass(frozen=True)
class Closed(Step):
    """It ends: by its agent, or by the system when nobody was there."""

    agent: Agent | None
    reason: str


@dataclass(frozen=True)
class Rated(Step):
    """The visitor says how it was."""

    rating: int
    comment: str
