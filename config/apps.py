"""The house itself: settings, addresses, commands."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"
