"""The chatbot contract: contracts/chatbot-sync.md."""

from django.apps import AppConfig


class ChatbotsConfig(AppConfig):
    name = "integrations.chatbots"
