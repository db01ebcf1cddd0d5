"""Several changes of a chat as one: all of them happen, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.models import Agent

from ..access import Actor
from ..errors import Invalid
from ..models import Chat, Status
from . import assigning, lifecycle, notes, tagging
from .locking import lock_chat, lock_routing, lock_visitor


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a chat shall be like; None leaves a thing as it is.

    ``status`` says: closed, or open again (``waiting``: in the queue, ``active``: with an agent). ``agent`` is who
    shall have it, ``to_queue`` that nobody shall.
    """

    status: str | None = None
    agent: Agent | None = None
    to_queue: bool = False
    tags: Sequence[str] | None = None
    notes: str | None = None

    @property
    def moves(self) -> bool:
        """Whether an agent or the queue is concerned."""
        return bool(self.status or self.agent or self.to_queue)


@transaction.atomic
def edit(chat: Chat, actor: Actor, changes: Changes) -> Chat:
    """Make the chat like this, each change by its own verb. What is like this already is no change.

    A closed chat is reopened first, an open one closed last, so that one call may do both ends. Raises what the verbs
    raise (Ended, Offline, Full, Conflict, Invalid, NotAllowed, NotFound), and then nothing has changed.
    """
    if changes.moves:
        lock_visitor(chat.visitor)
        lock_routing(chat.workspace_id)
    chat = lock_chat(chat)
    reopened = changes.status in (Status.WAITING, Status.ACTIVE) and not chat.is_open
    if reopened:
        chat = lifecycle.reopen(chat, actor)
    if changes.tags is not None:
        tagging.set_tags(chat, actor, changes.tags)
    if changes.notes is not None:
        notes.set_notes(chat, actor, changes.notes)
    _place(lock_chat(chat), actor, changes, reopened)
    chat = lock_chat(chat)
    if changes.status == Status.CLOSED and chat.is_open:
        chat = lifecycle.close(chat, actor)
    return chat


def _place(chat: Chat, actor: Actor, changes: Changes, reopened: bool) -> None:
    """Bring the chat to the agent or into the queue."""
    if changes.agent:
        if chat.is_open or chat.agent_id != changes.agent.pk:
            assigning.assign(chat, changes.agent, actor)
    elif changes.to_queue or (changes.status == Status.WAITING and chat.status == Status.ACTIVE and not reopened):
        assigning.send_to_queue(chat, actor)
    elif changes.status == Status.ACTIVE and chat.status == Status.WAITING:
        if not (reopened and chat.preferred_agent):
            raise Invalid(_("Name an agent."), field="agent")
        assigning.assign(chat, chat.preferred_agent, actor)  # says why its agent cannot have it back
