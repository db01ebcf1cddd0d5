"""Widgets, the keys of their pages, and triggers."""

from .triggers import LANGUAGES, Trigger, valid_messages
from .widgets import PublishableKey, Widget, valid_domains, valid_page_pattern, valid_pages

__all__ = [
    "LANGUAGES",
    "PublishableKey",
    "Trigger",
    "Widget",
    "valid_domains",
    "valid_messages",
    "valid_page_pattern",
    "valid_pages",
]
