"""Exports of the history, with a table of their own."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "chat.exports"
