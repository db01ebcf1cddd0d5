"""Floor 3: widgets, visitor tokens, the embed script."""

from django.apps import AppConfig


class WidgetConfig(AppConfig):
    name = "widget"
    verbose_name = "Widgets"
