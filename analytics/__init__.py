"""Floor 3: what happened, in numbers."""
