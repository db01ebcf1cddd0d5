"""Redis as the broker: an action that a killed listener had in hand is done by the next one, soon and once."""

import signal
import time

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from chat.models import Chat, Message

from .client import TopicClient, custom_id

pytestmark = pytest.mark.django_db(transaction=True)
REDELIVERED_AFTER = 3

if not settings.EMBEDDED:

    @pytest.fixture
    def topic(bot):
        made = TopicClient(settings.SERVICES.redis, bot.topic)
        yield made
        made.close()

    @pytest.fixture
    def listen(processes):
        """Return a starter of listeners on Redis."""

        def start():
            return processes(
                "bots",
                BROKER_URL=settings.SERVICES.redis,
                PARLEY_BOTS_REDELIVERY_SECONDS=str(REDELIVERED_AFTER),
            )

        return start

    @pytest.mark.parametrize("named", [True, False])
    def test_an_action_in_flight_at_a_kill_is_done_by_the_next_listener_once(bot, begin, topic, listen, named):
        chat = begin("Hello")
        first = listen()
        topic.until(lambda: len(topic.channel.get_table(bot.topic)) == 2, tries=600)  # its queue is there, beside ours
        say(topic, chat, "early", named)
        topic.until(lambda: said(chat) == ["early"])
        with transaction.atomic():
            Chat.objects.select_for_update().get(pk=chat.pk)
            say(topic, chat, "in flight", named)
            topic.until(is_waited_for)
            # The bot's own acknowledgement of its own words must not count for ours.
            topic.until(lambda: len(topic.named("send_event")) == 2)
            first.send_signal(signal.SIGKILL)
            first.wait()
        assert said(chat) == ["early"]
        began = time.monotonic()
        listen()
        topic.until(lambda: "in flight" in said(chat), tries=600)
        assert time.monotonic() - began < 60 + REDELIVERED_AFTER
        say(topic, chat, "late", named)
        topic.until(lambda: "late" in said(chat))
        topic.drain(2 * REDELIVERED_AFTER)
        assert said(chat) == ["early", "in flight", "late"]
        with redis.Redis.from_url(settings.SERVICES.redis) as client:
            assert client.hlen(f"{settings.SERVICES.namespace}.bots.unacked") == 0

    def say(topic, chat, text, named):
        event = {"type": "message", "text": text, **({"custom_id": custom_id()} if named else {})}
        topic.say("send_event", {"chat_id": str(chat.conversation_uid), "event": event})

    def said(chat):
        return list(Message.objects.filter(chat=chat, author_kind="bot").order_by("seq").values_list("body", flat=True))

    def is_waited_for():
        """Whether another process wants the lock that this one has."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
            return cursor.fetchone()[0] > 0
