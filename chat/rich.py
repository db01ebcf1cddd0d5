"""Rich messages: what cards, quick replies and stickers may hold, and the click on a button.

A rich message is ``payload["rich"]``: ``{"template_id", "elements": [{"title", "image", "buttons"}]}``. Addresses in
it will be links and pictures in somebody's browser, so only http, https and telephone numbers pass.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .errors import Invalid
from .models import Kind, Message

TEMPLATES = ("cards", "quick_replies", "sticker")
BUTTONS = ("message", "url", "phone", "webview")
MOST_ELEMENTS, MOST_BUTTONS = 10, 13
TITLE_LIMIT, TEXT_LIMIT, VALUE_LIMIT, URL_LIMIT = 500, 80, 1000, 2000
_PHONE = re.compile(r"\+?[0-9 ().-]{3,30}\Z")

Json = dict[str, Any]


def checked(rich: object) -> Json:
    """Return a rich message with nothing in it but what belongs there. Raises Invalid, with the field."""
    data = _object(rich, "event")
    template = data.get("template_id")
    if template not in TEMPLATES:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(TEMPLATES)}, field="template_id")
    elements = _list(data.get("elements"), "elements", MOST_ELEMENTS)
    if not elements:
        raise Invalid(_("This field is required."), field="elements")
    return {
        "template_id": template,
        "elements": [_element(item, f"elements.{i}", template) for i, item in enumerate(elements)],
    }


def plain_text(rich: Json) -> str:
    """Return the words of a rich message, for the team, for lists and for clients that show no cards."""
    lines: list[str] = []
    for element in rich["elements"]:
        lines.append(element["title"] or (element["image"] or {}).get("name", ""))
        lines.append(" ".join(f"[{button['text']}]" for button in element["buttons"]))
    return "\n".join(filter(None, lines))


def button_of(message: Message | None, element: int, button: int) -> Json | None:
    """Return a button of a rich message by its place, or None."""
    if message is None or message.kind != Kind.RICH or element < 0 or button < 0:
        return None
    try:
        return message.payload["rich"]["elements"][element]["buttons"][button]
    except (KeyError, IndexError):
        return None


def _element(item: object, where: str, template: str) -> Json:
    data = _object(item, where)
    buttons = _list(data.get("buttons"), f"{where}.buttons", MOST_BUTTONS)
    element = {
        "title": _text(data.get("title"), f"{where}.title", TITLE_LIMIT),
        "image": _image(data["image"], f"{where}.image") if data.get("image") is not None else None,
        "buttons": [_button(button, f"{where}.buttons.{i}") for i, button in enumerate(buttons)],
    }
    if template == "sticker" and element["image"] is None:
        raise Invalid(_("A sticker is an image."), field=f"{where}.image")
    if template == "quick_replies" and not element["buttons"]:
        raise Invalid(_("Quick replies need buttons."), field=f"{where}.buttons")
    if not element["title"] and element["image"] is None and not element["buttons"]:
        raise Invalid(_("This field is required."), field=f"{where}.title")
    return element


def _image(item: object, where: str) -> Json:
    data = _object(item, where)
    return {
        "url": _address(data.get("url"), f"{where}.url"),
        "name": _text(data.get("name"), f"{where}.name", TITLE_LIMIT),
        "content_type": _text(data.get("content_type"), f"{where}.content_type", TEXT_LIMIT),
    }


def _button(item: object, where: str) -> Json:
    data = _object(item, where)
    kind = data.get("type")
    if kind not in BUTTONS:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(BUTTONS)}, field=f"{where}.type")
    text = _text(data.get("text"), f"{where}.text", TEXT_LIMIT)
    if not text:
        raise Invalid(_("This field is required."), field=f"{where}.text")
    return {
        "text": text,
        "type": kind,
        "value": _value(kind, data.get("value"), f"{where}.value"),
        "postback_id": _text(data.get("postback_id"), f"{where}.postback_id", TITLE_LIMIT),
    }


def _value(kind: str, value: object, where: str) -> str:
    if kind in ("url", "webview"):
        return _address(value, where)
    text = _text(value, where, VALUE_LIMIT)
    if kind == "phone" and not _PHONE.match(text):
        raise Invalid(_("This is not a telephone number."), field=where)
    return text


def _address(value: object, where: str) -> str:
    text = _text(value, where, URL_LIMIT)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    if not good or re.search(r"[\s\\<>\"]", text):
        raise Invalid(_("This is not a web address."), field=where)
    return text


def _text(value: object, where: str, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(_("Send a string."), field=where)
    if len(value) > longest:
        raise Invalid(_at_most(longest), field=where)
    return value.strip()


def _list(value: object, where: str, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise Invalid(_("Send an array of at most %(n)d.") % {"n": most}, field=where)
    return value


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise Invalid(_("Send a JSON object."), field=where)
    return value


def _at_most(longest: int) -> str | Promise:
    return _("At most %(n)d characters.") % {"n": longest}
