"""The two signed calls, and ``/bots/actions``, where a bot over HTTP posts what others publish."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils import translation
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import languages
from agents.models import Agent
from chat.access import Actor

from ..bots.models import Bot
from ..keys import limits
from ..rest.views import ContractView, Nothing
from . import actions, mapping, requests, signing
from .errors import BadSignature, Stale, failed, refused
from .requests import Asked

# How old a call may be that says when it was made.
REPLAY_SECONDS = 300


class BotView(ContractView):
    """Base: the caller is the bot whose secret signed the body."""

    authentication_classes: Sequence[Any] = ()
    callers = frozenset({"bot"})
    bot: Bot

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Establish which bot calls, and speak its workspace's language. Raises BadSignature."""
        limits.demand(request._request)
        APIView.initial(self, request, *args, **kwargs)
        self.bot = signed_by(request)
        translation.activate(
            languages.accepted(request.headers.get("Accept-Language", ""), self.bot.workspace.language)
        )

    def body(self, request: Request) -> Any:
        """Return the decoded body, None for none. Raises ParseError."""
        raw = request._request.body
        if len(raw) > requests.LARGEST:
            raise ParseError("The request is too large.")
        try:
            return json.loads(raw.decode("utf-8")) if raw.strip() else None
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error

    def failed(self, error: Exception) -> Response:
        """Return ``{"error": {"type", "message"}}``."""
        return failed(error)


def signed_by(request: Request) -> Bot:
    """Return the bot that signed this request. Raises BadSignature, whatever is wrong, and Stale."""
    client_id = request.headers.get("x-client-id", "")[:64]
    bot = Bot.objects.select_related("workspace", "agent", "line").filter(client_id=client_id).first()
    # Somebody unknown costs the same comparison.
    secret = bot.client_secret if bot else "nobody's"
    good = signing.is_signature(request.headers.get("x-signature", ""), secret, request._request.body)
    if bot is None or not good or not bot.agent.is_active:
        raise BadSignature
    if _guid(request.headers.get("x-bot-id", "")) != bot.agent.uid:
        raise BadSignature
    if not _is_fresh(request.headers.get("x-timestamp")):
        raise Stale
    return bot


def _guid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None


def _is_fresh(timestamp: str | None) -> bool:
    """Whether the time that the caller names, in seconds or milliseconds, is now; none named is fresh."""
    if timestamp is None:
        return True
    text = timestamp.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        return False
    seconds = int(text) / (1000 if len(text) > 11 else 1)
    return abs(time.time() - seconds) <= REPLAY_SECONDS


class ListRoutingStatuses(BotView):
    """Who of the team takes chats."""

    def post(self, request: Request) -> Response:
        """Answer a list: all people, or those of the groups that are asked for."""
        groups = requests.groups_filter(self.body(request))
        people = Agent.objects.active().humans().filter(workspace=self.bot.workspace).order_by("id")
        if groups:
            people = people.filter(departments__uid__in=groups).distinct()
        return Response([mapping.routing_status(agent) for agent in people])


class GetChat(BotView):
    """One chat, with one of its threads."""

    def post(self, request: Request) -> Response:
        """Answer the chat: one that the bot has or had, or that is in its groups."""
        chat_id, thread_id = requests.chat_and_thread(self.body(request))
        actor = replace(Actor.of_agent(self.bot.agent), absent=True)
        return Response(mapping.got_chat(actions.find_chat(actor, Asked(chat_id, thread_id))))


class Actions(BotView):
    """What a bot publishes on its topic, over HTTP."""

    def post(self, request: Request) -> Response:
        """Do it; the refusal comes as the answer."""
        refusal = actions.take(self.bot, request._request.body, tell=False)
        return refused(refusal) if refusal else Response({"status": "done"})


class Unknown(Nothing, BotView):
    """404 to every method."""
