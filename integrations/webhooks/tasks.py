"""The regular work of webhooks. Safe with any number of beats and workers."""

from celery import shared_task

from . import notices


@shared_task(name="integrations.webhooks.tasks.tell_of_pauses", ignore_result=True)
def tell_of_pauses() -> int:
    """Tell admins of the webhooks that were paused. Returns how many."""
    return notices.tell()
