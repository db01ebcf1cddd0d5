"""The verbs of exports: ask for one, cancel, try again, remove; and what is swept."""

from __future__ import annotations

import shutil
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from agents.models import Agent

from ..errors import ChatError, Conflict, NotAllowed
from .asking import Wanted
from .models import FREE, UNFINISHED, Export, State

# Files hold what customers said of themselves: they are kept for as long as it takes to fetch them.
KEPT = timedelta(days=3)
# Rows are kept longer, to say what became of the files.
REMEMBERED = timedelta(days=30)
# Unfinished ones of one agent.
MOST = 3
FOLDER = "exports"


class TooMany(ChatError):
    """The agent waits for as many exports as they may."""

    code = "too_many"
    default = _("You already have exports that are not finished. Wait for one of them, or cancel it.")


def demand(agent: Agent) -> None:
    """Raise NotAllowed for who may not take the workspace's history away."""
    if not (agent.is_active and agent.supervises):
        raise NotAllowed


def ask(agent: Agent, wanted: Wanted, kind: str, *, uid: uuid.UUID | None = None) -> Export:
    """Ask for an export, in the active language, and return it; with a uid that was used before, that one.

    Raises NotAllowed and TooMany.
    """
    demand(agent)
    with transaction.atomic():
        # One after the other, so that nobody has more than they may.
        Agent.objects.select_for_update().get(pk=agent.pk)
        if uid and (made := agent.exports.filter(uid=uid).first()):
            return made
        _demand_room(agent)
        return Export.objects.create(
            workspace=agent.workspace,
            agent=agent,
            kind=kind,
            wanted=wanted.as_json(),
            language=translation.get_language() or settings.LANGUAGE_CODE,
            **({"uid": uid} if uid else {}),
        )


def _demand_room(agent: Agent) -> None:
    if agent.exports.filter(state__in=UNFINISHED).count() >= MOST:
        raise TooMany


def cancel(export: Export) -> None:
    """Stop an export; one that is over stays as it is. Who writes it learns of it within seconds, and cleans up."""
    Export.objects.filter(pk=export.pk, state__in=UNFINISHED).update(
        state=State.CANCELLED, finished_at=timezone.now(), file="", **FREE
    )


def retry(export: Export) -> None:
    """Put an export that has no file back into the queue. Raises NotAllowed, TooMany, and Conflict for one that has."""
    demand(export.agent)
    with transaction.atomic():
        Agent.objects.select_for_update().get(pk=export.agent_id)
        _demand_room(export.agent)
        again = Export.objects.filter(pk=export.pk, state__in=[State.FAILED, State.CANCELLED, State.EXPIRED])
        if not again.update(
            state=State.QUEUED, written=0, total=0, attempts=0, problem="", finished_at=None, expires_at=None
        ):
            raise Conflict(_("This export is not over."))


def remove(export: Export) -> None:
    """Delete an export and its file, whatever its state."""
    cancel(export)
    if export.file:
        default_storage.delete(export.file)
    export.delete()


def sweep() -> int:
    """Delete the files that are no longer kept, and what killed workers left; return how many files went."""
    now = timezone.now()
    for export in Export.objects.filter(state=State.DONE, expires_at__lte=now)[:500]:
        Export.objects.filter(pk=export.pk, state=State.DONE).update(state=State.EXPIRED, file="", size=0)
    Export.objects.filter(created_at__lte=now - REMEMBERED).exclude(state__in=UNFINISHED).delete()
    return _sweep_storage() + _sweep_desk()


def _sweep_storage() -> int:
    """Delete what no row names. The rows are read after the names: a file is named before it is there."""
    try:
        names = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    except FileNotFoundError:
        return 0
    strays = names - set(Export.objects.filter(file__in=names).values_list("file", flat=True))
    for name in strays:
        default_storage.delete(name)
    return len(strays)


def desk(claim: uuid.UUID | str = "") -> Path:
    """Return the folder of this machine where the file of a claim is written, before it goes to the storage."""
    return Path(settings.DATA_DIR) / "exporting" / str(claim)


def _sweep_desk() -> int:
    """Delete the folders of claims that nobody holds any more."""
    if not desk().is_dir():
        return 0
    folders = {folder.name: folder for folder in desk().iterdir()}
    held = {str(claim) for claim in Export.objects.exclude(claim=None).values_list("claim", flat=True)}
    strays = [folder for name, folder in folders.items() if name not in held]
    for folder in strays:
        shutil.rmtree(folder, ignore_errors=True)
    return len(strays)
