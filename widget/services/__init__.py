"""The verbs of widgets and triggers."""
