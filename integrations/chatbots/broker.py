"""The broker's side of a topic: its exchange, our queue on it, and confirmed publishing.

On AMQP a topic is a durable fanout exchange. Elsewhere a fanout is forgotten by whoever is away, so there it is a
direct exchange with the topic as its key: each bound queue gets everything too, and keeps it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from django.conf import settings
from kombu import Connection, Consumer, Exchange, Producer, Queue

_SECONDS = 10


def connect(heartbeat: int = 0) -> Connection:
    """Return a new connection to the broker, not yet established. Whoever asks for a heartbeat must keep it up."""
    return Connection(
        settings.CELERY_BROKER_URL,
        heartbeat=heartbeat,
        connect_timeout=5,
        transport_options={**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **_own_options()},
    )


def _own_options() -> dict[str, Any]:
    """Return what a connection for topics has of its own: on Redis, the list of what is not acknowledged yet.

    kombu puts back what stands there for longer than the timeout, and knows a message by one tag on a topic's queues.
    With one list for everybody a bot's acknowledgement would take away what we have not done yet, and a timeout that
    suits actions would give long tasks to two workers.
    """
    if not _is_redis():
        return {}
    prefix = f"{settings.SERVICES.namespace}.bots.unacked"
    return {
        "visibility_timeout": settings.BOTS_REDELIVERY_SECONDS,
        "unacked_key": prefix,
        "unacked_index_key": f"{prefix}.index",
        "unacked_mutex_key": f"{prefix}.mutex",
        "unacked_mutex_expire": settings.BOTS_REDELIVERY_SECONDS,
    }


def _is_redis() -> bool:
    return settings.CELERY_BROKER_URL.startswith("redis")


def put_back(channel: Any) -> None:
    """Put back what a listener that was killed had in hand. AMQP does it by itself; kombu only where nothing comes."""
    if _is_redis():
        channel.qos.restore_visible(num=None, interval=1)


def exchange_of(topic: str) -> Exchange:
    """Return the topic's exchange."""
    amqp = settings.CELERY_BROKER_URL.startswith("amqp")
    return Exchange(topic, type="fanout" if amqp else "direct", durable=True)


def queue_of(topic: str) -> Queue:
    """Return our own queue on the topic. Of several listeners one is active, so that actions keep their order."""
    name = f"{settings.SERVICES.namespace}.{topic}"
    arguments = {"x-single-active-consumer": True}
    return Queue(name, exchange_of(topic), routing_key=topic, durable=True, queue_arguments=arguments)


def waiting_for(consumer: Consumer) -> int:
    """Return how many messages wait in the queue that it consumes; the one that it has in hand is not among them."""
    return sum(queue.queue_declare(passive=True).message_count for queue in consumer.queues or ())


class Publisher:
    """One connection for everything that this process publishes; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._producer: Producer | None = None
        self._declared: set[str] = set()

    def publish(self, topic: str, body: bytes, message_id: str) -> None:
        """Publish, and return when the broker has it. Raises what the transport raises when it has not."""
        with self._lock:
            had_one = self._producer is not None
            try:
                self._publish(topic, body, message_id)
            except Exception:
                self._forget()
                if not had_one:
                    raise
                self._publish_anew(topic, body, message_id)

    def _publish_anew(self, topic: str, body: bytes, message_id: str) -> None:
        """The old connection had died of idleness, perhaps: a new one will tell."""
        try:
            self._publish(topic, body, message_id)
        except Exception:
            self._forget()
            raise

    def _publish(self, topic: str, body: bytes, message_id: str) -> None:
        producer = self._producer or self._open()
        if topic not in self._declared:
            queue_of(topic)(producer.channel).declare()
            self._declared.add(topic)
        producer.publish(
            body,
            exchange=topic,
            routing_key=topic,
            delivery_mode=2,
            content_type="application/json",
            content_encoding="utf-8",
            message_id=message_id,
            timeout=_SECONDS,
            confirm_timeout=_SECONDS,
        )

    def _open(self) -> Producer:
        self._connection = connect()
        self._connection.connect()
        self._producer = Producer(self._connection.channel(), auto_declare=False)
        return self._producer

    def _forget(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        self._declared.clear()
        with suppress(Exception):
            if connection is not None:
                connection.release()

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            self._forget()


publisher = Publisher()


def id_of(message: Any) -> str:
    """Return what makes a delivered message known again: its message_id, or the tag that kombu gave it; or nothing.

    On AMQP the tag is a number of the channel, and means nothing.
    """
    named = message.properties.get("message_id")
    tag = "" if settings.CELERY_BROKER_URL.startswith("amqp") else message.delivery_tag
    return str(named or tag or "")


def raw_of(message: Any) -> bytes:
    """Return a message's body as bytes, whatever the transport made of it."""
    body = message.body
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
