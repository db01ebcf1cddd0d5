"""Widgets: what a site embeds; and the publishable key that its pages hold."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Department, Key, Workspace

from .matching import parse_pattern

HEX_COLOUR = RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z", _("Write the colour as #RRGGBB."))


def valid_domains(domains: object) -> None:
    """Raise ValidationError unless this is a list of host names, each optionally with ``*.`` and a port."""
    if not isinstance(domains, list):
        raise ValidationError(_("Write a list of host names."))
    for domain in domains:
        if parse_pattern(domain) is None:
            raise ValidationError(_("Write a host name such as example.com or *.example.com."))


class Widget(models.Model):
    """How the chat looks and behaves on a site, and which sites may embed it."""

    class Position(models.TextChoices):
        RIGHT = "bottom-right", _("Bottom right")
        LEFT = "bottom-left", _("Bottom left")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="widgets")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    domains = models.JSONField(_("domains"), default=list, blank=True, validators=[valid_domains])
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, verbose_name=_("department of new chats")
    )
    primary_color = models.CharField(_("colour"), max_length=7, default="#4F46E5", validators=[HEX_COLOUR])
    position = models.CharField(_("position"), max_length=12, choices=Position.choices, default=Position.RIGHT)
    border_radius = models.PositiveSmallIntegerField(
        _("corner radius, pixels"), default=12, validators=[MaxValueValidator(32)]
    )
    show_agent_photos = models.BooleanField(_("show agents' pictures"), default=True)
    auto_open = models.BooleanField(_("open by itself"), default=False)
    header_text = models.CharField(_("header"), max_length=80, blank=True)
    welcome_message = models.CharField(_("welcome message"), max_length=500, blank=True)
    offline_message = models.CharField(_("offline message"), max_length=500, blank=True)
    proactive_message = models.CharField(_("proactive message"), max_length=500, blank=True)
    proactive_delay = models.PositiveSmallIntegerField(_("shown after, seconds"), default=30)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("widget")
        verbose_name_plural = _("widgets")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace"], condition=Q(is_default=True), name="widget_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class PublishableKey(Key):
    """What a web page may hold: it starts its visitor's session and reads the public configuration, no more."""

    PREFIX = "pk"

    class Meta(Key.Meta):
        verbose_name = _("publishable key")
        verbose_name_plural = _("publishable keys")
