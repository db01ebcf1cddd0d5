"""Subscriptions, the outbox and the relay that empties it."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "integrations.webhooks"
