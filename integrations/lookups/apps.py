"""Lookups of commands."""

from django.apps import AppConfig


class LookupsConfig(AppConfig):
    name = "integrations.lookups"
