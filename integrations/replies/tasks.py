"""The regular work of assistants. Safe with any number of beats and workers."""

from celery import shared_task

from . import services


@shared_task(name="integrations.replies.tasks.watch", ignore_result=True)
def watch() -> int:
    """Hand over what assistants are far too late with. Returns how many chats."""
    return services.watch()
