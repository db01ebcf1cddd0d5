"""Handing a chat over to whoever can take it now, among several departments or agents: what bots do."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Department

from .. import routing
from ..access import Actor, demand
from ..errors import ChatError, Conflict, Ended, Full, Invalid, Offline
from ..models import Assignment, Chat
from . import assigning
from .locking import lock_chat, lock_routing

# Bots can hand a chat round among themselves; somewhere it ends.
MOST_BOTS = 10


class NobodyThere(ChatError):
    """Nobody whom the caller named can take the chat now."""

    code = "nobody_available"
    default = _("Nobody there can take this chat now.")


def hand_over(
    chat: Chat,
    actor: Actor,
    *,
    departments: Sequence[Department] = (),
    agents: Sequence[Agent] = (),
    queue: bool = False,
    reason: str = "",
) -> Chat:
    """Give an open chat to the first of the agents, or of the departments' people, who can take it now.

    When nobody can, ``queue`` lets it wait: in the first department, or preferring the first agent. Otherwise
    NobodyThere is raised. Also Invalid (nobody named), Conflict (bots only pass it round), Ended, NotAllowed, NotFound.
    """
    if not departments and not agents:
        raise Invalid(_("Name an agent or a department."), field="target")
    demand(actor, "transfer", chat)
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        if not chat.is_open:
            raise Ended
        now = timezone.now()
        taker = _first_of_agents(chat, agents) or _first_of_departments(chat, departments)
        if taker is None and not queue:
            raise NobodyThere
        if taker is not None:
            assigning.give(chat, taker, now=now, by=actor.agent, reason=reason, event="transferred")
        else:
            chat.department = departments[0] if departments else chat.department
            prefer = next((agent for agent in agents if not agent.is_bot), None)
            assigning.put_into_queue(chat, now=now, by=actor.agent, reason=reason, prefer=prefer)
        transaction.on_commit(lambda: routing.route(chat.workspace_id), robust=True)
    return chat


def _first_of_agents(chat: Chat, agents: Sequence[Agent]) -> Agent | None:
    for agent in agents:
        if agent.pk == chat.agent_id:
            continue
        if agent.is_bot:
            _demand_no_carousel(chat)
        try:
            return assigning.check_can_take(agent, chat.workspace_id)
        except (Offline, Full):
            continue
    return None


def _demand_no_carousel(chat: Chat) -> None:
    if Assignment.objects.filter(chat=chat, agent__is_bot=True).count() >= MOST_BOTS:
        raise Conflict(_("Bots have passed this chat round too often."), code="too_many_bots")


def _first_of_departments(chat: Chat, departments: Sequence[Department]) -> Agent | None:
    if not departments:
        return None
    free = routing.candidates(chat.workspace_id)
    for department in departments:
        chat.department = department
        fitting = [candidate for candidate in free if candidate.fits(chat)]
        if fitting:
            return min(fitting, key=lambda candidate: candidate.rank(chat)).agent
    return None
