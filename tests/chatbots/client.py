"""A bot from elsewhere: it knows the contract and the broker, and nothing of Parley."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from kombu import Connection, Consumer, Exchange, Producer, Queue

Json = dict[str, Any]


class TopicClient:
    """A durable queue of the bot's own on its topic; what was heard, in order, repetitions too."""

    def __init__(self, url: str, topic: str, options: Json | None = None, queue: str = "") -> None:
        self.topic = topic
        self.connection = Connection(url, transport_options=options or {})
        kind = "fanout" if url.startswith("amqp") else "direct"
        self.exchange = Exchange(topic, type=kind, durable=True)
        self.queue = Queue(queue or f"bot.{topic}", self.exchange, routing_key=topic, durable=True)
        self.heard: list[Json] = []
        self.ids: list[str] = []
        self._open()

    def _open(self) -> None:
        self.channel = self.connection.channel()
        self.consumer = Consumer(self.channel, [self.queue], on_message=self._on_message)
        self.consumer.consume()
        self.producer = Producer(self.channel)

    def _on_message(self, message: Any) -> None:
        message.ack()
        try:
            said = json.loads(message.body if isinstance(message.body, str) else bytes(message.body))
        except (ValueError, RecursionError):
            return  # our own garbage
        if isinstance(said, dict):
            self.heard.append(said)
            self.ids.append(str(message.properties.get("message_id")))

    def say(self, action: str, payload: Json, **envelope: Any) -> None:
        self.say_raw(json.dumps({"action": action, "payload": payload, **envelope}).encode())

    def say_raw(self, body: bytes, **properties: Any) -> None:
        self.producer.publish(
            body,
            exchange=self.topic,
            routing_key=self.topic,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            **properties,
        )

    def drain(self, seconds: float = 0.2) -> None:
        try:
            while True:
                self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass

    def until(self, true: Callable[[], Any], tries: int = 300) -> Any:
        """Listen until something is true, and return it."""
        for _ in range(tries):
            if found := true():
                return found
            try:
                self.connection.drain_events(timeout=0.1)
            except TimeoutError:
                continue
        raise AssertionError(f"it never came true; heard {[h.get('action') for h in self.heard]}")

    def named(self, action: str) -> list[Json]:
        """What was heard under this action, without what we said ourselves."""
        return [heard["payload"] for heard in self.heard if heard.get("action") == action]

    def close(self) -> None:
        self.connection.release()


def custom_id() -> str:
    return str(uuid.uuid4())
