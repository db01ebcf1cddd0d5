"""The locks of the services give what the ORM would give."""

import uuid

import pytest
from django.db import transaction

from chat.models import Chat
from chat.services.locking import lock_chat, lock_chats
from config.demo.factories import ChatFactory, DepartmentFactory

JOINED = ("visitor", "agent", "department", "workspace")


def test_a_locked_chat_is_the_whole_chat_with_what_is_joined(world, django_assert_num_queries):
    department = DepartmentFactory(workspace=world.workspace)
    full = ChatFactory(
        workspace=world.workspace, visitor__workspace=world.workspace, agent=world.operator, department=department,
        status="active", trigger_uid=uuid.uuid4(), custom_fields={"plan": ["gold", {"đ": None}]}, rating=4,
    )  # fmt: skip
    bare = ChatFactory(workspace=world.workspace, visitor__workspace=world.workspace, agent=None, department=None)
    with transaction.atomic():
        with django_assert_num_queries(1):
            locked = lock_chats([bare.pk, full.pk, 0])
            for chat in locked.values():
                assert [getattr(chat, name) for name in JOINED]
        assert list(locked) == sorted([full.pk, bare.pk])
        for chat in locked.values():
            known = Chat.objects.select_related(*JOINED).get(pk=chat.pk)
            assert _fields(chat) == _fields(known)
            for name in JOINED:
                mine, theirs = getattr(chat, name), getattr(known, name)
                assert type(mine) is type(theirs)
                if theirs is not None:
                    assert mine.get_deferred_fields() <= {"identity_secret", "previous_identity_secret"}
                    assert _fields(mine) == _fields(theirs)
            chat.rating_comment = "It is saved like any other."
            chat.save(update_fields=["rating_comment"])
            chat.refresh_from_db()
            assert chat.rating_comment


def test_a_chat_that_is_gone_is_not_there(world):
    chat = ChatFactory(workspace=world.workspace, visitor__workspace=world.workspace)
    Chat.objects.filter(pk=chat.pk).delete()
    with transaction.atomic(), pytest.raises(Chat.DoesNotExist):
        lock_chat(chat)


def _fields(row) -> dict:
    return {
        field.attname: (getattr(row, field.attname), type(getattr(row, field.attname)))
        for field in row._meta.concrete_fields
    }
