"""Secret keys in Django admin: made here, shown once."""

from django.contrib import admin

from agents.admin.keys import KeyPage

from .models import SecretKey


@admin.register(SecretKey)
class SecretKeyPage(KeyPage):
    """Acts for its workspace from a server."""
