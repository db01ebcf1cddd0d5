"""The house itself: settings, addresses, commands."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Register the house's system checks; let Django's own names for our things be translated."""
        from . import system_checks  # noqa: F401
        from .naming import translate_names

        translate_names()
