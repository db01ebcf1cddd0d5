"""What the set-up commands share: one JSON object or readable lines, one line for an error, all or nothing."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from agents.errors import TeamError
from agents.models import Workspace


class SetUpCommand(BaseCommand):
    """A command that creates something and prints what nobody can read again."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: object, **options: Any) -> None:
        """Create all of it or nothing, and print the result. A refusal is one line and exit code 1."""
        try:
            with transaction.atomic():
                result = self.create(options)
        except TeamError as error:
            raise CommandError(" ".join(str(error.message).split())) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(readable(result)))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Create what the command is for. Returns the JSON object of DESIGN.md section 6."""
        raise NotImplementedError


def find_workspace(slug: str) -> Workspace:
    """Return the workspace with this slug; raise CommandError when there is none."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise CommandError(f"There is no workspace {slug!r}.")
    return workspace


def readable(result: dict[str, Any]) -> list[str]:
    """Return the result as aligned lines; what is shown only once is part of it."""
    width = max(len(key) for key in result)
    return [f"{key:<{width}}  {_value(value)}" for key, value in result.items()]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(entry["slug"] for entry in value) or "-"
    return "-" if value is None else str(value)
