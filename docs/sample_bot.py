"""A bot for Parley in one file: greets, answers, offers buttons, and hands over to people.

    python manage.py create_bot WORKSPACE helper --json          # prints the topic
    python docs/sample_bot.py --broker amqp://guest:guest@localhost// --topic support_chatbot_helper --group GROUP_ID

It needs kombu alone. GROUP_ID is a department's, from its page in Django admin; without it the bot never hands over.
"""

import argparse
import json
import uuid

from kombu import Connection, Consumer, Exchange, Producer, Queue


class SampleBot:
    """Hears its topic through a durable queue of its own; what happened while it was away waits there."""

    def __init__(self, connection: Connection, topic: str, group: str = "") -> None:
        self.topic, self.group = topic, group
        channel = connection.channel()
        # On RabbitMQ a topic is a fanout exchange; on Redis a direct one, with the topic as its key.
        kind = "fanout" if connection.transport.driver_type == "amqp" else "direct"
        exchange = Exchange(topic, type=kind, durable=True)
        queue = Queue(f"{topic}.bot", exchange, routing_key=topic, durable=True)
        self.producer = Producer(channel, exchange=exchange, routing_key=topic)
        self.consumer = Consumer(channel, [queue], on_message=self.on_message, prefetch_count=1)
        self.seen: set[str] = set()

    def on_message(self, message) -> None:
        """Answer one message, then acknowledge it. At least once: an id that was seen is a repetition."""
        said = json.loads(bytes(message.body) if not isinstance(message.body, str) else message.body)
        name = str(message.properties.get("message_id"))
        answer = getattr(self, f"on_{said.get('action')}", None)
        if answer and name not in self.seen:
            answer(said["payload"], said.get("tenant_id"))
            self.seen.add(name)
        message.ack()

    def on_incoming_chat(self, payload: dict, tenant: str) -> None:
        """Greet, with buttons."""
        buttons = [{"type": "message", "text": text, "value": text, "postback_id": text} for text in ("Hours", "Human")]
        elements = [{"title": "Hello! I am a bot. How can I help?", "buttons": buttons}]
        event = {"type": "rich_message", "template_id": "quick_replies", "elements": elements}
        self.send(payload["chat"]["id"], event, tenant)

    def on_incoming_event(self, payload: dict, tenant: str) -> None:
        """Answer what the visitor wrote or clicked."""
        event, chat = payload["event"], payload["chat_id"]
        words = str(event.get("text", "")).lower()
        if "human" in words and self.group:
            target = {"type": "group", "ids": [self.group]}
            self.send(chat, {"type": "message", "text": "One moment, I am calling somebody."}, tenant)
            self.publish("transfer_chat", {"id": chat, "target": target, "ignore_agents_availability": True}, tenant)
        elif "hours" in words:
            self.send(chat, {"type": "message", "text": "We are here from 8 to 18."}, tenant)
        else:
            self.send(chat, {"type": "message", "text": f"You said: {event.get('text', 'something')}"}, tenant)

    def on_error(self, payload: dict, tenant: str) -> None:
        """Parley refused an action and says why."""
        print("refused:", payload["action"], payload["error"]["message"])  # noqa: T201

    def send(self, chat: str, event: dict, tenant: str) -> None:
        """Say something. The custom_id makes a repetition harmless."""
        event = {**event, "custom_id": str(uuid.uuid4())}
        self.publish("send_event", {"chat_id": chat, "event": event}, tenant)

    def publish(self, action: str, payload: dict, tenant: str) -> None:
        """Publish on the topic that both sides share."""
        body = json.dumps({"action": action, "payload": payload, "tenant_id": tenant}).encode()
        self.producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=2)


def main() -> None:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--group", default="")
    options = parser.parse_args()
    with Connection(options.broker, transport_options={"confirm_publish": True}) as connection:
        connection.connect()
        with SampleBot(connection, options.topic, options.group).consumer:
            print("listening on", options.topic)  # noqa: T201
            while True:
                connection.drain_events()


if __name__ == "__main__":
    main()
