"""The partner contract: contracts/partner-integration-guide.md."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnerConfig(AppConfig):
    name = "integrations.partner"
    verbose_name = _("Partner")
