"""The regular work of analytics. Safe with any number of beats and workers."""

from celery import shared_task

from . import rollups, weekly

ROLL_UP_SECONDS = 15


@shared_task(name="analytics.tasks.roll_up", ignore_result=True)
def roll_up() -> int:
    """Count what changed since the last time. Returns how many hours of chats that was."""
    return rollups.catch_up()


@shared_task(name="analytics.tasks.send_weekly", ignore_result=True)
def send_weekly() -> int:
    """Send the weekly summaries that are due. Returns how many were sent."""
    return weekly.send_due()
