"""Floor 1: workspaces, departments, agents, presence."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Team"
