"""The catalogues in config/locale: extracted from the sources, and compared with them. Needs gettext's xgettext."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.test.utils import override_settings

# What holds no words of ours: other people's code, what was made, what only developers read. And "locale", because
# makemessages would write what it finds beside such a folder there, wherever LOCALE_PATHS says.
IGNORED = [".*", "bench", "data", "locale", "node_modules", "staticfiles", "tests"]

# What one string is called in a catalogue: its context and its English.
Key = tuple[str | None, str]


def languages() -> list[str]:
    """Return the languages that have a catalogue: all of ours but English, which the sources are written in."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalogue(language: str) -> Path:
    """Return where the strings of a language are."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def extract() -> None:
    """Put new strings of the sources into every catalogue, untranslated, and drop those that are gone."""
    # Relative file names only, no line numbers, no wrapping: so that a diff shows words that changed, nothing else.
    with contextlib.chdir(settings.BASE_DIR):
        call_command(
            "makemessages",
            locale=languages(),
            ignore_patterns=IGNORED,
            add_location="file",
            no_wrap=True,
            no_obsolete=True,
            verbosity=0,
        )


def strings(path: Path) -> dict[Key, Message]:
    """Return the strings of a catalogue file."""
    with path.open("rb") as file:
        return {(message.context, _first(message.id)): message for message in read_po(file) if message.id}


def missing() -> dict[str, list[str]]:
    """Return, by language, what the sources say and the catalogue does not have."""
    ours = settings.LOCALE_PATHS[0]
    before = {language: strings(catalogue(language)) for language in languages()}
    with tempfile.TemporaryDirectory() as folder, override_settings(LOCALE_PATHS=[folder]):
        shutil.copytree(ours, folder, dirs_exist_ok=True)
        extract()
        after = {language: strings(catalogue(language)) for language in languages()}
    return {language: sorted(text for _, text in after[language].keys() - before[language]) for language in before}


def _first(words: str | list[str] | tuple[str, ...]) -> str:
    return words if isinstance(words, str) else words[0]
