"""What happens in a demo chat, step by step, each with its time. Tests play the same steps on the services."""

from dataclasses import dataclass
from datetime import datetime

from agents.models import Agent, Department


@dataclass(frozen=True)
class Step:
    """Something that happens at a time."""

    at: datetime


@dataclass(frozen=True)
class VisitorSays(Step):
    """The visitor writes."""

    body: str


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
