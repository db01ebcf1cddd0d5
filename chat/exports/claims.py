"""Who writes which export: claims that run out unless they are renewed, few at a time, one a workspace."""

from __future__ import annotations

import logging
import threading
import uuid
from datetime import timedelta
from types import TracebackType

from celery.worker import state as worker
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import F
from django.utils import timezone

from .models import FREE, UNFINISHED, Export, State
from .services import FOLDER

log = logging.getLogger(__name__)

CLAIMED = timedelta(seconds=15)
# How often a claim is renewed and what is written told: also how soon a cancelled one is noticed.
_RENEWED_SECONDS = 1.0
# Who was killed so many times is not begun again: it may be the export that kills.
MOST_ATTEMPTS = 3


class Lost(Exception):
    """The export is not ours any more: cancelled, removed, or taken over by another worker."""


class Stopped(Exception):
    """Our worker is asked to end; the export goes back into the queue."""


def claim() -> Export | None:
    """Claim the next export and return it; None when there is none, or no room for one.

    The unique columns decide between workers: who comes second is refused by the database, and looks again later.
    """
    _free_what_lapsed()
    running = Export.objects.filter(state=State.RUNNING)
    free = sorted(set(range(settings.EXPORTS_AT_ONCE)) - set(running.values_list("slot", flat=True)))
    queue = Export.objects.filter(state=State.QUEUED).exclude(workspace_id__in=running.values("workspace_id"))
    following = queue.order_by("id").first() if free else None
    return _take(following, free[0]) if following else None


def _free_what_lapsed() -> None:
    """Put exports whose writers were killed back into the queue, and an end to those that were killed too often."""
    now = timezone.now()
    lapsed = Export.objects.filter(state=State.RUNNING, claimed_until__lte=now)
    lapsed.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, problem="killed", finished_at=now, file="", **FREE
    )
    lapsed.update(state=State.QUEUED, file="", **FREE)


def _take(export: Export, slot: int) -> Export | None:
    token = uuid.uuid4()
    mine = {
        "state": State.RUNNING,
        "claim": token,
        "claimed_until": timezone.now() + CLAIMED,
        "slot": slot,
        "attempts": F("attempts") + 1,
        "written": 0,
        # Another name in each attempt: what another worker still writes is not ours.
        "file": f"{FOLDER}/{token.hex}.{export.kind}",
    }
    try:
        with transaction.atomic():
            taken = Export.objects.filter(pk=export.pk, state=State.QUEUED).update(**mine)
    except IntegrityError:
        return None
    return Export.objects.select_related("agent__user", "workspace").get(pk=export.pk) if taken else None


class Keeper:
    """Renews a claim while a block runs, in a thread of its own, and tells how much is written.

    ``written`` and ``total`` are set by the block, which calls ``check()`` often. A claim that could not be renewed in
    time is lost like one that was taken away.
    """

    def __init__(self, export: Export) -> None:
        self._mine = Export.objects.filter(pk=export.pk, claim=export.claim, state=State.RUNNING)
        self._over = threading.Event()
        self._lost = threading.Event()
        self._until = export.claimed_until
        self._thread = threading.Thread(target=self._keep, name=f"export-{export.pk}", daemon=True)
        self.written = 0
        self.total = 0

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise Lost or Stopped when there is no reason to go on."""
        if self._lost.is_set():
            raise Lost
        # Nought means: stop, and all is well.
        if any(asked is not None and asked is not False for asked in (worker.should_stop, worker.should_terminate)):
            raise Stopped

    def finish(self, **fields: object) -> None:
        """End the claim, if it is still ours. Raises Lost."""
        self._over.set()
        self._thread.join()
        if not self._mine.update(**FREE, **fields):
            raise Lost

    def _keep(self) -> None:
        try:
            while not self._over.wait(_RENEWED_SECONDS):
                self._renew()
        finally:
            connections.close_all()

    def _renew(self) -> None:
        until = timezone.now() + CLAIMED
        try:
            if self._mine.update(claimed_until=until, written=self.written, total=self.total):
                self._until = until
            else:
                self._lost.set()
        except DatabaseError as problem:
            log.warning("an export's claim could not be renewed", extra={"problem": str(problem)})
            if self._until is None or timezone.now() >= self._until:
                self._lost.set()


def anything_waits() -> bool:
    """Whether a worker has anything to look for: asked every other second."""
    return Export.objects.filter(state__in=UNFINISHED).exists()
