"""Give a person a seat in a workspace."""

from typing import Any

from django.core.management.base import CommandParser

from agents import ids
from agents.services import team, workspaces
from config.management.setting_up import SetUpCommand, find_workspace


class Command(SetUpCommand):
    """create_agent WORKSPACE_SLUG EMAIL [--name N] [--role R] [--department SLUG]... [--skill S]... [--max-chats N]"""

    help = "Create an agent. Prints the password and the token, which cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", metavar="WORKSPACE_SLUG")
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", default="operator", help="owner, admin, supervisor or operator")
        parser.add_argument("--department", action="append", default=[], metavar="SLUG")
        parser.add_argument("--skill", action="append", default=[])
        parser.add_argument("--max-chats", type=int, default=5, metavar="N")
        super().add_arguments(parser)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the object of DESIGN.md section 6; ``password`` is null when the person had a login already."""
        workspace = find_workspace(options["workspace"])
        new = team.create_agent(
            workspace,
            options["email"],
            options["name"],
            role=options["role"],
            departments=workspaces.departments_by_slug(workspace, options["department"]),
            skills=options["skill"],
            max_chats=options["max_chats"],
        )
        assert new.agent.user is not None
        return {
            "agentId": ids.encode("agent", new.agent.uid),
            "id": new.agent.pk,
            "uid": str(new.agent.uid),
            "email": new.agent.user.email,
            "password": new.password,
            "token": new.token,
        }
