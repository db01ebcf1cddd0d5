"""Strings that we translate for the packages under us: each of them is still said there, word for word."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from config.borrowed_strings import OWN_NAMES
from config.messages import catalogue, strings

DJANGO = ["django.conf", *(f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "humanize"))]
OTHERS = ["allauth.account", "allauth.mfa", "allauth", "unfold"]


def folder(package: str) -> Path:
    """Return where a package is installed."""
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def said_by_django() -> set[str]:
    """Return what Django's own English catalogues name."""
    said: set[str] = set()
    for package in DJANGO:
        with (folder(package) / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
            said |= {form for message in read_po(file) for form in words(message)}
    return said


def sources() -> Iterator[str]:
    """Yield the sources of the packages that have no English catalogue; templates as makemessages reads them."""
    for package in OTHERS:
        for path in folder(package).rglob("*"):
            if path.suffix == ".py":
                yield path.read_text()
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield templatize(path.read_text(), origin=str(path))


def words(message: Message) -> list[str]:
    """Return a string's English: one form or two."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def bare(text: str) -> str:
    """Return a text without what a source may write in several ways: quotes, escapes, where a literal is broken."""
    return "".join(character for character in text.replace("\\n", "") if character.isalnum())


@pytest.fixture(scope="module")
def borrowed() -> list[Message]:
    """The strings of other packages that only config/borrowed_strings.py names."""
    return [
        message
        for message in strings(catalogue("vi")).values()
        if [name for name, _line in message.locations] == ["config/borrowed_strings.py"] and message.id not in OWN_NAMES
    ]


def test_each_is_still_in_its_package(borrowed):
    django = said_by_django()
    others = bare("".join(sources()))
    gone = [form for message in borrowed for form in words(message) if form not in django and bare(form) not in others]
    assert borrowed
    assert gone == []
