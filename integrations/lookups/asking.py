"""One question over HTTP, and what came of it. Raises nothing: a failure is an outcome."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any

import httpx2
from django.core.exceptions import ValidationError

from agents.ids import encode
from chat.commands import command_of
from chat.models import ActionCard, Command

from .. import outgoing
from . import addresses, answers, headers

logger = logging.getLogger(__name__)

SECONDS = 8.0
_CONNECT_SECONDS = 3.0
_BODY_LIMIT = 64 * 1024
_HEADERS = {
    "accept": "application/json",
    "user-agent": "Parley-Lookups/1",
    # No compressed answers: a small one could unfold into a huge one.
    "accept-encoding": "identity",
}
_NOT_FOUND, _NOT_ALLOWED, _BUSY = (404, 410), (401, 403, 407), (408, 425, 429)


@dataclass(frozen=True)
class Outcome:
    """The lines of the card, or a word of ``chat.inbox.cards.PROBLEMS`` and whether it may work later."""

    lines: answers.Lines = field(default_factory=list)
    problem: str = ""
    temporary: bool = False


@dataclass(frozen=True)
class Question:
    """A request that is ready to be sent."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes | None
    fields: list[str]


def client() -> httpx2.AsyncClient:
    """Return the HTTP client of a worker."""
    timeout = httpx2.Timeout(SECONDS, connect=_CONNECT_SECONDS, pool=None)
    return outgoing.async_client(timeout=timeout, headers=_HEADERS, follow_redirects=False)


def question_of(card: ActionCard) -> Question | Outcome:
    """Return what to ask for this card, or why nothing can be asked. Message, visitor and command are joined."""
    command, named = card.command, command_of(card.message.payload)
    if command is None or named is None or not command.active or not command.url:
        return Outcome(problem="off")
    try:
        return _question(command, named[1], card)
    except addresses.BadValue:
        return Outcome(problem="bad_value")
    except ValidationError:
        # Only what was stored around the admin's form can be wrong here.
        return Outcome(problem="unreachable")


def _question(command: Command, value: Any, card: ActionCard) -> Question:
    own = headers.parse(command.headers)
    if command.method == Command.Method.GET:
        return Question("GET", addresses.filled(command.url, value), own, None, command.shown)
    url = addresses.filled(command.url, value) if addresses.PLACE in command.url else command.url
    body = json.dumps(_told(command, value, card), ensure_ascii=False).encode()
    return Question("POST", url, [*own, ("content-type", "application/json")], body, command.shown)


def _told(command: Command, value: Any, card: ActionCard) -> dict[str, Any]:
    """What a POST says: the customer's id only when it was proved."""
    chat = card.message.chat
    return {
        "commandType": command.name,
        "value": value,
        "messageId": encode("msg", card.message.uid),
        "chatId": encode("chat", chat.uid),
        "customerId": chat.visitor.external_id or None,
    }


async def ask(http: httpx2.AsyncClient, question: Question) -> Outcome:
    """Send it once, and return what came of it within :data:`SECONDS`."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _ask(http, question)
    except (TimeoutError, httpx2.TimeoutException):
        return Outcome(problem="timeout", temporary=True)
    except httpx2.ConnectError as error:
        refused = "not a public address" in str(error)
        return Outcome(problem="refused" if refused else "unreachable", temporary=not refused)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
        return Outcome(problem="unreachable")
    except httpx2.HTTPError:
        return Outcome(problem="unreachable", temporary=True)
    except Exception:
        logger.exception("A lookup broke off")
        return Outcome(problem="no_success")


async def _ask(http: httpx2.AsyncClient, question: Question) -> Outcome:
    async with http.stream(question.method, question.url, content=question.body, headers=question.headers) as response:
        if not response.is_success:
            return _refusal(response.status_code)
        body = b""
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > _BODY_LIMIT:
                return Outcome(problem="too_large")
    try:
        return Outcome(lines=answers.lines(body, question.fields))
    except answers.Unusable as error:
        return Outcome(problem=str(error))


def _refusal(status: int) -> Outcome:
    if status in _NOT_FOUND:
        return Outcome(problem="not_found")
    if status in _NOT_ALLOWED:
        return Outcome(problem="not_allowed")
    if status in _BUSY or status >= 500:
        return Outcome(problem="busy", temporary=True)
    return Outcome(problem="no_success")
