"""Bring an installation up to this release: translations, static files, tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import checks
from config.preparing import compile_translations, prepare


class Command(BaseCommand):
    help = "Compile translations, collect static files, migrate the database; what is done already is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make the demo workspace, once")
        parser.add_argument("--translations", action="store_true", help="only compile the translations")

    def handle(self, *args: Any, demo: bool, translations: bool, **options: Any) -> None:
        if translations:
            compile_translations(self._say)
            return
        finding = checks.run("database", checks.database)
        if not finding.ok:
            raise CommandError(f"database: {finding.trouble} ({finding.advice})")
        prepare(self._say, demo=demo)

    def _say(self, what: str) -> None:
        self.stdout.write(f"  {what} …")
        self.stdout.flush()
