"""The ChatFlow contract: contracts/chatflow-rest.md."""

from django.apps import AppConfig


class ChatFlowConfig(AppConfig):
    name = "integrations.chatflow"
