"""How a delivery comes to a bot: published on its topic, or posted to its address. An attempt raises nothing."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx2
from django.db import close_old_connections
from django.utils import timezone

from ..bots.models import Bot
from ..webhooks import sending
from ..webhooks.models import Delivery, Subscription
from ..webhooks.policy import Pace
from ..webhooks.sending import Outcome
from . import signing
from .broker import publisher

# One thread: the publisher has one connection.
_PUBLISHING = ThreadPoolExecutor(1, thread_name_prefix="bots")


async def over_broker(http: httpx2.AsyncClient, subscription: Subscription, delivery: Delivery, pace: Pace) -> Outcome:
    """Publish on the bot's topic; a confirmation counts as 202."""
    at, started = timezone.now(), time.monotonic()
    call = partial(publisher.publish, subscription.url, sending.body_of(delivery), str(delivery.uid))
    status: int | None = 202
    error = ""
    try:
        await asyncio.get_running_loop().run_in_executor(_PUBLISHING, call)
    except Exception as trouble:  # kombu's and each transport's own
        status, error = None, f"{type(trouble).__name__}: {trouble}"[:300]
    milliseconds = int((time.monotonic() - started) * 1000)
    return Outcome(delivery.pk, at, subscription.url, milliseconds, status=status, error=error)


async def over_http(http: httpx2.AsyncClient, subscription: Subscription, delivery: Delivery, pace: Pace) -> Outcome:
    """Post to the bot's address, signed like its own calls."""
    at, body = timezone.now(), sending.body_of(delivery)
    bot = await asyncio.to_thread(_bot_of, subscription)
    headers = {
        "x-client-id": bot.client_id,
        "x-bot-id": str(bot.agent.uid),
        "x-signature": signing.signature(bot.client_secret, body),
        "x-delivery-id": str(delivery.uid),
    }
    return await sending.post(http, subscription.url, delivery, body, headers, at=at, pace=pace)


def _bot_of(subscription: Subscription) -> Bot:
    close_old_connections()
    try:
        return Bot.objects.select_related("agent").get(line=subscription)
    finally:
        close_old_connections()
