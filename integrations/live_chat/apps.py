"""The live-chat contract: contracts/live-chat-api.md."""

from django.apps import AppConfig


class LiveChatConfig(AppConfig):
    name = "integrations.live_chat"
