"""Floor 2: visitors, chats, messages, routing, realtime, the inbox."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chats"

    def ready(self) -> None:
        """Keep in place what tallies chats and finds them: a migration of a table drops its triggers in SQLite."""
        from . import indexing, tallying

        for kept in (tallying, indexing):
            pre_migrate.connect(kept.before_migrations, sender=self)
            post_migrate.connect(kept.after_migrations, sender=self)
