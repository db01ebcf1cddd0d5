"""Ended chats of every kind, somebody who asks for them, and a worker."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.utils import translation

from agents.models import Agent
from chat.exports import services, tasks
from chat.exports.asking import Wanted
from chat.exports.models import Export
from chat.models import Chat
from config.demo.factories import ChatFactory
from tests.inbox.conftest import sit

__all__ = ["sit"]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def desk(settings, tmp_path: Path) -> None:
    """Files are written in a folder of this test's own: another test's sweeper knows nothing of our claims."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def ended(world) -> Callable[..., Chat]:
    """Return a maker of chats that began so many minutes after noon, met Otto after 8 s and took 40 s."""

    def make(minutes: int = 0, **fields) -> Chat:
        began = NOON + timedelta(minutes=minutes)
        facts = {
            "workspace": world.workspace, "visitor": world.visitor, "status": "closed", "agent": world.operator,
            "created_at": began, "first_assigned_at": began + timedelta(seconds=8),
            "closed_at": began + timedelta(seconds=40),
        }  # fmt: skip
        return ChatFactory(**facts | fields)

    return make


@pytest.fixture
def ask(world) -> Callable[..., Export]:
    """Return a way to ask for an export, as the supervisor unless somebody else is named."""

    def ask(who: Agent | None = None, kind: str = "csv", language: str = "en", **wanted) -> Export:
        with translation.override(language):
            return services.ask(who or world.supervisor, Wanted(**wanted), kind)

    return ask


def work() -> int:
    """Do what a worker does every other second."""
    return tasks.write()


def table(export: Export) -> list[list[str]]:
    """Return the rows of a finished CSV, heads first."""
    export.refresh_from_db()
    assert (export.state, export.problem) == ("done", "")
    with default_storage.open(export.file) as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))


def column(export: Export, head: str) -> list[str]:
    """Return the values of one column of a finished CSV."""
    heads, *rows = table(export)
    return [row[heads.index(head)] for row in rows]


def book(export: Export) -> openpyxl.Workbook:
    """Return a finished workbook."""
    export.refresh_from_db()
    assert (export.state, export.problem) == ("done", "")
    with default_storage.open(export.file) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))
