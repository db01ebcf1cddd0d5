"""The team as the inbox shows it: presence and load of everybody in the workspace."""

from __future__ import annotations

from typing import Any

from agents.models import Agent, Presence
from agents.pictures import picture_url

from .. import queries, snapshots
from . import rendering

# Who can help now stands first.
_ORDER = {"available": 0, "busy": 1, "away": 2, "offline": 3}


def colleagues_of(seat: Agent) -> list[dict[str, Any]]:
    """Return the workspace's active agents as the protocol's objects and ``status_label``, who is there first."""
    loads = queries.loads(seat.workspace_id)
    people = Agent.objects.active().filter(workspace_id=seat.workspace_id)
    shown = [_shown(person, loads.get(person.pk, 0)) for person in people]
    return sorted(shown, key=lambda person: (_ORDER[person["status"]], person["name"].lower()))


def _shown(person: Agent, load: int) -> dict[str, Any]:
    told = rendering.agent({**(snapshots.of_agent(person) or {}), "open_chats": load})
    told["picture"] = picture_url(person)
    return {**told, "id": person.pk, "status_label": str(Presence(told["status"]).label)}
