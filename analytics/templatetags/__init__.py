"""Tags of the reports' templates."""
