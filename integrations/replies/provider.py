"""One call to a provider: ``POST {base}/chat/completions``, streamed as server-sent events, within bounds."""

from __future__ import annotations

import asyncio
import codecs
import json
from dataclasses import dataclass
from typing import Any

import httpx2

from .. import outgoing

# All bytes of an answer, and the characters of its text.
BYTES_LIMIT = 2 * 1024 * 1024
TEXT_LIMIT = 40_000
_ERROR_LIMIT = 2000
_HEADERS = {
    "accept": "text/event-stream, application/json",
    # No compressed answers: a small one could unfold into a huge one.
    "accept-encoding": "identity",
    "user-agent": "Parley-Replies/1",
}


class Failed(Exception):
    """No answer. The text is for whoever looks after the provider; ``late`` tells that time ran out."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(why)


@dataclass(frozen=True)
class Call:
    """What is asked of whom."""

    base_url: str
    secret: str
    model: str
    messages: list[dict[str, str]]


@dataclass(frozen=True)
class Completion:
    """What the model wrote, and the tokens of question and answer as the provider counts them, else estimated."""

    text: str
    tokens: int


def client() -> httpx2.AsyncClient:
    """Return the HTTP client of a process: public addresses only, no redirects."""
    return outgoing.async_client(timeout=httpx2.Timeout(None, connect=10), headers=_HEADERS, follow_redirects=False)


async def complete(http: httpx2.AsyncClient, call: Call, seconds: float) -> Completion:
    """Ask the provider, and return its whole answer within so many seconds. Raises Failed."""
    answer = _Answer()
    try:
        async with asyncio.timeout(seconds):
            await _ask(http, call, answer)
    except (TimeoutError, httpx2.TimeoutException):
        # A server that has said all may keep the line open as long as it likes.
        if not answer.ended:
            raise Failed("No complete answer in time.", late=True) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from None
    if not answer.ended:
        raise Failed("The answer broke off.")
    return Completion(answer.text, answer.tokens or _estimate(call, answer.text))


async def _ask(http: httpx2.AsyncClient, call: Call, answer: _Answer) -> None:
    body = {"model": call.model, "messages": call.messages, "stream": True}
    headers = {"authorization": f"Bearer {call.secret}"} if call.secret else {}
    url = f"{call.base_url.rstrip('/')}/chat/completions"
    async with http.stream("POST", url, json=body, headers=headers) as response:
        if response.status_code != 200:
            raise Failed(f"HTTP {response.status_code}: {await _beginning(response, call.secret)}")
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        size = 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > BYTES_LIMIT:
                raise Failed("The answer was too large.")
            answer.feed(piece, whole=kind == "application/json")
            if answer.is_over:
                return
        answer.end(whole=kind == "application/json")


async def _beginning(response: httpx2.Response, secret: str) -> str:
    """The beginning of an error's text, without the key that some providers repeat in it."""
    body = b""
    async for piece in response.aiter_raw():
        body += piece
        if len(body) >= _ERROR_LIMIT:
            break
    text = " ".join(body[:_ERROR_LIMIT].decode(errors="replace").replace("\x00", "").split())
    return text.replace(secret, "…") if secret else text


class _Answer:
    """What has come so far: server-sent events, or one JSON object from servers that do not stream."""

    def __init__(self) -> None:
        self.text = ""
        self.tokens = 0
        self.ended = False
        # Whether the server said that nothing follows.
        self.is_over = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._data: list[str] = []

    def feed(self, piece: bytes, *, whole: bool) -> None:
        """Take bytes. Raises Failed for what is no such answer."""
        self._rest += self._decoder.decode(piece)
        if whole:
            return
        *lines, self._rest = self._rest.replace("\r\n", "\n").split("\n")
        for line in lines:
            self._line(line.rstrip("\r"))

    def end(self, *, whole: bool) -> None:
        """The connection ended."""
        if whole:
            self._take(_object(self._rest), "message")
            return
        for line in (self._rest, ""):
            self._line(line)

    def _line(self, line: str) -> None:
        if line.startswith("data:"):
            self._data.append(line[5:].removeprefix(" "))
        elif not line and self._data:
            data, self._data = "\n".join(self._data), []
            self._event(data)

    def _event(self, data: str) -> None:
        if self.is_over:
            return
        if data.strip() == "[DONE]":
            self.ended = self.is_over = True
        else:
            self._take(_object(data), "delta")

    def _take(self, found: dict[str, Any], part: str) -> None:
        if found.get("error"):
            raise Failed("The provider sent an error in its answer.")
        usage = found.get("usage")
        total = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(total, int) and not isinstance(total, bool) and 0 <= total < 10**9:
            self.tokens = total
        choices = found.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        spoken = choice.get(part)
        content = spoken.get("content") if isinstance(spoken, dict) else None
        if isinstance(content, str):
            self.text += content
        if len(self.text) > TEXT_LIMIT:
            raise Failed("The answer was too long.")
        reason = choice.get("finish_reason")
        if reason in ("length", "content_filter"):
            raise Failed(f"The provider ended the answer early: {reason}.")
        if reason:
            self.ended = True


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Failed("The provider sent what is no JSON.") from None
    if not isinstance(found, dict):
        raise Failed("The provider sent what is no object.")
    return found


def _estimate(call: Call, text: str) -> int:
    """About four characters are a token."""
    return (sum(len(message["content"]) for message in call.messages) + len(text)) // 4 + 1
