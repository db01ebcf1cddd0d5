"""Work that nobody asks for: the sweeper that lets no open chat be orphaned."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Chat, Status
from .routing import route
from .services import assigning, presence
from .services.locking import lock_chat, lock_routing

SWEEP_SECONDS = 5


@shared_task(name="chat.tasks.sweep", ignore_result=True)
def sweep() -> dict[str, int]:
    """Put the chats of agents who are gone back into the queue, and the queue to agents who can take it.

    Safe to run twice at once. Returns how many were requeued and routed.
    """
    now = timezone.now()
    requeued = sum(_requeue(chat) for chat in orphans(now))
    waiting = Chat.objects.filter(status=Status.WAITING).values_list("workspace_id", flat=True).distinct()
    routed = sum(route(workspace_id) for workspace_id in waiting)
    # A little more than since the last sweep: to say it twice does no harm, not to say it would.
    presence.announce_lapsed(now - timedelta(seconds=2 * SWEEP_SECONDS))
    return {"requeued": requeued, "routed": routed}


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
