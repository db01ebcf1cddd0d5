"""Floor 2: visitors, chats, messages, routing, realtime, the inbox."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chats"
