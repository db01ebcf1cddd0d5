"""The broker goes and comes back, Parley's processes are killed meanwhile: nothing is lost, nothing is done twice.

In embedded mode the broker is the process itself, so there is none to lose.
"""

import signal
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

from chat.access import Actor
from chat.models import Message
from chat.services import messages
from integrations.webhooks.models import Delivery

from .client import TopicClient, custom_id
from .proxy import Door

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 25

if not settings.EMBEDDED:

    @pytest.fixture
    def door() -> Iterator[Door]:
        parts = urlsplit(settings.CELERY_BROKER_URL)
        made = Door(parts.hostname, parts.port)
        yield made
        made.close()

    @pytest.fixture
    def spawn(door, processes):
        """Return a starter of Parley's processes of bots, behind the door."""
        broker = urlsplit(settings.CELERY_BROKER_URL)
        login = broker.netloc.rpartition("@")[0]
        place = f"{login}@127.0.0.1:{door.port}" if login else f"127.0.0.1:{door.port}"
        return partial(processes, BROKER_URL=urlunsplit(broker._replace(netloc=place)))

    def test_an_outage_and_kills_lose_nothing_and_double_nothing(world, bot, begin, door, spawn):
        topic = TopicClient(settings.CELERY_BROKER_URL, bot.topic, settings.CELERY_BROKER_TRANSPORT_OPTIONS)
        chats = [begin(visitor=visitor) for visitor in (world.visitor, world.other_visitor)]
        writers = [Actor.of_visitor(world.visitor), Actor.of_visitor(world.other_visitor)]

        def write(numbers):
            for number in numbers:
                for chat, actor in zip(chats, writers, strict=True):
                    messages.post(chat, actor, body=str(number))

        def answer(name):
            for chat in chats:
                event = {"type": "message", "text": name, "custom_id": custom_id()}
                topic.say("send_event", {"chat_id": str(chat.conversation_uid), "event": event})

        relay, listener = spawn("relay", "--poll", "0.1", "--lease", "2", "--attempt", "1"), spawn("bots")
        write(range(EACH))
        topic.until(lambda: len(topic.named("incoming_chat")) == 2 and len(topic.named("incoming_event")) > 5)
        answer("before")
        door.shut()
        write(range(EACH, 2 * EACH))
        answer("meanwhile")
        for process in (relay, listener):
            process.send_signal(signal.SIGKILL)
            process.wait()
        spawn("relay", "--poll", "0.1", "--lease", "2", "--attempt", "1")
        spawn("bots")
        write(range(2 * EACH, 3 * EACH))
        door.open()
        answer("after")
        topic.until(lambda: not Delivery.objects.filter(subscription=bot.line).owed().exists(), tries=600)
        topic.until(lambda: Message.objects.filter(agent=bot.agent).count() >= 6)
        topic.drain(1)
        for chat in chats:
            heard = [e["event"]["text"] for e in topic.named("incoming_event") if e["thread_id"] == str(chat.uid)]
            assert list(dict.fromkeys(heard)) == [str(number) for number in range(3 * EACH)]
            said = Message.objects.filter(chat=chat, agent=bot.agent).order_by("seq")
            assert [message.body for message in said] == ["before", "meanwhile", "after"]
        topic.close()

    def test_kills_and_cuts_under_traffic_do_every_action_once_and_in_order(world, bot, begin, door, spawn):
        topic = TopicClient(settings.CELERY_BROKER_URL, bot.topic, settings.CELERY_BROKER_TRANSPORT_OPTIONS)
        chats = [begin(visitor=visitor) for visitor in (world.visitor, world.other_visitor)]
        writers = [Actor.of_visitor(world.visitor), Actor.of_visitor(world.other_visitor)]
        spawn("relay", "--poll", "0.1", "--lease", "2", "--attempt", "1")
        listener = spawn("bots")
        topic.until(lambda: len(topic.named("incoming_chat")) == 2, tries=600)

        def said(chat):
            return list(
                Message.objects.filter(chat=chat, agent=bot.agent).order_by("seq").values_list("body", flat=True)
            )

        for number in range(4 * EACH):
            for chat, actor in zip(chats, writers, strict=True):
                messages.post(chat, actor, body=str(number))
                # Without an id of its own the broker's word that it comes again has to do.
                named = {"custom_id": custom_id()} if number % 2 else {}
                event = {"type": "message", "text": str(number), **named}
                topic.say("send_event", {"chat_id": str(chat.conversation_uid), "event": event})
            # Never so far ahead that the bot seems to talk without end.
            topic.until(lambda least=number - 12: all(len(said(chat)) >= least for chat in chats), tries=1200)
            if number % EACH == EACH // 2:
                # In the middle of its work: something is done, and more is waiting.
                topic.until(lambda: said(chats[0]))
                listener.send_signal(signal.SIGKILL)
                listener.wait()
                listener = spawn("bots")
            elif number % EACH == EACH - 1:
                door.shut()
                topic.drain(0.5)
                door.open()
        numbers = [str(number) for number in range(4 * EACH)]
        topic.until(lambda: all(len(said(chat)) >= len(numbers) for chat in chats), tries=1200)
        topic.until(lambda: not Delivery.objects.filter(subscription=bot.line).owed().exists(), tries=1200)
        topic.drain(1)
        for chat in chats:
            assert said(chat) == numbers
            heard = [e["event"]["text"] for e in topic.named("incoming_event") if e["thread_id"] == str(chat.uid)]
            assert list(dict.fromkeys(heard)) == numbers
        assert topic.named("error") == []
        topic.close()
