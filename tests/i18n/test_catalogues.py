"""What is in config/locale: everything, in each language, with the same placeholders as the English."""

import re
import string

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils import translation

from config.messages import catalogue, languages, strings

LANGUAGES = languages()
NAMED = re.compile(r"%\(\w+\)[#0 +-]*\d*[a-zA-Z]|%[sdr%]")
TAGS = re.compile(r"</?[a-zA-Z][^>]*>")
# Kept as they are on purpose: product words, abbreviations, and signs.
SAME_IN_VIETNAMESE = {
    "{n}×",
    *(
        "API",
        "Bot",
        "Client id",
        "Client secret",
        "client secret",
        "Email",
        "Spam",
        "Token",
        "Webhooks",
        "Widgets",
        "bot",
        "bots",
        "email",
    ),
    *("client id", "webhook", "webhooks", "widget", "widgets", "Bots", "Chat #{no}", "Chat #%(no)s", "…"),
    *("{name}: {text}", "{report}: {name}", "{n}%", "%(class_name)s %(instance)s", "%(truncated_text)s…", "Widget"),
}
SAME_IN_UZBEK = {
    "{n}×",
    "{n} s",  # the sign of seconds, where there is no room for the word
    *(
        "Bot",
        "Client id",
        "Client secret",
        "Email",
        "Operator",
        "Spam",
        "Token",
        "Trigger",
        "bot",
        "client id",
        "email",
        "webhook",
    ),
    *(
        "API",
        "{report}: {name}",
        "{n}%",
        "client secret",
        "…",
        "{name}: {text}",
        "%(class_name)s %(instance)s",
        "%(truncated_text)s…",
    ),
}
SAME = {"vi": SAME_IN_VIETNAMESE, "uz": SAME_IN_UZBEK}


def forms(message: Message) -> list[str]:
    """Return every translation of a string: one, or one a plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def english(message: Message) -> str:
    """Return the English that a translation has to match: of two, the one for many."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def placeholders(text: str) -> list[str]:
    """Return what is put into a text, and its tags, in a fixed order."""
    try:
        braces = [f"{{{name}}}" for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        braces = []
    return sorted(NAMED.findall(text) + braces + TAGS.findall(text))


def wrong(language: str, is_wrong) -> list[str]:
    """Return the English of the strings of which something is wrong."""
    return [english(message) for message in strings(catalogue(language)).values() if is_wrong(message)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_none_is_fuzzy(language):
    assert wrong(language, lambda message: message.fuzzy or not all(form.strip() for form in forms(message))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_as_many_forms_as_the_language(language):
    with catalogue(language).open("rb") as file:
        whole = read_po(file)
    assert whole.num_plurals == 1
    plurals = [message for message in whole if message.pluralizable]
    assert plurals
    assert all(len(message.string) == whole.num_plurals for message in plurals)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_and_tags_of_its_english(language):
    assert wrong(language, lambda m: any(placeholders(form) != placeholders(english(m)) for form in forms(m))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_with_the_same_white_space(language):
    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert wrong(language, lambda m: any(edges(form) != edges(english(m)) for form in forms(m))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_but_for_words_that_are_the_same(language):
    left = wrong(language, lambda message: english(message) in forms(message))
    assert sorted(set(left) - SAME[language]) == []


def test_uzbek_is_written_with_its_own_letters():
    # oʻ and gʻ take U+02BB, the glottal stop U+02BC; a quotation mark from the keyboard is neither.
    keyboard = re.compile(r"[A-Za-z]['`‘’][A-Za-z]|[oOgG][ʼ'`‘’]")
    assert wrong("uz", lambda message: any(keyboard.search(TAGS.sub("", form)) for form in forms(message))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_django_reads_the_catalogue_and_ours_wins_over_its_own(language):
    with translation.override(language):
        assert translation.gettext("Two-Factor Authentication") in forms(
            strings(catalogue(language))[None, "Two-Factor Authentication"]
        )
        assert "10" in MinimumLengthValidator(10).get_help_text()
        assert "character" not in MinimumLengthValidator(10).get_help_text()
