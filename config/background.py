"""Worker, beat, relay, bots and replies as threads of one process: what embedded mode has instead of the Procfile."""

import threading
import time
import uuid
from collections.abc import Callable

import structlog
from celery.beat import Service
from celery.worker import state
from django.db import connections

from integrations.chatbots import listener
from integrations.replies import runner
from integrations.webhooks import bell, relay

from .celery import app

logger = structlog.get_logger("parley.background")
_THREADS = 4
_RESTART_SECONDS = 1.0
_BEAT_LOOKS_SECONDS = 0.5  # how long it may sleep through being told to stop
_STOP_SECONDS = 15.0


class Background:
    """Starts them all, starts again whichever fails, and stops them all."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._beat: Service | None = None
        self._threads = [
            threading.Thread(target=self._keep, args=(name, run), name=name, daemon=True)
            for name, run in (
                ("worker", self._run_worker),
                ("beat", self._run_beat),
                ("relay", self._run_relay),
                ("bots", self._run_bots),
                ("replies", self._run_replies),
            )
        ]

    def start(self) -> None:
        """Start all; returns at once."""
        state.should_stop = None
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let running tasks end and wait for all, fifteen seconds at most. Call it before the server's loop stops."""
        self._stopping.set()
        state.should_stop = 0
        bell.ring()  # the relay hears it at once
        if self._beat:
            self._beat.stop(wait=False)
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _keep(self, name: str, run: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                run()
            except Exception:
                logger.exception("background_failed", part=name)
            finally:
                connections.close_all()
            self._stopping.wait(_RESTART_SECONDS)

    def _run_worker(self) -> None:
        # WorkController, not the command line's worker, which installs signal handlers and forks.
        app.WorkController(
            pool_cls="threads", concurrency=_THREADS, hostname=f"embedded-{uuid.uuid4().hex[:12]}@parley",
            without_gossip=True, without_mingle=True, loglevel="WARNING", logfile=None,
        ).start()  # fmt: skip

    def _run_beat(self) -> None:
        # `worker -B` would fork, and publish into a memory that nobody reads.
        self._beat = Service(app, max_interval=_BEAT_LOOKS_SECONDS, scheduler_cls=app.conf.beat_scheduler)
        self._beat.start()

    def _run_relay(self) -> None:
        relay.run(self._stopping)

    def _run_bots(self) -> None:
        listener.run(self._stopping)

    def _run_replies(self) -> None:
        runner.run(self._stopping)
