"""The bot of docs/ against a running Parley."""

import importlib.util
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection

from chat.access import Actor
from chat.models import Chat, Kind
from chat.services import messages

pytestmark = pytest.mark.django_db(transaction=True)
PATH = Path(settings.BASE_DIR) / "docs" / "sample_bot.py"


def test_it_greets_answers_and_hands_over(world, bot, begin, topic):
    spec = importlib.util.spec_from_file_location("sample_bot", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert len(PATH.read_text().splitlines()) < 100
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as connection:
        sample = module.SampleBot(connection, bot.topic, str(world.support.uid))
        sample.consumer.queues[0].auto_delete = True
        with sample.consumer:
            chat = begin("Hello")

            def until(true):
                for _ in range(300):
                    if true():
                        return
                    try:
                        connection.drain_events(timeout=0.1)
                    except TimeoutError:
                        continue
                raise AssertionError("it never came true")

            said = chat.messages.filter(agent=bot.agent)
            until(lambda: said.count() == 2)
            assert sorted(said.values_list("kind", flat=True)) == [Kind.RICH, Kind.TEXT]
            messages.post(chat, Actor.of_visitor(world.visitor), body="A human, please")
            until(lambda: Chat.objects.get(pk=chat.pk).agent == world.operator)
        sample.consumer.queues[0](connection.default_channel).delete()
