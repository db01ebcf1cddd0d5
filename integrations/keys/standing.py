"""What an open socket's rights rest on: the token's row, its agent and departments, its visitor.

``chat.sockets`` looks at these rows every few seconds, one query a kind for all sockets of the process.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from agents.models import Agent, AgentToken, Membership, working
from chat.models import Visitor
from chat.sockets import Standing

from .authentication import Principal
from .models import SecretKey

Found = dict[Any, Any]


def standings(principal: Principal) -> list[Standing]:
    """Return the rows that must stay as they are for this principal's sockets to live."""
    if principal.kind == "secret" and principal.key:
        return [Standing(_live_secret_keys, principal.key.pk)]
    if principal.agent and principal.key:
        return [Standing(_live_agent_tokens, principal.key.pk), Standing(_agents, principal.agent.pk)]
    assert principal.visitor, "a page's key alone opens no socket"
    return [Standing(_visitors, principal.visitor.pk)]


def _live_secret_keys(pks: list[Any]) -> Found:
    """Keys that work: whose scopes have changed must come anew."""
    rows = SecretKey.objects.filter(working(), pk__in=pks)
    return {pk: tuple(scopes) for pk, scopes in rows.values_list("pk", "scopes")}


def _live_agent_tokens(pks: list[Any]) -> Found:
    return dict.fromkeys(AgentToken.objects.filter(working(), pk__in=pks).values_list("pk", flat=True), True)


def _agents(pks: list[Any]) -> Found:
    """Active agents: a changed role or department means that the client must come anew."""
    departments: defaultdict[int, list[int]] = defaultdict(list)
    rows = Membership.objects.filter(agent_id__in=pks).order_by("department_id")
    for agent_id, department_id in rows.values_list("agent_id", "department_id"):
        departments[agent_id].append(department_id)
    agents = Agent.objects.active().filter(pk__in=pks, user__is_active=True)
    return {pk: (role, tuple(departments[pk])) for pk, role in agents.values_list("pk", "role")}


def _visitors(pks: list[Any]) -> Found:
    return dict.fromkeys(Visitor.objects.filter(pk__in=pks).values_list("pk", flat=True), True)
