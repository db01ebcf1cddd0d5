"""The inbox's socket: docs/protocol.md, "The inbox socket"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from agents.languages import accepted
from agents.models import Agent
from agents.services import presence as leases

from .. import broadcasting, queries, snapshots
from ..access import Actor
from ..errors import ChatError, Invalid
from ..models import Chat
from ..realtime import Frame, hub
from ..services import presence
from ..sockets import Socket, encode, run_db
from . import doing, frames, rendering
from .logins import demand_same_origin, login_of, standings

OPEN_LIMIT = 20
Data = dict[str, Any]


class InboxSocket(Socket):
    """An agent's open inbox. While it answers, the agent is there."""

    agent: Agent
    actor: Actor
    language: str = "en"

    # -- life ----------------------------------------------------------------------------------------------------

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By the chat's uid, as the frames name it.
        self.opened_chats: dict[str, int] = {}
        self._tasks: set[asyncio.Future[None]] = set()

    async def authenticate(self) -> None:
        """Take the login's session, from a page of our own only."""
        demand_same_origin(self.scope)
        key, user, self.agent = await run_db(login_of, self.scope)
        header = dict(self.scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        self.language = user.language or accepted(header, "en")
        self.workspace_id = self.agent.workspace_id
        self.actor = Actor.of_agent(self.agent)
        await self.rest_on(*standings(key, user, self.agent))

    async def opened(self) -> None:
        """Hear what this agent may see, renew the lease, say who is there."""
        departments = [membership.department_id for membership in self.agent.memberships.all()]
        hub.join(self, broadcasting.inbox_topics(self.agent, departments))
        await run_db(presence.there, self.agent)
        self.send_frame(await run_db(doing.hello, self.actor, self.agent))

    # -- from the hub --------------------------------------------------------------------------------------------

    def deliver(self, frame: Frame) -> None:
        """Send a frame of the hub; one about a colleague needs their load first."""
        if frame.data["type"] == "agent":
            self._later(self._deliver_agent(frame))
            return
        if frame.data["type"] == "gone":
            self._forget(frame.data["chat_uid"])
        super().deliver(frame)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something on the loop, and keep it from being collected before it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def render(self, frame: Frame) -> str | None:
        """Return the frame in this dialect: one rendering a language, shared by all sockets."""
        if frames.is_own_typing(frame.data, self.agent.uid.hex):
            return None
        with translation.override(self.language):
            return self.once(frame, ("inbox", self.language), frames.render)

    async def _deliver_agent(self, frame: Frame) -> None:
        """Send a colleague's presence with the load of now, asked and put into words once for all sockets here."""
        text = await self.shared(frame, "agent", _with_load, self.workspace_id, frame.data["agent"])
        if text is not None:
            self.send_text(text)

    def error_frame(self, error: ChatError, ref: Any) -> Data:
        """Return the error as a sentence in the agent's language."""
        with translation.override(self.language):
            sentence = _("Too much at once. Wait a moment.") if error.code == "too_many" else str(error.message)
            return {"type": "error", "code": error.code, "message": sentence, "ref": ref}

    @classmethod
    async def beat(cls, sockets: list[Any]) -> None:
        """Renew the leases of all in one UPDATE, and send each the newest that it may know."""
        if not sockets:
            return
        opened = {chat_id for socket in sockets for chat_id in socket.opened_chats.values()}
        there = {socket.agent.pk for socket in sockets if socket.answers}
        seqs, newest = await run_db(_state, [socket.agent for socket in sockets], there, opened)
        for socket in sockets:
            mine = {uid: seqs[chat_id] for uid, chat_id in socket.opened_chats.items() if chat_id in seqs}
            socket.send_frame({"type": "heartbeat", "newest": newest[socket.agent.pk], "seqs": mine})

    # -- from the client -----------------------------------------------------------------------------------------

    async def on_open(self, frame: Data) -> None:
        """Follow a chat: its timeline, receipts and typing."""
        if len(self.opened_chats) >= OPEN_LIMIT and doing.uid_of(frame) not in self.opened_chats:
            raise Invalid(_("Too many chats are open."), field="chat")
        chat, synced = await self._do(doing.synced, frame)
        self.opened_chats[chat.uid.hex] = chat.pk
        hub.join(self, [broadcasting.team_topic(chat.pk)])
        # Once more, now that nothing can pass by unheard: only what came in between.
        last = synced["messages"][-1]["seq"] if synced["messages"] else doing.after_of(frame)
        _chat, more = await self._do(doing.synced, {**frame, "after": last}) if synced["complete"] else (chat, None)
        if more:
            synced = {**more, "messages": synced["messages"] + more["messages"]}
        self._reply(frame, synced)

    async def on_leave(self, frame: Data) -> None:
        """Follow a chat no more."""
        self._forget(doing.uid_of(frame))
        self._acknowledge(frame)

    async def on_sync(self, frame: Data) -> None:
        """Answer what came after a seq."""
        _chat, synced = await self._do(doing.synced, frame)
        self._reply(frame, synced)

    async def on_send(self, frame: Data) -> None:
        """Post a reply or a note; the ack carries the stored message."""
        stored = await self._do(doing.post, frame)
        self.send_frame({"type": "ack", "ref": frame.get("ref"), "message": stored})

    async def on_typing(self, frame: Data) -> None:
        """Tell the visitor that the agent writes."""
        await self._do(doing.signal_typing, frame)
        self._acknowledge(frame)

    async def on_read(self, frame: Data) -> None:
        """The agent has seen everything up to a seq."""
        await self._do(doing.mark_read, frame)
        self._acknowledge(frame)

    async def on_delivered(self, frame: Data) -> None:
        """Everything up to a seq has reached this inbox."""
        await self._do(doing.mark_delivered, frame)
        self._acknowledge(frame)

    async def on_presence(self, frame: Data) -> None:
        """Say whether one takes chats."""
        await run_db(doing.set_presence, self.agent, frame)
        self._acknowledge(frame)

    async def _do(self, work: Callable[[Actor, Data], Any], frame: Data) -> Any:
        """Run a function that uses the database, in the agent's language."""

        def speaking() -> Any:
            with translation.override(self.language):
                return work(self.actor, frame)

        return await run_db(speaking)

    def _forget(self, uid: str) -> None:
        chat_id = self.opened_chats.pop(uid, None)
        if chat_id is not None:
            hub.leave(self, [broadcasting.team_topic(chat_id)])

    def _reply(self, frame: Data, answer: Data) -> None:
        self.send_frame({**answer, "ref": frame["ref"]} if "ref" in frame else answer)

    def _acknowledge(self, frame: Data) -> None:
        """Say that the frame was done, to who wants to know."""
        if "ref" in frame:
            self.send_frame({"type": "ack", "ref": frame["ref"], "message": None})


# -- with the database, in a thread ----------------------------------------------------------------------------------


def _with_load(workspace_id: int, person: Data) -> str:
    """Return a colleague's frame, as text."""
    load = queries.loads(workspace_id).get(person["id"], 0)
    return encode({"type": "agent", "agent": rendering.agent({**person, "open_chats": load})})


def _state(agents: list[Agent], there: set[int], opened: set[int]) -> tuple[dict[int, int], dict[int, str | None]]:
    """Renew the leases of those who are there.

    Returns the newest seq of the opened chats, and the newest change that each agent may see.
    """
    leases.renew(there)
    seqs = dict(Chat.objects.filter(pk__in=opened).values_list("pk", "last_seq")) if opened else {}
    seen: dict[Any, str | None] = {}
    newest: dict[int, str | None] = {}
    for agent in agents:
        # Those who see everything see the same.
        key = ("all", agent.workspace_id) if agent.supervises else agent.pk
        if key not in seen:
            seen[key] = _instant(queries.newest_change(Actor.of_agent(agent)))
        newest[agent.pk] = seen[key]
    return seqs, newest


def _instant(moment: datetime | None) -> str | None:
    return snapshots.instant(moment)
