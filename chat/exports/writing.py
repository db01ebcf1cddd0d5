"""Writes one claimed export: to a folder of this machine, row by row, then into the storage, and says so."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from .. import history
from ..access import Actor
from ..errors import NotAllowed
from ..sheets import Book, CsvRows, Rows, SheetRows, Value
from . import columns, services
from .asking import Wanted
from .claims import Keeper, Lost, Stopped
from .models import Export, Kind, State

log = logging.getLogger(__name__)


def write(export: Export) -> None:
    """Write a claimed export to its end, whichever that is. Raises nothing that a task could do anything about."""
    with Keeper(export) as keeper, _desk(export) as folder:
        try:
            services.demand(export.agent)
            with translation.override(export.language):
                path = _write_file(export, folder, keeper)
            keeper.check()
            _store(export, path)
            keeper.finish(**_done(path, keeper))
        except Lost:
            _forget(export)
        except Stopped:
            _finish(keeper, state=State.QUEUED, attempts=max(0, export.attempts - 1))
        except DatabaseError:
            # The claim runs out, and another begins anew: as if we had been killed.
            log.exception("the database left an export")
            _forget(export)
        except NotAllowed:
            _fail(keeper, "left")
        except (OSError, BotoCoreError, ClientError):
            log.exception("an export could not be stored")
            _forget(export)
            _fail(keeper, "storage")
        except Exception:
            log.exception("an export failed")
            _forget(export)
            _fail(keeper, "failed")


def _done(path: Path, keeper: Keeper) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state": State.DONE,
        "size": path.stat().st_size,
        "written": keeper.written,
        "total": keeper.written,
        "finished_at": now,
        "expires_at": now + services.KEPT,
    }


def _fail(keeper: Keeper, problem: str) -> None:
    _finish(keeper, state=State.FAILED, problem=problem, finished_at=timezone.now(), file="")


def _finish(keeper: Keeper, **fields: Any) -> None:
    try:
        keeper.finish(**fields)
    except Lost:
        log.info("an export was taken away as it ended")


def _forget(export: Export) -> None:
    """Delete what is in the storage under our name: nobody else has it."""
    try:
        default_storage.delete(export.file)
    except (OSError, BotoCoreError, ClientError):
        log.warning("what is left of an export waits for the sweeper")


@contextmanager
def _desk(export: Export) -> Iterator[Path]:
    folder = services.desk(str(export.claim))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        log.exception("no folder to write exports in")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _store(export: Export, path: Path) -> None:
    with path.open("rb") as content:
        stored = default_storage.save(export.file, File(content))
    if stored != export.file:
        default_storage.delete(stored)
        raise OSError("the name was taken")


def _write_file(export: Export, folder: Path, keeper: Keeper) -> Path:
    workspace, wanted = export.workspace, Wanted.of(export.wanted)
    actor, filters = Actor.of_agent(export.agent), wanted.history(export.workspace)
    keeper.total = history.chats_of(actor, filters).count()
    path = folder / f"chats.{export.kind}"
    found = columns.rows(workspace, history.walk(actor, filters))
    if export.kind == Kind.CSV:
        _write_csv(path, found, keeper)
    else:
        _write_xlsx(path, folder, export, wanted, found, keeper)
    return path


def _write_csv(path: Path, found: Iterator[list[list[Value]]], keeper: Keeper) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = CsvRows(file, [str(column.head) for column in columns.COLUMNS])
        for some in found:
            _write_some(rows, some, keeper)


def _write_xlsx(
    path: Path, folder: Path, export: Export, wanted: Wanted, found: Iterator[list[list[Value]]], keeper: Keeper
) -> None:
    with path.open("wb") as file:
        book = Book(file, folder=str(folder))
        book.about(_about(export, wanted))
        sheet = _sheet(book)
        for some in found:
            if sheet.room < len(some):
                sheet = _sheet(book)
            _write_some(sheet, some, keeper)
        book.close()


def _sheet(book: Book) -> SheetRows:
    heads, units = [str(column.head) for column in columns.COLUMNS], [column.unit for column in columns.COLUMNS]
    sheet = book.sheet(_("Chats"), heads, units)
    sheet.widths([column.width for column in columns.COLUMNS])
    return sheet


def _about(export: Export, wanted: Wanted) -> list[tuple[str, str]]:
    return [
        (_("Workspace"), export.workspace.name),
        (_("Period"), wanted.days()),
        (_("Time zone"), export.workspace.timezone),
        *wanted.filters(),
        (_("Asked for by"), export.agent.name),
    ]


def _write_some(rows: Rows, some: list[list[Value]], keeper: Keeper) -> None:
    keeper.check()
    for row in some:
        rows.write(row)
    keeper.written += len(some)
