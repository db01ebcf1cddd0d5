"""The house itself: settings, addresses, commands."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Register the house's system checks."""
        from . import system_checks  # noqa: F401
