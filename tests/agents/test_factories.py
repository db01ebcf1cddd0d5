"""Every factory makes rows that the constraints and the models' own checks accept."""

import pytest

from chat.models import Kind, Status
from config.demo import factories

pytestmark = pytest.mark.django_db

FACTORIES = [
    value
    for value in vars(factories).values()
    if isinstance(value, type)
    and issubclass(value, factories.factory.django.DjangoModelFactory)
    and value._meta.model is not None
    and value.__module__ == factories.__name__
]


@pytest.mark.parametrize("make", FACTORIES, ids=lambda f: f.__name__)
def test_a_factory_makes_valid_rows(make):
    for row in (make(), make()):
        row.refresh_from_db()
        row.full_clean(exclude=["password"])


@pytest.mark.parametrize("state", [{}, {"active": True}, {"closed": True}])
def test_a_chat_has_the_assignment_that_its_state_asks_for(state):
    chat = factories.ChatFactory(**state)
    running = chat.assignments.filter(ended_at__isnull=True).count()
    assert running == (chat.status == Status.ACTIVE)
    assert chat.assignments.exists() == (chat.agent is not None)


def test_messages_continue_the_numbering_and_the_summary():
    chat = factories.ChatFactory(active=True)
    factories.MessageFactory(chat=chat, body="Hello?")
    factories.MessageFactory(chat=chat, agent=chat.agent, kind=Kind.NOTE, body="A regular")
    last = factories.MessageFactory(chat=chat, agent=chat.agent, body="Hi!")
    chat.refresh_from_db()
    assert (last.seq, last.public_prev) == (3, 1)
    assert (chat.last_seq, chat.last_public_seq, chat.last_message_text) == (3, 3, "Hi!")


def test_a_key_tells_its_secret_once():
    key = factories.SecretKeyFactory()
    assert type(key).find(key.secret) == key
