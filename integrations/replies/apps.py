"""Automated replies: a model answers, or drafts for agents."""

from django.apps import AppConfig


class RepliesConfig(AppConfig):
    name = "integrations.replies"
