"""Add a bot to a workspace's team."""

from typing import Any

from django.core.management.base import CommandParser

from agents.services import workspaces
from config.management.setting_up import SetUpCommand, find_workspace
from integrations.setting_up import create_bot


class Command(SetUpCommand):
    """create_bot WORKSPACE_SLUG NAME [--transport broker|http] [--url U] [--department SLUG]... [--json]"""

    help = "Create a bot. Prints its secret, which cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", metavar="WORKSPACE_SLUG")
        parser.add_argument("name", metavar="NAME", help="part of its topic, so unique in this installation")
        parser.add_argument("--transport", default="broker", help="broker or http")
        parser.add_argument("--url", default="", metavar="U", help="where to post over http")
        parser.add_argument("--department", action="append", default=[], metavar="SLUG")
        super().add_arguments(parser)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the object of DESIGN.md section 6."""
        workspace = find_workspace(options["workspace"])
        bot = create_bot(
            workspace,
            options["name"],
            transport=options["transport"],
            url=options["url"],
            departments=workspaces.departments_by_slug(workspace, options["department"]),
        )
        return {
            "botId": str(bot.agent.uid),
            "clientId": bot.client_id,
            "clientSecret": bot.client_secret,
            "topic": bot.topic,
        }
