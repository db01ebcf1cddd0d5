"""``python manage.py relay``: sends what is owed to webhooks until it is asked to stop."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ... import bell, relay
from ...policy import Pace, usual_pace


class Command(BaseCommand):
    help = "Send what is owed to webhooks. Any number of these may run; SIGTERM stops one gracefully."

    def add_arguments(self, parser: ArgumentParser) -> None:
        pace = usual_pace()
        parser.add_argument("--once", action="store_true", help="send what is due now, then stop")
        parser.add_argument("--poll", type=float, default=pace.poll, help="seconds between looks (%(default)s)")
        parser.add_argument("--attempt", type=float, default=pace.attempt, help="seconds of an attempt (%(default)s)")
        parser.add_argument(
            "--lease", type=float, default=pace.lease, help="seconds until another takes over (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pace = Pace(poll=options["poll"], attempt=options["attempt"], lease=options["lease"])
        if options["once"]:
            self.stdout.write(f"{relay.run_once(pace)} attempts")
            return
        stop = threading.Event()

        def ask_to_stop(*_: object) -> None:
            stop.set()
            bell.ring()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        relay.run(stop, pace)
