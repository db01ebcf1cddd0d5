"""Floor 1: the team. Start with README.md."""
