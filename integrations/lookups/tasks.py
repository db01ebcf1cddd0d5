"""The regular work of lookups. Safe with any number of beats and workers."""

from celery import shared_task
from django.utils import timezone

from chat.models import ActionCard

from . import working


@shared_task(name="integrations.lookups.tasks.look_up", ignore_result=True)
def look_up() -> int:
    """Do the lookups that are due. Returns how many."""
    # Most of the time nothing is, and this one query is all.
    return working.run() if ActionCard.objects.due(timezone.now()).exists() else 0
