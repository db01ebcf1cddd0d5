"""Giving chats to agents: by hand, by transfer, by the queue. The routing lock makes capacity exact."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Department, Presence
from agents.services import presence

from .. import events
from ..access import Actor, demand
from ..errors import Conflict, Ended, Full, Invalid, NotFound, Offline
from ..models import Assignment, Chat, Kind, Status
from . import messages, parking, timeline
from .locking import lock_chat, lock_routing


def assign(chat: Chat, agent: Agent, actor: Actor, reason: str = "") -> Chat:
    """Give an open chat to an agent. Assigning it to the one who has it changes nothing.

    Raises NotFound (an agent of elsewhere), Offline, Full, Ended, NotAllowed.
    """
    demand(actor, "assign", chat)
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        _demand_open(chat)
        if chat.agent_id == agent.pk:
            return chat
        taker = check_can_take(agent, chat.workspace_id)
        left = chat.agent
        give(
            chat, taker, now=timezone.now(), by=actor.agent, reason=reason, event="transferred" if left else "assigned"
        )
    _route_after_commit(chat)
    return chat


def take_for_reply(chat: Chat, actor: Actor) -> None:
    """Make the agent who answers a waiting chat its agent. Raises Full; presence is not asked: they are writing."""
    assert actor.agent is not None
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        if chat.status != Status.WAITING:
            return
        taker = check_can_take(actor.agent, chat.workspace_id, must_be_there=False)
        presence.touch(taker)
        give(chat, taker, now=timezone.now(), by=taker, reason="")


def transfer(
    chat: Chat,
    actor: Actor,
    *,
    agent: Agent | None = None,
    department: Department | None = None,
    reason: str = "",
    note: str = "",
) -> Chat:
    """Hand an open chat to an agent, to a department's queue, or to an agent in a department; ``note`` stays internal.

    Raises Invalid (neither given), NotFound (of elsewhere), Offline, Full, Conflict (it is there already), Ended.
    """
    if agent is None and department is None:
        raise Invalid(_("Name an agent or a department."), field="target")
    demand(actor, "transfer", chat)
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        _demand_open(chat)
        _demand_elsewhere(chat, agent, department)
        if department is not None:
            if department.workspace_id != chat.workspace_id:
                raise NotFound(_("There is no such department."), field="department")
            chat.department = department
        if note.strip():
            messages.post(chat, actor, kind=Kind.NOTE, body=note)
            chat = _keep_department(lock_chat(chat), department)
        now = timezone.now()
        if agent is not None:
            taker = check_can_take(agent, chat.workspace_id)
            give(chat, taker, now=now, by=actor.agent, reason=reason, event="transferred")
        else:
            put_into_queue(chat, now=now, by=actor.agent, reason=reason)
    _route_after_commit(chat)
    return chat


def send_to_queue(chat: Chat, actor: Actor, reason: str = "") -> Chat:
    """Take an open chat from its agent and let the queue find one. One that waits already is left as it is.

    Raises Ended, NotAllowed, NotFound.
    """
    demand(actor, "transfer", chat)
    with transaction.atomic():
        lock_routing(chat.workspace_id)
        chat = lock_chat(chat)
        _demand_open(chat)
        if chat.agent_id is None:
            return chat
        put_into_queue(chat, now=timezone.now(), by=actor.agent, reason=reason)
    _route_after_commit(chat)
    return chat


def _keep_department(chat: Chat, department: Department | None) -> Chat:
    if department is not None:
        chat.department = department
    return chat


def _demand_open(chat: Chat) -> None:
    if not chat.is_open:
        raise Ended


def _demand_elsewhere(chat: Chat, agent: Agent | None, department: Department | None) -> None:
    """Raise Conflict when the chat already is where it should go."""
    same_agent = agent is not None and agent.pk == chat.agent_id
    same_department = department is not None and department.pk == chat.department_id
    if same_agent and (department is None or same_department):
        raise Conflict(_("The chat is with this agent already."))
    if agent is None and same_department and chat.agent_id is None:
        raise Conflict(_("The chat waits in this department already."))


def check_can_take(agent: Agent, workspace_id: int, *, must_be_there: bool = True) -> Agent:
    """Return the agent as they are now if they can take one more chat. The routing lock is held.

    Raises NotFound, Offline (no lease, or status offline), Full. Busy and away do not forbid an assignment by hand.
    """
    now = Agent.objects.active().filter(pk=agent.pk, workspace_id=workspace_id).first()
    if now is None:
        raise NotFound(_("There is no such agent."), field="agent")
    if must_be_there and not now.is_bot and now.presence() == Presence.OFFLINE:
        raise Offline
    if not now.is_bot and open_chats(now) >= now.max_chats:
        raise Full
    return now


def open_chats(agent: Agent) -> int:
    """Return how many chats the agent has now."""
    return Chat.objects.filter(agent=agent, status=Status.ACTIVE).count()


def give(chat: Chat, agent: Agent, *, now: datetime, by: Agent | None, reason: str, event: str = "assigned") -> None:
    """Make the agent the chat's. Both locks are held, and the agent was checked."""
    before = chat.agent
    end_assignment(chat, now)
    Assignment.objects.create(
        workspace_id=chat.workspace_id, chat=chat, agent=agent, by=by, reason=reason, started_at=now
    )
    Agent.objects.filter(pk=agent.pk).update(last_assigned_at=now)
    chat.agent = agent
    chat.status = Status.ACTIVE
    parking.take_out(chat, now)
    if not agent.is_bot:
        chat.first_assigned_at = chat.first_assigned_at or now
    also = ["agent", "status", "first_assigned_at", "department", *parking.FIELDS]
    if event == "assigned":
        detail = {"agent": timeline.person(agent), "reason": reason}
        line = timeline.event(chat, "assigned", now=now, by=by, detail=detail, also=also)
        events.record(
            events.ChatAssigned(
                workspace_id=chat.workspace_id, chat=chat, message=line, agent=agent, by=by, reason=reason
            )
        )
        return
    _say_transferred(chat, now=now, before=before, by=by, reason=reason, also=also)


def put_into_queue(chat: Chat, *, now: datetime, by: Agent | None, reason: str, prefer: Agent | None = None) -> None:
    """Take the chat from whoever has it, and let it wait; ``prefer`` is tried first. Both locks are held."""
    before = chat.agent
    end_assignment(chat, now)
    chat.agent = None
    chat.preferred_agent = prefer
    chat.status = Status.WAITING
    parking.place(chat, now)
    also = ["agent", "preferred_agent", "status", "department", *parking.FIELDS]
    _say_transferred(chat, now=now, before=before, by=by, reason=reason, also=also)


def _say_transferred(
    chat: Chat, *, now: datetime, before: Agent | None, by: Agent | None, reason: str, also: list[str]
) -> None:
    detail = {
        "from": timeline.person(before),
        "to_agent": timeline.person(chat.agent),
        "to_department": timeline.person(chat.department),
        "reason": reason,
    }
    line = timeline.event(chat, "transferred", now=now, by=by, detail=detail, also=also)
    events.record(
        events.ChatTransferred(
            workspace_id=chat.workspace_id,
            chat=chat,
            message=line,
            from_agent=before,
            to_agent=chat.agent,
            to_department=chat.department,
            by=by,
            reason=reason,
        )
    )


def requeue(chat: Chat, *, now: datetime, reason: str) -> None:
    """Put an active chat back into the queue, preferring its agent should they return. Both locks are held.

    It keeps its place by the time it first waited since: the visitor has done nothing wrong.
    """
    before = chat.agent
    end_assignment(chat, now)
    chat.preferred_agent = before
    chat.agent = None
    chat.status = Status.WAITING
    parking.place(chat, now, since=chat.queued_at)
    also = ["agent", "preferred_agent", "status", *parking.FIELDS]
    detail = {"reason": reason, "from": timeline.person(before)}
    line = timeline.event(chat, "queued", now=now, detail=detail, also=also)
    events.record(
        events.ChatQueued(workspace_id=chat.workspace_id, chat=chat, message=line, from_agent=before, reason=reason)
    )


def end_assignment(chat: Chat, now: datetime) -> None:
    """End the running assignment, if there is one. The chat is locked."""
    Assignment.objects.filter(chat=chat, ended_at__isnull=True).update(ended_at=now)


def _route_after_commit(chat: Chat) -> None:
    from .. import routing

    transaction.on_commit(lambda: routing.route(chat.workspace_id), robust=True)
