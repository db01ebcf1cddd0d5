"""Work that nobody asks for: the sweeper that lets no open chat be orphaned."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from . import indexing, tallying
from .models import Chat, Status
from .models.chats import not_parked
from .routing import route
from .services import assigning, parking, presence, uploads
from .services.locking import lock_chat, lock_routing

SWEEP_SECONDS = 5
INDEX_SECONDS = 4


@shared_task(name="chat.tasks.sweep", ignore_result=True)
def sweep() -> dict[str, int]:
    """Put the chats of agents who are gone back into the queue, parked ones when the team opens, and give the queue
    to agents who can take it.

    Safe to run twice at once. Returns how many were requeued, unparked and routed.
    """
    now = timezone.now()
    requeued = sum(_requeue(chat) for chat in orphans(now))
    unparked = parking.follow_hours(now)
    queued = Chat.objects.filter(not_parked(now), status=Status.WAITING)
    routed = sum(route(pk) for pk in queued.values_list("workspace_id", flat=True).distinct())
    # A little more than since the last sweep: to say it twice does no harm, not to say it would.
    presence.announce_lapsed(now - timedelta(seconds=2 * SWEEP_SECONDS))
    return {"requeued": requeued, "unparked": unparked, "routed": routed}


def orphans(now: datetime) -> list[Chat]:
    """Return the active chats whose agent left the team, or has been without a lease for longer than the grace time."""
    gone_since = now - timedelta(seconds=settings.ORPHAN_GRACE_SECONDS)
    gone = Q(agent__is_active=False) | Q(agent__lease_until__isnull=True) | Q(agent__lease_until__lte=gone_since)
    return list(Chat.objects.filter(gone, status=Status.ACTIVE, agent__is_bot=False).order_by("id")[:500])


def _requeue(found: Chat) -> bool:
    with transaction.atomic():
        lock_routing(found.workspace_id)
        chat = lock_chat(found)
        now = timezone.now()
        still = chat.agent_id and chat.status == Status.ACTIVE and any(c.pk == chat.pk for c in orphans(now))
        if not still:
            return False
        assigning.requeue(chat, now=now, reason="agent_gone")
    return True


@shared_task(name="chat.tasks.sweep_uploads", ignore_result=True)
def sweep_uploads() -> int:
    """Remove uploads that nobody confirmed in time."""
    return uploads.sweep()


@shared_task(name="chat.tasks.settle_tallies", ignore_result=True)
def settle_tallies() -> int:
    """Sum up the tallies of ended chats where they have become many."""
    return tallying.settle()


@shared_task(name="chat.tasks.index_words", ignore_result=True)
def index_words() -> int:
    """Let the search know what was said since, for about as long as until the next call. Returns how many chats.

    Once through: what is said meanwhile is left for the next call, or it would never end while people talk, and the
    busiest chats would keep the others out.
    """
    until, looked_at = monotonic() + INDEX_SECONDS, 0
    found = indexing.collect()
    while len(found) == indexing.AT_ONCE and monotonic() < until:
        looked_at += len(found)
        found = indexing.collect(after=found[-1])
    return looked_at + len(found)
