"""A session's socket: section 7 of the contract, with the additions of docs/protocol.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from agents.services import presence
from chat import broadcasting, queries
from chat.access import Actor, get_chat, may_see
from chat.errors import ChatError, Invalid
from chat.models import Chat
from chat.realtime import Frame, hub
from chat.services import messages, rating, typing, visitors
from chat.sockets import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Socket, keep, run_db

from ..keys import scopes
from ..keys.authentication import Principal
from ..keys.standing import standings
from ..rest.handshake import language_of, subprotocol
from . import frames, sessions
from .ending import end
from .errors import problem
from .handshake import open_socket
from .mapping import Reader, id_of
from .requests import (
    parse_end,
    parse_message,
    parse_page,
    parse_read,
    parse_satisfaction,
    parse_seq,
)
from .sending import needs_no_query, send, send_soon

SYNC_LIMIT = 100
_REFUSALS = {
    UNAUTHENTICATED: ("token", _("This token is not valid, or not any more.")),
    FORBIDDEN: ("token", _("You are not allowed to do this.")),
    NOT_FOUND: ("sessionId", _("Session not found")),
}
_TRY_AGAIN = ("", _("Try again in a moment."))
Data = dict[str, Any]


class SessionSocket(Socket):
    """A visitor's, an agent's or a server's line to one session."""

    principal: Principal
    actor: Actor
    chat: Chat
    reader: Reader

    # -- life ----------------------------------------------------------------------------------------------------

    async def authenticate(self) -> None:
        """Take the token and the session of the address."""
        self.subprotocol = subprotocol(self.scope)
        opening = await run_db(open_socket, self.scope)
        self.principal, self.actor, self.chat = opening.principal, opening.actor, opening.chat
        self.reader, self.language = opening.reader, opening.language
        self.workspace_id = self.actor.workspace_id
        self._face: Any = None
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
            keep(self.close(code=NOT_FOUND))
        elif data["type"] == "message" or (data["type"] == "typing" and not self._is_own(data)):
            super().deliver(frame)
        elif data["type"] in ("read", "delivered"):
            keep(self._deliver_receipt(frame))
        elif data["type"] == "chat" and frames.face(data["chat"]) != self._face:
            self._face = frames.face(data["chat"])
            keep(self._tell_session(frame))

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

    async def _tell_session(self, frame: Frame) -> None:
        shown = await self.shared(frame, ("session", self.reader), _show_session, self.chat.pk, self.reader)
        if shown:
            self.send_frame({"type": "session.updated", "data": {"session": shown}})

    async def _deliver_receipt(self, frame: Frame) -> None:
        side = self.reader.for_team
        known = await self.shared(frame, ("receipt", side), _known_up_to, self.chat, self.actor, frame.data["seq"])
        if known:
            self.send_frame(frames.receipt(frame.data, *known))

    # -- from the client -----------------------------------------------------------------------------------------

    async def on_message_send(self, frame: Data) -> None:
        """Store a message; the acknowledgement follows its commit."""
        request = parse_message(_data(frame))
        if needs_no_query(self.principal, request):
            stored = await send_soon(self.principal, self.chat, request)
            message = sessions.show_message(stored, self.chat, self.reader)
        else:
            message = await self._change(self._send, request)
        self.send_frame({"type": "ack", "data": {"clientMessageId": request.client_message_id, "message": message}})

    def _send(self, request: Any) -> Data:
        # An agent's rights to a chat change with the chat, a visitor's and a server's do not.
        chat = get_chat(self.actor, self.chat.uid) if self.actor.agent else self.chat
        return sessions.show_message(send(self.principal, chat, request, self.reader), chat, self.reader)

    async def on_typing_start(self, frame: Data) -> None:
        """Tell the other side that this one is typing."""
        await self._change(self._type, True)

    async def on_typing_stop(self, frame: Data) -> None:
        """Tell the other side that this one stopped."""
        await self._change(self._type, False)

    def _type(self, on: bool) -> None:
        typing.signal(get_chat(self.actor, self.chat.uid), self.actor, on)

    async def on_message_read(self, frame: Data) -> None:
        """Note what was read."""
        await self._change(self._read, parse_read(_data(frame)))

    def _read(self, request: Any) -> None:
        seq = request.seq
        if request.message_id:
            seq = sessions.find_message(self.chat, self.actor, request.message_id).seq
        messages.mark_read(self.chat, self.actor, seq)

    async def on_message_delivered(self, frame: Data) -> None:
        """Note what has arrived."""
        await self._change(messages.mark_delivered, self.chat, self.actor, parse_seq(_data(frame), "seq"))

    async def on_sync(self, frame: Data) -> None:
        """Answer what came after a number."""
        self.send_frame({"type": "sync", "data": await self.do(self._catch_up, parse_seq(_data(frame), "after"))})

    def _catch_up(self, after: int) -> Data:
        chat = get_chat(self.actor, self.chat.uid)
        found = queries.timeline(chat, self.actor, after=after, limit=SYNC_LIMIT + 1)
        taken = queries.for_one_frame(found, SYNC_LIMIT)
        return {
            "messages": [sessions.show_message(m, chat, self.reader) for m in taken],
            "complete": len(found) == len(taken),
            "lastSeq": queries.newest_seq(chat, self.actor),
            "session": sessions.show(chat, self.reader),
        }

    async def on_session_rate(self, frame: Data) -> None:
        """Note how the visitor found it."""
        wanted = parse_satisfaction(_data(frame))
        await self._change(rating.rate, self.chat, self.actor, wanted.rating, wanted.feedback)

    async def on_session_end(self, frame: Data) -> None:
        """End the session."""
        await self._change(self._end, parse_end(_data(frame)))

    def _end(self, request: Any) -> None:
        end(get_chat(self.actor, self.chat.uid), self.actor, request)

    async def on_page_view(self, frame: Data) -> None:
        """Note where the visitor is now."""
        page = parse_page(_data(frame))
        if self.principal.visitor:
            await self.do(visitors.seen, self.principal.visitor, page)

    async def _change(self, function: Callable[..., Any], *args: Any) -> Any:
        """The same as ``do`` for what changes something: a secret key needs the scope for it."""
        return await self.do(self._changing, function, *args)

    def _changing(self, function: Callable[..., Any], *args: Any) -> Any:
        scopes.demand(self.principal, "chats:write")
        return function(*args)

    # -- errors --------------------------------------------------------------------------------------------------

    def ref_of(self, frame: Data) -> Any:
        """Repeat the client's own id of its message, or its ``ref``."""
        data = frame.get("data")
        ref = (data.get("clientMessageId") if isinstance(data, dict) else None) or frame.get("ref")
        return ref if isinstance(ref, str | int) and len(str(ref)) <= 200 else None

    def refusal(self, code: int) -> Data:
        """5002, and what is wrong, before the socket is closed with its code."""
        field, words = _REFUSALS.get(code, _TRY_AGAIN)
        with translation.override(language_of(self.scope)):
            found = problem(ChatError(words, field=field, code="upgrade"))
            errors = [{"field": field, "message": str(words)}]
            return {
                "type": "error",
                "data": {"code": found.code, "message": found.message, "errors": errors, "ref": None},
            }

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


def _show_session(chat_id: int, reader: Reader) -> Data:
    joined = Chat.objects.select_related("visitor", "agent", "department", "workspace", "previous")
    return sessions.show(joined.get(pk=chat_id), reader)


def _known_up_to(chat: Chat, actor: Actor, seq: int) -> tuple[int, str]:
    """The newest entry up to there that this side may see: the other side's number may be one of its own notes."""
    entries = queries.visible_entries(chat, actor).filter(seq__lte=seq).order_by("-seq")
    found, uid = entries.values_list("seq", "uid")[:1].get()
    return found, id_of("msg", uid.hex)


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
