"""Sessions: section 2."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from agents.ids import encode
from chat import snapshots
from chat.models import Chat
from chat.services import assigning
from widget import tokens

from ...keys.limits import count_start
from ...rest.views import EVERYBODY, MEMBERS, TEAM
from .. import mapping, sessions
from ..ending import end
from ..envelope import created, done
from ..errors import SessionNotFound
from ..requests import parse_assign, parse_end, parse_start, parse_transfer
from ..starting import Opened, open_session
from .base import LiveChatView


class Start(LiveChatView):
    """2.1 Create a session."""

    callers = EVERYBODY
    scope = "chats:write"

    def post(self, request: Request) -> Response:
        """Start a session, or answer the visitor's open one."""
        if self.principal.kind == "publishable" and self.principal.key:
            count_start(request._request, self.principal.key.uid.hex)
        opened = open_session(self.principal, parse_start(request.data), request.headers.get("User-Agent", ""))
        return created(self._data(opened), _("Chat session created"))

    def _data(self, opened: Opened) -> dict:
        chat, session = opened.chat, sessions.show(opened.chat, self.reader)
        session_id = encode("session", chat.uid)
        return {
            "sessionId": session_id,
            "status": mapping.STATUS[chat.status],
            "queuePosition": session["queuePosition"],
            "estimatedWaitTime": session["estimatedWaitTime"],
            "assignedAgent": mapping.agent_card(snapshots.of_agent(chat.agent), self.reader.base_url),
            "createdAt": mapping.short_time(snapshots.instant(chat.created_at)),
            "websocketUrl": mapping.socket_url(self.reader.base_url, session_id),
            "visitorId": encode("visitor", opened.visitor.uid),
            "session": session,
            "resumed": opened.resumed,
            **self._token(opened),
        }

    def _token(self, opened: Opened) -> dict:
        """The visitor's token, renewed: for the visitor's page or for the server that speaks for it; not for agents."""
        if self.principal.kind == "agent":
            return {}
        token, expires_at = tokens.issue(opened.visitor)
        return {"token": token, "tokenExpiresAt": mapping.short_time(snapshots.instant(expires_at))}


class SessionView(LiveChatView):
    """A view below one session: answers the session as it is afterwards."""

    def answer(self, chat: Chat, message: str = "") -> Response:
        """Return the session whole, read again."""
        return done(sessions.show(self.session(encode("session", chat.uid)), self.reader), message)

    def answer_or_gone(self, chat: Chat, message: str) -> Response:
        """The same for what may take the session out of the caller's sight: it was done all the same."""
        try:
            return self.answer(chat, message)
        except SessionNotFound:
            return done(None, message)


class Detail(SessionView):
    """2.2 Read a session."""

    callers = MEMBERS
    scope = "chats:read"

    def get(self, request: Request, session_id: str) -> Response:
        """Answer the session."""
        return done(sessions.show(self.session(session_id), self.reader))


class Assign(SessionView):
    """2.3 Give a session to an agent."""

    callers = TEAM
    scope = "chats:write"

    def post(self, request: Request, session_id: str) -> Response:
        """Assign, and answer the session."""
        chat, wanted = self.session(session_id), parse_assign(request.data)
        agent = sessions.find_agent(self.principal.workspace, wanted.agent_id, "agentId")
        assigning.assign(chat, agent, self.actor, wanted.reason)
        return self.answer_or_gone(chat, _("The session was assigned"))


class Transfer(SessionView):
    """2.4 Hand a session to another agent or department."""

    callers = TEAM
    scope = "chats:write"

    def post(self, request: Request, session_id: str) -> Response:
        """Transfer, and answer the session."""
        chat, wanted = self.session(session_id), parse_transfer(request.data)
        workspace = self.principal.workspace
        assigning.transfer(
            chat,
            self.actor,
            agent=sessions.find_agent(workspace, wanted.agent_id, "targetAgentId") if wanted.agent_id else None,
            department=sessions.find_department(workspace, wanted.department, "targetDepartment")
            if wanted.department
            else None,
            reason=wanted.reason,
            note=wanted.notes,
        )
        return self.answer_or_gone(chat, _("The session was transferred"))


class End(SessionView):
    """2.5 End a session."""

    callers = MEMBERS
    scope = "chats:write"

    def post(self, request: Request, session_id: str) -> Response:
        """End or rate, and answer the session."""
        chat = self.session(session_id)
        end(chat, self.actor, parse_end(request.data))
        return self.answer(chat, _("The session has ended"))
