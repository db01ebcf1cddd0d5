"""A session's socket: section 7 of the contract, with the additions of docs/protocol.md."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.db import DatabaseError
from django.utils import translation

from agents.models import Agent
from agents.services import presence
from chat import broadcasting, queries
from chat.access import Actor, get_chat, may_see
from chat.errors import ChatError, Invalid, NotFound
from chat.models import Chat, Message
from chat.realtime import Frame, hub
from chat.services import messages, rating, typing, visitors
from chat.sockets import NOT_FOUND, Socket, run_db

from ..keys.authentication import Principal
from ..keys.standing import standings
from . import frames, sessions
from .ending import end
from .errors import problem
from .handshake import open_socket, subprotocol
from .mapping import Reader, id_of
from .requests import (
    parse_end,
    parse_message,
    parse_page,
    parse_read,
    parse_satisfaction,
    parse_seq,
)
from .sending import send

log = logging.getLogger(__name__)

SYNC_LIMIT = 100
Data = dict[str, Any]


class SessionSocket(Socket):
    """A visitor's, an agent's or a server's line to one session."""

    principal: Principal
    actor: Actor
    chat: Chat
    reader: Reader
    language: str = "en"

    # -- life ----------------------------------------------------------------------------------------------------

    async def authenticate(self) -> None:
        """Take the token and the session of the address."""
        self.subprotocol = subprotocol(self.scope)
        opening = await run_db(open_socket, self.scope)
        self.principal, self.actor, self.chat = opening.principal, opening.actor, opening.chat
        self.reader, self.language = opening.reader, opening.language
        self.workspace_id = self.actor.workspace_id
        self._face: Any = None
        self._tasks: set[asyncio.Future[None]] = set()
        await self.rest_on(*standings(self.principal))

    async def opened(self) -> None:
        """Hear the session, say that the visitor is there, and tell the newest number so that the client catches up."""
        topic = broadcasting.team_topic if self.reader.for_team else broadcasting.visitor_topic
        hub.join(self, [topic(self.chat.pk)])
        seq = await run_db(self._arrive)
        self.send_frame(_heartbeat(seq))

    def _arrive(self) -> int:
        if self.principal.visitor:
            headers = dict(self.scope["headers"])
            visitors.seen(self.principal.visitor, user_agent=headers.get(b"user-agent", b"").decode("latin-1"))
        return queries.newest_seq(Chat.objects.get(pk=self.chat.pk), self.actor)

    @classmethod
    async def beat(cls, sockets: list[Any]) -> None:
        """One query for the newest numbers of all, one UPDATE for the visitors who are there."""
        if not sockets:
            return
        seqs = await run_db(_newest, sockets)
        for socket in sockets:
            if socket.chat.pk in seqs:
                socket.send_frame(_heartbeat(seqs[socket.chat.pk][0 if socket.reader.for_team else 1]))

    # -- from the hub --------------------------------------------------------------------------------------------

    def deliver(self, frame: Frame) -> None:
        """Send a frame of the hub; what needs the database first is sent a moment later."""
        data = frame.data
        if data["type"] in ("message", "chat") and not self._may_hear(data["chat"]):
            hub.leave(self)
            self._later(self.close(code=NOT_FOUND))
        elif data["type"] == "message" or (data["type"] == "typing" and not self._is_own(data)):
            super().deliver(frame)
        elif data["type"] in ("read", "delivered"):
            self._later(self._deliver_receipt(data))
        elif data["type"] == "chat" and frames.face(data["chat"]) != self._face:
            self._face = frames.face(data["chat"])
            self._later(self._tell_session())

    def _later(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Do it beside what is under way; the loop alone would forget it."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def render(self, frame: Frame) -> str | None:
        """Return the frame in the contract's words: one rendering a language and side, shared by all sockets."""
        if frame.data["type"] == "typing":
            return self.once(frame, "live_chat", frames.typing)
        with translation.override(self.language):
            key = ("live_chat", self.language, self.reader)
            return self.once(frame, key, lambda data: frames.entry(data, self.reader))

    def _may_hear(self, chat: Data) -> bool:
        """Whether the chat, as it is now, is still in this agent's sight: a transfer may have taken it away."""
        if self.actor.agent is None:
            return True
        agent, department = chat["agent"], chat["department"]
        now = Chat(
            workspace_id=chat["workspace_id"],
            agent_id=agent and agent["id"],
            department_id=department and department["id"],
        )
        return may_see(self.actor, now)

    def _is_own(self, data: Data) -> bool:
        agent = self.actor.agent
        return bool(agent and data["agent"] and data["agent"]["uid"] == agent.uid.hex)

    async def _tell_session(self) -> None:
        shown = await self._quietly(self._show_session)
        if shown:
            self.send_frame({"type": "session.updated", "data": {"session": shown}})

    def _show_session(self) -> Data:
        return sessions.show(get_chat(self.actor, self.chat.uid), self.reader)

    async def _deliver_receipt(self, data: Data) -> None:
        known = await self._quietly(self._read_up_to, data["seq"])
        if known:
            self.send_frame(frames.receipt(data, *known))

    def _read_up_to(self, seq: int) -> tuple[int, str]:
        """The newest entry up to there that this side may see: the other side's number may be one of its own notes."""
        entries = queries.visible_entries(self.chat, self.actor).filter(seq__lte=seq).order_by("-seq")
        found, uid = entries.values_list("seq", "uid")[:1].get()
        return found, id_of("msg", uid.hex)

    async def _quietly(self, function: Callable[..., Any], *args: Any) -> Any:
        """Do it in the client's language; what is gone by now, or cannot be read now, is not told: frames are hints."""
        try:
            return await self._do(function, *args)
        except (NotFound, Message.DoesNotExist):
            return None
        except DatabaseError as error:
            log.warning("live chat socket: a frame was not told: %s", error)
            return None

    # -- from the client -----------------------------------------------------------------------------------------

    async def on_message_send(self, frame: Data) -> None:
        """Store a message; the acknowledgement follows its commit."""
        request = parse_message(_data(frame))
        message = await self._do(self._send, request)
        self.send_frame({"type": "ack", "data": {"clientMessageId": request.client_message_id, "message": message}})

    def _send(self, request: Any) -> Data:
        # An agent's rights to a chat change with the chat, a visitor's and a server's do not.
        chat = get_chat(self.actor, self.chat.uid) if self.actor.agent else self.chat
        return sessions.show_message(send(self.principal, chat, request, self.reader), chat, self.reader)

    async def on_typing_start(self, frame: Data) -> None:
        """Tell the other side that this one is typing."""
        await self._do(self._type, True)

    async def on_typing_stop(self, frame: Data) -> None:
        """Tell the other side that this one stopped."""
        await self._do(self._type, False)

    def _type(self, on: bool) -> None:
        typing.signal(get_chat(self.actor, self.chat.uid), self.actor, on)

    async def on_message_read(self, frame: Data) -> None:
        """Note what was read."""
        await self._do(self._read, parse_read(_data(frame)))

    def _read(self, request: Any) -> None:
        seq = request.seq
        if request.message_id:
            seq = sessions.find_message(self.chat, self.actor, request.message_id).seq
        messages.mark_read(self.chat, self.actor, seq)

    async def on_message_delivered(self, frame: Data) -> None:
        """Note what has arrived."""
        await self._do(messages.mark_delivered, self.chat, self.actor, parse_seq(_data(frame), "seq"))

    async def on_sync(self, frame: Data) -> None:
        """Answer what came after a number."""
        self.send_frame({"type": "sync", "data": await self._do(self._catch_up, parse_seq(_data(frame), "after"))})

    def _catch_up(self, after: int) -> Data:
        chat = get_chat(self.actor, self.chat.uid)
        found = queries.timeline(chat, self.actor, after=after, limit=SYNC_LIMIT + 1)
        return {
            "messages": [sessions.show_message(m, chat, self.reader) for m in found[:SYNC_LIMIT]],
            "complete": len(found) <= SYNC_LIMIT,
            "lastSeq": queries.newest_seq(chat, self.actor),
            "session": sessions.show(chat, self.reader),
        }

    async def on_session_rate(self, frame: Data) -> None:
        """Note how the visitor found it."""
        wanted = parse_satisfaction(_data(frame))
        await self._do(rating.rate, self.chat, self.actor, wanted.rating, wanted.feedback)

    async def on_session_end(self, frame: Data) -> None:
        """End the session."""
        await self._do(self._end, parse_end(_data(frame)))

    def _end(self, request: Any) -> None:
        end(get_chat(self.actor, self.chat.uid), self.actor, request)

    async def on_page_view(self, frame: Data) -> None:
        """Note where the visitor is now."""
        page = parse_page(_data(frame))
        if self.principal.visitor:
            await self._do(visitors.seen, self.principal.visitor, page)

    async def _do(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function of the database, in the client's language."""
        return await run_db(self._speaking, function, *args)

    def _speaking(self, function: Callable[..., Any], *args: Any) -> Any:
        with translation.override(self.language):
            return function(*args)

    # -- errors --------------------------------------------------------------------------------------------------

    def ref_of(self, frame: Data) -> Any:
        """Repeat the client's own id of its message, or its ``ref``."""
        data = frame.get("data")
        ref = (data.get("clientMessageId") if isinstance(data, dict) else None) or frame.get("ref")
        return ref if isinstance(ref, str | int) and len(str(ref)) <= 200 else None

    def error_frame(self, error: ChatError, ref: Any) -> Data:
        """Return the error with the contract's code (section 8)."""
        with translation.override(self.language):
            envelope = problem(error).envelope()
        return {"type": "error", "data": {**{k: envelope[k] for k in ("code", "message", "errors")}, "ref": ref}}


def _data(frame: Data) -> Data:
    data = frame.get("data")
    if data is not None and not isinstance(data, dict):
        raise Invalid(field="data")
    return data or {}


def _heartbeat(seq: int) -> Data:
    return {"type": "heartbeat", "data": {"seq": seq}}


def _newest(sockets: list[SessionSocket]) -> dict[int, tuple[int, int]]:
    """Renew what the sockets lease; return the newest numbers by chat: the team's and the visitor's."""
    visitors.renew([s.principal.visitor.pk for s in sockets if s.principal.visitor])
    agents = [s.actor.agent.pk for s in sockets if s.actor.agent]
    # Presence is only kept, never made: an agent says that they are there by their inbox or their status.
    presence.renew(Agent.objects.leased().filter(pk__in=agents).values_list("pk", flat=True))
    rows = Chat.objects.filter(pk__in={s.chat.pk for s in sockets})
    return {pk: (last, public) for pk, last, public in rows.values_list("pk", "last_seq", "last_public_seq")}
