"""Who knocks at Django admin."""

import pytest
from django.test import Client

from config.demo.factories import UserFactory


@pytest.fixture
def as_user(db):
    """Log somebody in and return their client."""

    def log_in(user):
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def as_owner(as_user, world):
    return as_user(world.owner.user)


@pytest.fixture
def as_admin(as_user, world):
    return as_user(world.admin.user)


@pytest.fixture
def root(db):
    return UserFactory(email="root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def as_root(as_user, root):
    return as_user(root)
