"""A first brake on anonymous starts: so many a minute for each address and key."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

STARTS_PER_MINUTE = 30
_WINDOW_SECONDS = 60


class TooMany(Exception):
    """Come back after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


def count_start(request: HttpRequest, key_id: int) -> None:
    """Count one anonymous start. Raises TooMany when this address has used up its minute."""
    window, into = divmod(int(time.time()), _WINDOW_SECONDS)
    name = f"starts:{key_id}:{request.META.get('REMOTE_ADDR', '')}:{window}"
    cache.add(name, 0, _WINDOW_SECONDS * 2)
    try:
        count = cache.incr(name)
    except ValueError:  # evicted in between
        count = 1
    if count > getattr(settings, "STARTS_PER_MINUTE", STARTS_PER_MINUTE):
        raise TooMany(_WINDOW_SECONDS - into)
