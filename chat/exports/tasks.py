"""The work of exports. Rows are the truth: a task that is lost is followed by another, two seconds later."""

from celery import shared_task

from . import claims, services, writing


@shared_task(name="chat.exports.tasks.write", ignore_result=True)
def write() -> int:
    """Write exports until there is none that may be written now. Returns how many that were."""
    written = 0
    while claims.anything_waits() and (export := claims.claim()):
        writing.write(export)
        written += 1
    return written


@shared_task(name="chat.exports.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Delete the files of exports that are no longer kept. Returns how many."""
    return services.sweep()
