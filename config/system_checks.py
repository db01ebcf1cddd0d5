"""Django system checks of the house."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import register


@register
def celery_needs_a_broker(app_configs: object, **kwargs: Any) -> list:
    """Refuse `celery worker` and `celery beat` in embedded mode: alone with a broker in memory, they would do nothing.

    Ends the process by itself, because Celery runs Django's checks without looking at what they return.
    """
    if settings.EMBEDDED and _is_celery(sys.argv):
        raise SystemExit(
            "Embedded mode has its worker inside: run `python manage.py serve --with-worker`,"
            " or set DATABASE_URL, REDIS_URL and BROKER_URL."
        )
    return []


def _is_celery(arguments: list[str]) -> bool:
    program = Path(arguments[0])
    named = program.stem == "celery" or (program.stem == "__main__" and program.parent.name == "celery")
    return named and not {"worker", "beat"}.isdisjoint(arguments)
