"""A bot on the broker: a thread that hears its topic, answers, and repeats what the broker did not confirm."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections import deque
from typing import Any

from kombu import Connection, Consumer, Exchange, Producer, Queue

from .journal import Journal, Said

_ANSWERS_EVERY = 4
Json = dict[str, Any]


class Robot:
    """Answers every fourth message of a visitor, once, whatever is repeated to it."""

    def __init__(self, url: str, topic: str, journal: Journal) -> None:
        self.url, self.topic, self.journal = url, topic, journal
        self.exchange = Exchange(topic, type="fanout", durable=True)
        self.queue = Queue(f"bot.{topic}", self.exchange, routing_key=topic, durable=True)
        # Everything that came, in its order, with the id that repetitions share.
        self.heard: list[tuple[str, Json]] = []
        self.seen: set[str] = set()
        self.answers: deque[tuple[Said, bytes]] = deque()
        self.stopping = threading.Event()
        self.connects = 0
        self.thread = threading.Thread(target=self._live, name="robot", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(30)

    @property
    def idle(self) -> bool:
        """Whether everything that it wanted to say was confirmed."""
        return not self.answers

    def _live(self) -> None:
        options = {"confirm_publish": True, "read_timeout": 10, "write_timeout": 10}
        while not self.stopping.is_set():
            try:
                with Connection(self.url, transport_options=options, connect_timeout=3, heartbeat=10) as connection:
                    connection.connect()
                    self.connects += 1
                    self._work(connection)
            except Exception as error:  # the broker is gone: whatever that looks like
                self.journal.seen[f"bot: {type(error).__name__}"] += 1
                self.stopping.wait(0.3)

    def _work(self, connection: Any) -> None:
        channel = connection.channel()
        producer = Producer(connection.channel(), exchange=self.exchange, routing_key=self.topic)
        with Consumer(channel, [self.queue], on_message=self._on_message, prefetch_count=1):
            while not self.stopping.is_set():
                while self.answers:
                    said, body = self.answers[0]
                    said.tries += 1
                    producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=2)
                    self.journal.acknowledge(said, "", 0)  # the broker's word that it has it
                    self.answers.popleft()
                try:
                    connection.drain_events(timeout=0.1)
                except (TimeoutError, socket.timeout):  # noqa: UP041  # what kombu's own loops catch
                    connection.heartbeat_check()

    def _on_message(self, message: Any) -> None:
        said = json.loads(message.body if isinstance(message.body, str) else bytes(message.body))
        name = str(message.properties.get("message_id"))
        if said.get("action") in ("incoming_chat", "incoming_event", "chat_transferred", "chat_deactivated", "error"):
            self.heard.append((name, said))
            if name not in self.seen:
                self.seen.add(name)
                self._answer(said)
        message.ack()

    def _answer(self, said: Json) -> None:
        if said["action"] != "incoming_event" or len(self.seen) % _ANSWERS_EVERY:
            return
        payload = said["payload"]
        custom_id = str(uuid.uuid4())
        answer = Said(uuid.UUID(payload["thread_id"]).hex, "bot", custom_id, f"bot answers {custom_id}")
        event = {"type": "message", "text": answer.body, "custom_id": custom_id}
        body = {"action": "send_event", "payload": {"chat_id": payload["chat_id"], "event": event}}
        self.answers.append((self.journal.say(answer), json.dumps(body).encode()))
