"""Bring the catalogues of translations up to the sources, or say what they lack."""

import shutil
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.messages import extract, missing


class Command(BaseCommand):
    help = "Extract the strings of the sources into config/locale (docs/translating.md). Needs gettext's xgettext."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a string is missing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not shutil.which("xgettext"):
            raise CommandError("There is no xgettext here (Debian: apt-get install gettext).")
        if not check:
            extract()
            return
        lacking = [f"  {code}: {text!r}" for code, texts in missing().items() for text in texts]
        if lacking:
            raise CommandError("\n".join(["Not in config/locale yet (run `make messages`, translate):", *lacking]))
