"""Secret keys: act for a workspace from a server."""

from django.utils.translation import gettext_lazy as _

from agents.models import Key


class SecretKey(Key):
    """Acts for its workspace. Never leaves a server."""

    PREFIX = "sk"

    class Meta(Key.Meta):
        verbose_name = _("secret key")
        verbose_name_plural = _("secret keys")
