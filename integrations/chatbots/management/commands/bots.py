"""``python manage.py bots``: hears what bots say on the broker until it is asked to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from ... import listener


class Command(BaseCommand):
    help = "Listen to the bots on the broker. Any number of these may run; SIGTERM stops one gracefully."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        listener.run(stop)
