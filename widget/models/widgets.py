"""Widgets: what a site embeds; and the publishable key that its pages hold."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Department, Key, Workspace

from .. import colours
from ..globs import is_pattern
from ..matching import parse_pattern

_HEX = re.compile(r"#[0-9A-Fa-f]{6}\Z")
HEX_COLOUR = RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z", _("Write the colour as #RRGGBB."))
HTTPS_ADDRESS = URLValidator(["https"], message=_("Write an address that begins with https://."))
MOST_PAGES = 50


def valid_domains(domains: object) -> None:
    """Raise ValidationError unless this is a list of host names, each optionally with ``*.`` and a port."""
    if not isinstance(domains, list):
        raise ValidationError(_("Write a list of host names."))
    for domain in domains:
        if parse_pattern(domain) is None:
            raise ValidationError(_("Write a host name such as example.com or *.example.com."))


def valid_page_pattern(pattern: object) -> None:
    """Raise ValidationError unless this can be a page pattern (see ``widget.globs``)."""
    if not is_pattern(pattern):
        raise ValidationError(_("Write a page pattern such as /pricing, /shop/* or *."))


def valid_pages(pages: object) -> None:
    """Raise ValidationError unless this is a list of page patterns."""
    if not isinstance(pages, list) or len(pages) > MOST_PAGES:
        raise ValidationError(_("Write a list of at most %(most)s page patterns."), params={"most": MOST_PAGES})
    for page in pages:
        valid_page_pattern(page)


class Widget(models.Model):
    """How the chat looks and behaves on a site, and which sites may embed it."""

    class Position(models.TextChoices):
        RIGHT = "bottom-right", _("Bottom right")
        LEFT = "bottom-left", _("Bottom left")

    class Shape(models.TextChoices):
        CIRCLE = "circle", _("Circle")
        ROUNDED = "rounded", _("Rounded")
        SQUARE = "square", _("Square")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="widgets")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    domains = models.JSONField(_("domains"), default=list, blank=True, validators=[valid_domains])
    # Page patterns; with none, the widget is for every page of its domains.
    pages = models.JSONField(_("pages"), default=list, blank=True, validators=[valid_pages])
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, verbose_name=_("department of new chats")
    )
    primary_color = models.CharField(_("colour"), max_length=7, default="#4F46E5", validators=[HEX_COLOUR])
    # The text on it; empty: white or black, whichever reads better.
    text_color = models.CharField(_("text colour"), max_length=7, blank=True, validators=[HEX_COLOUR])
    position = models.CharField(_("position"), max_length=12, choices=Position.choices, default=Position.RIGHT)
    shape = models.CharField(_("shape of the button"), max_length=8, choices=Shape.choices, default=Shape.CIRCLE)
    button_text = models.CharField(_("text on the button"), max_length=40, blank=True)
    border_radius = models.PositiveSmallIntegerField(
        _("corner radius, pixels"), default=12, validators=[MaxValueValidator(32)]
    )
    show_agent_photos = models.BooleanField(_("show agents' pictures"), default=True)
    auto_open = models.BooleanField(_("open by itself"), default=False)
    show_powered_by = models.BooleanField(_("show “Powered by Parley”"), default=False)
    logo_url = models.CharField(_("address of the logo"), max_length=2000, blank=True, validators=[HTTPS_ADDRESS])
    header_text = models.CharField(_("header"), max_length=80, blank=True)
    welcome_message = models.CharField(_("welcome message"), max_length=500, blank=True)
    offline_message = models.CharField(_("offline message"), max_length=500, blank=True)
    proactive_enabled = models.BooleanField(_("speak first"), default=True)
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

    def clean(self) -> None:
        """Refuse a text that nobody could read on the widget's colour."""
        pair = (self.text_color, self.primary_color)
        if all(_HEX.match(colour) for colour in pair) and colours.contrast(*pair) < colours.LEAST_CONTRAST:
            raise ValidationError({"text_color": _("This text cannot be read on the colour: choose more contrast.")})

    @property
    def text_colour(self) -> str:
        """The colour of text on the widget's colour, chosen or computed."""
        return self.text_color or colours.text_on(self.primary_color)


class PublishableKey(Key):
    """What a web page may hold: it starts its visitor's session and reads the public configuration, no more."""

    PREFIX = "pk"

    class Meta(Key.Meta):
        verbose_name = _("publishable key")
        verbose_name_plural = _("publishable keys")
