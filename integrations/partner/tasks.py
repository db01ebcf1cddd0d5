"""The regular work for partners. Safe with any number of beats and workers."""

from celery import shared_task

from . import invitations


@shared_task(name="integrations.partner.tasks.invite", ignore_result=True)
def invite() -> int:
    """Send the invitations that are owed. Returns how many."""
    return invitations.send_owed()
