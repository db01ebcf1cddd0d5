"""A customer's socket, ``/ws?clientId=…``: every conversation of one customer, also those that begin later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Max, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from agents.services import presence
from chat import broadcasting, flashback, queries
from chat.access import Actor, may_see
from chat.errors import ChatError, Invalid, NotAllowed, NotFound
from chat.models import Chat, Message, Status, Visitor
from chat.realtime import Frame, hub
from chat.services import assigning, lifecycle, visitors
from chat.snapshots import of_chat, of_message
from chat.sockets import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, Socket, keep, run_db

from ..keys import scopes
from ..keys.authentication import Principal
from ..rest.handshake import language_of, subprotocol
from . import frames, mapping, sending
from .errors import NoSuchConversation, NoSuchMessage, problem
from .finding import find_agent, find_conversation, find_message, messages_of, newest_said
from .handshake import open_socket
from .requests import (
    MessageRequest,
    StatusRequest,
    TypingRequest,
    parse_message,
    parse_read,
    parse_status,
    parse_sync,
    parse_typing,
)

SYNC_LIMIT = 100
_REFUSALS = {
    UNAUTHENTICATED: ("bad_token", _("This token is not valid, or not any more.")),
    FORBIDDEN: ("not_allowed", _("You are not allowed to do this.")),
    NOT_FOUND: ("not_found", _("There is no such customer.")),
}
_TRY_AGAIN = ("failed", _("Try again in a moment."))
Data = dict[str, Any]


class CustomerSocket(Socket):
    """A customer's, an agent's or a server's line to one customer."""

    principal: Principal
    actor: Actor
    visitor: Visitor
    base_url: str
    proved: bool

    # -- life ----------------------------------------------------------------------------------------------------

    async def authenticate(self) -> None:
        """Take the token and the customer of the address."""
        self.subprotocol = subprotocol(self.scope)
        opening = await run_db(open_socket, self.scope)
        assert opening.principal.actor
        self.principal, self.actor, self.visitor = opening.principal, opening.principal.actor, opening.visitor
        self.language, self.base_url, self.proved = opening.language, opening.base_url, opening.proved
        self.workspace_id = self.actor.workspace_id
        self._faces: dict[int, Any] = {}
        self._in_sight: set[int] = set()
        self._profile: Data | None = None
        await self.rest_on(*opening.standings)

    async def opened(self) -> None:
        """Hear the customer's line, say that they are there, and tell the newest numbers."""
        hub.join(self, [broadcasting.line_topic(self.visitor.pk)])
        if self.principal.visitor:
            headers = dict(self.scope["headers"])
            await run_db(visitors.seen, self.visitor, None, headers.get(b"user-agent", b"").decode("latin-1"))
        await self.beat([self])
        if self.proved:
            self._tell_profile(await self.do(_profile_of, self.visitor.pk))

    @classmethod
    async def beat(cls, sockets: list[Any]) -> None:
        """One query for the conversations of all, one UPDATE for the customers who are there."""
        found = await run_db(_conversations, sockets) if sockets else {}
        for socket in sockets:
            seen = [chat for chat in found.get(socket.visitor.pk, ()) if may_see(socket.actor, chat)]
            socket._in_sight = {chat.pk for chat in seen}
            socket.send_frame(frames.heartbeat([_pulse(chat) for chat in seen]))

    def tell_to_reconnect(self, after_ms: int) -> None:
        """Tell the client that this process is about to stop."""
        self.send_frame({"type": "reconnect", "payload": {"afterMs": after_ms}})

    # -- from the hub --------------------------------------------------------------------------------------------

    def deliver(self, frame: Frame) -> None:
        """Send a frame of the hub; what needs the database first is sent a moment later."""
        data = frame.data
        if data["type"] == "visitor":
            keep(self._deliver_profile(frame))
        elif data["type"] == "typing":
            # A typing frame does not say whose the chat is: what is in sight was seen with the last of another kind.
            if data["chat_id"] in self._in_sight and not self._is_own(data):
                super().deliver(frame)
        elif self._may_hear(data["chat"]):
            self._deliver_of_chat(frame)

    def _deliver_of_chat(self, frame: Frame) -> None:
        data = frame.data
        face = frames.face(data["chat"])
        is_news = face != self._faces.get(data["chat"]["id"])
        if data["type"] == "read":
            keep(self._deliver_receipt(frame))
        elif data["type"] == "message" or (data["type"] == "chat" and is_news):
            self._faces[data["chat"]["id"]] = face
            super().deliver(frame)

    def render(self, frame: Frame) -> str | None:
        """Return the frame in the contract's words: one rendering for all sockets that reached Parley by one name."""
        kind = frame.data["type"]
        if kind == "message":
            return self.once(frame, ("partner", self.base_url), lambda data: frames.entry(data, self.base_url))
        return self.once(frame, "partner", frames.typing if kind == "typing" else frames.status)

    def _may_hear(self, chat: Data) -> bool:
        """Whether the chat, as it is now, is in this agent's sight."""
        agent, department = chat["agent"], chat["department"]
        now = Chat(
            workspace_id=chat["workspace_id"],
            visitor_id=chat["visitor"]["id"],
            agent_id=agent and agent["id"],
            department_id=department and department["id"],
        )
        may = may_see(self.actor, now)
        (self._in_sight.add if may else self._in_sight.discard)(chat["id"])
        return may

    def _is_own(self, data: Data) -> bool:
        """A customer's own typing is not told to the customer, nor an agent's to that agent."""
        agent = self.actor.agent
        if agent:
            return bool(data["agent"] and data["agent"]["id"] == agent.pk)
        return self.principal.visitor is not None and data["by"] == "visitor"

    async def _deliver_receipt(self, frame: Frame) -> None:
        data = frame.data
        found = await self.shared(frame, "partner", _read_up_to, data["chat"]["id"], data["side"], data["seq"])
        if found:
            self.send_frame(frames.receipt(data, found))

    async def _deliver_profile(self, frame: Frame) -> None:
        if self.proved:
            self._tell_profile(await self.shared(frame, ("profile", self.language), _profile_of, self.visitor.pk))

    def _tell_profile(self, profile: Data | None) -> None:
        """Send the Flashback profile when it is another than before."""
        if profile and profile != self._profile:
            self.send_frame({"type": "flashback", "payload": profile})
        self._profile = profile

    # -- from the client -----------------------------------------------------------------------------------------

    async def on_message(self, frame: Data) -> None:
        """Store a message; the acknowledgement follows its commit."""
        request = parse_message(_payload(frame))
        message = await self._change(self._send, request)
        payload = {"clientMessageId": request.client_message_id, "message": message}
        self.send_frame({"type": "ack", "payload": payload})

    def _send(self, request: MessageRequest) -> Data:
        chat = self._chat(request.conversation_id)
        return self._shown(chat, sending.send(self.principal, chat, request))

    def _shown(self, chat: Chat, message: Message) -> Data:
        return mapping.message(of_message(message), of_chat(chat), self.base_url)

    async def on_typing(self, frame: Data) -> None:
        """Tell the other side that somebody is typing, or stopped."""
        await self._change(self._type, parse_typing(_payload(frame)))

    def _type(self, request: TypingRequest) -> None:
        chat = self._chat(request.conversation_id)
        sending.signal_typing(self.principal, chat, request.is_typing, request.is_agent)

    async def on_read(self, frame: Data) -> None:
        """Note what was read."""
        await self._change(self._read, *parse_read(_payload(frame)))

    def _read(self, conversation_id: int | None, message_id: int) -> None:
        message = find_message(self.actor, message_id)
        if message.chat.visitor_id != self.visitor.pk or conversation_id not in (None, message.chat_id):
            raise NoSuchMessage(field="messageId")
        sending.mark_read(self.principal, message)

    async def on_status(self, frame: Data) -> None:
        """End the conversation; or, for the team, give it to an agent."""
        await self._change(self._set_status, parse_status(_payload(frame)))

    def _set_status(self, request: StatusRequest) -> None:
        chat = self._chat(request.conversation_id)
        if request.status == Status.CLOSED:
            lifecycle.close(chat, self.actor)
            return
        if not self.principal.is_team:
            raise NotAllowed
        assigning.assign(chat, find_agent(self.principal.workspace, f"agent-{request.agent_id}"), self.actor)

    async def on_flashback(self, frame: Data) -> None:
        """Send the profile again."""
        profile = await self.do(_profile_of, self.visitor.pk) if self.proved else None
        if profile is None:
            raise NotFound(_("There is no Flashback profile."))
        self.send_frame({"type": "flashback", "payload": profile})

    async def on_sync(self, frame: Data) -> None:
        """Answer what came after a message."""
        self.send_frame({"type": "sync", "payload": await self.do(self._catch_up, *parse_sync(_payload(frame)))})

    def _catch_up(self, conversation_id: int, after: int) -> Data:
        if not self.proved:
            raise NotAllowed  # a name that nobody has proved opens no history
        chat = self._chat(conversation_id)
        found = messages_of(chat, after=after, limit=SYNC_LIMIT + 1)
        taken = queries.for_one_frame(found, SYNC_LIMIT)
        return {
            "messages": [self._shown(chat, message) for message in taken],
            "complete": len(found) == len(taken),
            "seq": chat.last_public_seq,
            "conversation": mapping.conversation(of_chat(chat)),
        }

    def _chat(self, conversation_id: int) -> Chat:
        """Return a conversation of this customer's. Raises NoSuchConversation."""
        chat = find_conversation(self.actor, conversation_id)
        if chat.visitor_id != self.visitor.pk:
            raise NoSuchConversation(field="conversationId")
        return chat

    async def _change(self, function: Callable[..., Any], *args: Any) -> Any:
        """The same as ``do`` for what changes something: a secret key needs the scope for it."""
        scopes.demand(self.principal, "chats:write")
        return await self.do(function, *args)

    # -- errors --------------------------------------------------------------------------------------------------

    def ref_of(self, frame: Data) -> Any:
        """Repeat the client's own id of its message, or its ``ref``."""
        payload = frame.get("payload")
        ref = (payload.get("clientMessageId") if isinstance(payload, dict) else None) or frame.get("ref")
        return ref if isinstance(ref, str | int) and len(str(ref)) <= 200 else None

    def refusal(self, code: int) -> Data:
        """What is wrong, before the socket is closed with its code."""
        word, sentence = _REFUSALS.get(code, _TRY_AGAIN)
        with translation.override(language_of(self.scope)):
            return _error(ChatError(sentence, code=word), None)

    def error_frame(self, error: ChatError, ref: Any) -> Data:
        """Return the error in the contract's form."""
        with translation.override(self.language):
            return _error(error, ref)


def _error(error: ChatError, ref: Any) -> Data:
    payload = problem(error).body()
    return {"type": "error", "payload": payload if ref is None else {**payload, "clientMessageId": ref}}


def _payload(frame: Data) -> Data:
    payload = frame.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Invalid(field="payload")
    return payload or {}


def _profile_of(visitor_id: int) -> Data | None:
    return flashback.of(Visitor.objects.select_related("workspace").get(pk=visitor_id))


def _read_up_to(chat_id: int, side: str, seq: int) -> int | None:
    return newest_said(Chat.objects.select_related("visitor").get(pk=chat_id), side, seq)


def _pulse(chat: Chat) -> Data:
    return {
        "conversationId": chat.pk,
        "status": chat.status,
        "agentId": chat.agent_id,
        "seq": chat.last_public_seq,
    }


def _conversations(sockets: list[CustomerSocket]) -> dict[int, list[Chat]]:
    """Renew what the sockets lease; return each customer's open chats and the newest one, by customer."""
    visitors.renew([s.visitor.pk for s in sockets if s.principal.visitor])
    agents = [s.actor.agent.pk for s in sockets if s.actor.agent]
    presence.renew(Agent.objects.leased().filter(pk__in=agents).values_list("pk", flat=True))
    theirs = Chat.objects.filter(visitor_id__in={s.visitor.pk for s in sockets})
    newest = theirs.order_by().values("visitor_id").annotate(newest=Max("pk")).values("newest")
    wanted = theirs.filter(~Q(status=Status.CLOSED) | Q(pk__in=newest)).order_by("pk")
    fields = ("workspace_id", "visitor_id", "agent_id", "department_id", "status", "last_public_seq")
    found: defaultdict[int, list[Chat]] = defaultdict(list)
    for chat in wanted.only(*fields):
        found[chat.visitor_id].append(chat)
    return found
