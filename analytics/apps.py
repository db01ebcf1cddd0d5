"""Floor 3: what happened, in numbers: rollups, their tasks, and the queries behind every card, table and API."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = "Analytics"

    def ready(self) -> None:
        """Keep the tripwires of the chats' table in place: a migration of a table drops them in SQLite."""
        from . import tripwires

        pre_migrate.connect(tripwires.before_migrations, sender=self)
        post_migrate.connect(tripwires.after_migrations, sender=self)
