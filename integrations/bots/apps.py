"""Bots: members of the team that are programs."""

from django.apps import AppConfig


class BotsConfig(AppConfig):
    name = "integrations.bots"
