"""Hears what bots say on their topics: one message after the other, acknowledged when what it did is committed."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections
from kombu import Connection, Consumer

from ..bots.models import Bot
from . import actions, standing
from .broker import connect, id_of, put_back, queue_of, raw_of, waiting_for

logger = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0
_WAIT_SECONDS = 0.25
_PAUSE_SECONDS = 1.0
_PRUNE_EVERY = 3600
_TELL_EVERY = 5.0
_HEARTBEAT = 20


def run(stop: threading.Event) -> None:
    """Listen to the topics of all bots until ``stop`` is set. A broker or database that is away is waited for."""
    stumbled = False
    while not stop.is_set():
        try:
            with connect(_HEARTBEAT) as connection:
                connection.connect()
                if stumbled:
                    logger.info("The bots' listener is on its feet again")
                stumbled = False
                Listener(connection, stop).listen()
        except Exception as error:
            if not stumbled:
                logger.warning("The bots' listener stumbled, and tries again: %s", error)
            stumbled = True
            stop.wait(_PAUSE_SECONDS)
        finally:
            close_old_connections()


class Listener:
    """One connection, with a consumer for each bot. Lives on one thread."""

    def __init__(self, connection: Connection, stop: threading.Event) -> None:
        self.connection = connection
        self.stop = stop
        self._consumers: dict[str, Consumer] = {}
        self._look_at = 0.0
        self._prune_at = time.monotonic() + 60
        self._tell_at = 0.0

    def listen(self) -> None:
        """Take messages until told to stop. Raises when the broker or the database is away."""
        while not self.stop.is_set():
            if time.monotonic() >= self._look_at:
                self._look()
            try:
                self.connection.drain_events(timeout=_WAIT_SECONDS)
            except TimeoutError:
                self.connection.heartbeat_check()

    def _look(self) -> None:
        """Listen to bots that are new, and no more to those that are gone."""
        close_old_connections()
        self._look_at = time.monotonic() + _LOOK_SECONDS
        bots = {bot.topic: bot.pk for bot in Bot.objects.filter(transport=Bot.Transport.BROKER)}
        for topic in self._consumers.keys() - bots.keys():
            consumer = self._consumers.pop(topic)
            consumer.cancel()
        for topic in bots.keys() - self._consumers.keys():
            self._consumers[topic] = self._consumer(topic, bots[topic])
        if self._consumers:
            put_back(next(iter(self._consumers.values())).channel)  # each speaks for all
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + _TELL_EVERY
            standing.tell(len(self._consumers), sum(map(waiting_for, self._consumers.values())))
        if time.monotonic() >= self._prune_at:
            self._prune_at = time.monotonic() + _PRUNE_EVERY
            actions.prune()

    def _consumer(self, topic: str, bot_id: int) -> Consumer:
        """Return a consumer on a channel of its own; one message at a time, in their order."""
        channel = self.connection.channel()
        consumer = Consumer(
            channel, [queue_of(topic)], on_message=lambda message: self._heard(bot_id, message), prefetch_count=1
        )
        consumer.consume()
        return consumer

    def _heard(self, bot_id: int, message: Any) -> None:
        """Do one message, then acknowledge it. A failure of ours that no repetition would cure sets it aside."""
        bot = Bot.objects.select_related("workspace", "agent", "line").filter(pk=bot_id).first()
        if bot is None:
            message.ack()
            return
        raw = raw_of(message)
        try:
            actions.take(bot, raw, message_id=id_of(message), redelivered=_is_redelivered(message))
        except (OperationalError, InterfaceError):
            raise  # unacknowledged, it comes again
        except Exception as error:
            logger.exception("A bot's action failed", extra={"bot": bot.name})
            actions.set_aside(bot, raw, f"failed: {type(error).__name__}")
        message.ack()


def _is_redelivered(message: Any) -> bool:
    told = message.delivery_info.get("redelivered") or message.properties.get("redelivered")
    return bool(told or (message.headers or {}).get("redelivered"))
