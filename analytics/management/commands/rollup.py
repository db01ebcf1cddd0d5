"""``manage.py rollup``: count chats anew, with a progress bar."""

from __future__ import annotations

import time
from datetime import date
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import Workspace
from analytics import rollups

_WIDTH = 30


class Command(BaseCommand):
    """Recomputes rollups; the regular task keeps them up to date by itself."""

    help = "Count the chats of a range of days anew: every workspace, or one. Safe while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", metavar="YYYY-MM-DD", type=date.fromisoformat, help="first day")
        parser.add_argument("--to", dest="last", metavar="YYYY-MM-DD", type=date.fromisoformat, help="last day")
        parser.add_argument("--workspace", metavar="SLUG", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last, slug = options["first"], options["last"], options["workspace"]
        if first and last and first > last:
            raise CommandError("--from is after --to.")
        workspaces = Workspace.objects.filter(slug=slug) if slug else Workspace.objects.all()
        if slug and not workspaces:
            raise CommandError(f"There is no workspace {slug}.")
        while rollups.collect():
            pass
        for workspace in workspaces.order_by("slug"):
            began = time.monotonic()
            days = rollups.recompute(workspace, first, last, partial(self._bar, workspace.slug))
            self._clear()
            self.stdout.write(f"{workspace.slug}: {days} days in {time.monotonic() - began:.1f} s")

    def _bar(self, name: str, done: int, of: int) -> None:
        """Draw how far it is, where somebody looks."""
        if self.stderr.isatty():
            full = _WIDTH * done // of
            self.stderr.write(f"\r{name} [{'#' * full}{'.' * (_WIDTH - full)}] {done}/{of} days", ending="")
            self.stderr.flush()

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\x1b[K", ending="")
