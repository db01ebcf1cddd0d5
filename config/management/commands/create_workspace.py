"""Create a workspace with departments, a default widget and a key of each kind."""

from typing import Any

from django.core.management.base import CommandParser

from config.management.setting_up import SetUpCommand
from integrations.setting_up import create_tenant


class Command(SetUpCommand):
    """create_workspace NAME [--domain D]... [--department SLUG]... [--language L] [--timezone TZ] [--json]"""

    help = "Create a workspace. Prints its keys, which cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--domain", action="append", default=[], help="a host that may embed the widget")
        parser.add_argument("--department", action="append", default=[], metavar="SLUG")
        parser.add_argument("--language", default="en", help="en, vi or uz")
        parser.add_argument("--timezone", default="UTC", metavar="TZ", help="for example Asia/Ho_Chi_Minh")
        super().add_arguments(parser)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the object of DESIGN.md section 6."""
        tenant = create_tenant(
            options["name"],
            domains=options["domain"],
            departments=options["department"],
            language=options["language"],
            timezone=options["timezone"],
        )
        return {
            "workspaceId": str(tenant.workspace.uid),
            "slug": tenant.workspace.slug,
            "secretKey": tenant.secret_key,
            "publishableKey": tenant.publishable_key,
            "identitySecret": tenant.identity_secret,
            "departments": [{"id": d.pk, "uid": str(d.uid), "slug": d.slug} for d in tenant.departments],
        }
