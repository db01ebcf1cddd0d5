"""The history export: contracts/chat-history-export.md."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "integrations.history"
