"""One town for all cells of a table: made once, and each call taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import override_settings

from .town import Town

_UNLIMITED = dict.fromkeys(("secret", "agent", "visitor", "publishable", "anonymous", "bot"), (10**6, 10**6))


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker) -> Iterator[Town]:
    """Make the town inside a transaction that is never committed; nothing that waits for a commit happens."""
    unlimited = override_settings(RATES=_UNLIMITED, STARTS_PER_MINUTE=10**6, REGISTRATIONS_PER_MINUTE=(10**6,) * 2)
    with unlimited, django_db_blocker.unblock(), transaction.atomic():
        yield Town()
        transaction.set_rollback(True)


@pytest.fixture
def taken_back() -> Callable:
    """Return a context in which whatever is changed is changed back."""

    @contextmanager
    def taken_back() -> Iterator[None]:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return taken_back
