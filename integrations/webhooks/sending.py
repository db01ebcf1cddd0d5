"""One attempt over HTTP, from the signature to what came back. Raises nothing: a failure is an outcome."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from agents.ids import encode

from .. import outgoing
from . import signing
from .models import Delivery, Subscription
from .policy import Pace

logger = logging.getLogger(__name__)

_RESPONSE_LIMIT = 4096
_HEADERS = {
    "content-type": "application/json",
    "user-agent": "Parley-Webhooks/1",
    # No compressed answers: a small one could unfold into a huge one.
    "accept-encoding": "identity",
}
_OVERLOADED = (429, 503)
# Returns what came of one attempt to send a delivery. Raises nothing.
Transport = Callable[[httpx2.AsyncClient, Subscription, Delivery, Pace], Awaitable["Outcome"]]


@dataclass(frozen=True)
class Outcome:
    """What one attempt brought. ``status`` is None when no answer came, and then ``error`` says why."""

    delivery_id: int
    at: datetime
    url: str
    milliseconds: int
    status: int | None = None
    error: str = ""
    response: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the endpoint said that this event can never be right for it."""
        return self.status in (400, 413, 415, 422)

    @property
    def gone(self) -> bool:
        """Whether the endpoint said that it wants nothing more, ever."""
        return self.status == 410


def client(pace: Pace) -> httpx2.AsyncClient:
    """Return the HTTP client of a relay."""
    timeout = httpx2.Timeout(pace.attempt, connect=pace.connect, pool=None)
    return outgoing.async_client(timeout=timeout, headers=_HEADERS, follow_redirects=False)


def transport_of(subscription: Subscription) -> Transport:
    """Return what sends to this subscription: :func:`attempt`, or a transport of ``settings.DELIVERY_TRANSPORTS``."""
    if subscription.transport == Subscription.WEBHOOK:
        return attempt
    path: str = settings.DELIVERY_TRANSPORTS[subscription.transport]
    return import_string(path)


async def attempt(http: httpx2.AsyncClient, subscription: Subscription, delivery: Delivery, pace: Pace) -> Outcome:
    """Send a delivery once and return what came of it, within ``pace.attempt`` seconds."""
    at = timezone.now()
    body = body_of(delivery)
    signed = signing.headers(encode("delivery", delivery.uid), at, body, subscription.secrets(at))
    return await post(http, subscription.url, delivery, body, signed, at=at, pace=pace)


async def post(
    http: httpx2.AsyncClient,
    url: str,
    delivery: Delivery,
    body: bytes,
    signed: dict[str, str],
    *,
    at: datetime,
    pace: Pace,
) -> Outcome:
    """Post a delivery with these headers, and return what came of it."""
    started = time.monotonic()
    answer = _Answer()
    try:
        async with asyncio.timeout(pace.attempt):
            await _post(http, url, body, signed, at, answer)
    except (TimeoutError, httpx2.TimeoutException):
        answer.error = f"No complete answer within {pace.attempt:g} seconds."
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        answer.error = str(error) or type(error).__name__
    except Exception as error:
        logger.exception("A delivery could not be sent")
        answer.error = f"Not sent: {type(error).__name__}"
    return Outcome(
        delivery_id=delivery.pk,
        at=at,
        url=url,
        milliseconds=int((time.monotonic() - started) * 1000),
        status=answer.status,
        # An endpoint that said 200 has it, however slowly it goes on to talk.
        error="" if answer.ok else answer.error[:300],
        response=answer.text(),
        retry_after=answer.retry_after,
    )


class _Answer:
    """What has come back so far; kept outside of the request, so that a timeout does not lose it."""

    status: int | None = None
    error = ""
    body = b""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def text(self) -> str:
        """The body's beginning, as both databases can store it."""
        return self.body[:_RESPONSE_LIMIT].decode(errors="replace").replace("\x00", "")


async def _post(
    http: httpx2.AsyncClient, url: str, body: bytes, signed: dict[str, str], at: datetime, answer: _Answer
) -> None:
    async with http.stream("POST", url, content=body, headers=signed) as response:
        answer.status = response.status_code
        if response.is_redirect:
            answer.error = "Redirects are not followed."
        if response.status_code in _OVERLOADED:
            answer.retry_after = seconds_of(response.headers.get("retry-after"), at)
        async for piece in response.aiter_raw():
            answer.body += piece
            if len(answer.body) >= _RESPONSE_LIMIT:
                break


def body_of(delivery: Delivery) -> bytes:
    """Return the bytes that are sent and signed."""
    return json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()


def shown_headers(delivery: Delivery, at: datetime) -> dict[str, str]:
    """Return what an attempt said of itself at that time, for the log; the signature stays out of it."""
    return {
        "content-type": _HEADERS["content-type"],
        "user-agent": _HEADERS["user-agent"],
        "webhook-id": encode("delivery", delivery.uid),
        "webhook-timestamp": str(int(at.timestamp())),
    }


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """Return what a ``Retry-After`` header asks for, in seconds, or None."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0)
