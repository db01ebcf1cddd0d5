"""Secret keys, and the one place that says who a bearer token is."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "integrations.keys"
