"""Serve HTTP and sockets from this process."""

from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.serving import CannotServe, serve

logger = structlog.get_logger("parley.serve")


class Command(BaseCommand):
    help = "Serve HTTP and sockets from this process, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT, or 8000")
        parser.add_argument("--with-worker", action="store_true", help="worker, beat and relay inside this process")

    def handle(self, *args: Any, host: str, port: int, with_worker: bool, **options: Any) -> None:
        if settings.EMBEDDED and not with_worker:
            logger.warning("embedded mode without --with-worker: nobody sweeps, no webhook is sent")

        if not settings.EMBEDDED and not settings.S3:
            logger.warning(
                "S3_BUCKET is not set: files are in the data folder, which every web and worker process must share",
                folder=str(settings.MEDIA_ROOT),
            )

        def ready() -> None:
            mode = "embedded, this process only" if settings.EMBEDDED else "services"
            logger.info("serving", url=settings.PUBLIC_URL, host=host, port=port, mode=mode)

        try:
            serve(host, port, with_worker=with_worker, ready=ready)
        except CannotServe as trouble:
            raise CommandError(str(trouble)) from None
