"""The regular work of bots. Safe with any number of beats and workers."""

from celery import shared_task

from . import services


@shared_task(name="integrations.bots.tasks.watch", ignore_result=True)
def watch() -> int:
    """Hand over what bots are late with. Returns how many chats."""
    return services.watch()
