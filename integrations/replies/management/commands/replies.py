"""``python manage.py replies``: does the turns that assistants owe until it is asked to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from integrations.webhooks import bell

from ... import runner


class Command(BaseCommand):
    help = "Answer visitors by a model, or draft for agents. Any number of these may run; SIGTERM stops one gracefully."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def ask_to_stop(*_: object) -> None:
            stop.set()
            bell.ring()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        runner.run(stop)
