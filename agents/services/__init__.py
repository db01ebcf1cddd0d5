"""The verbs of the team. Nothing else changes workspaces, agents and presence."""
