"""The widget's own words: static/widget/words-<language>.js, one module a language."""

import re

import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "static" / "widget"
CODES = [code for code, _name in settings.LANGUAGES]
ENTRY = re.compile(r"(\w+): '((?:[^'\\]|\\.)*)'")
PLACEHOLDER = re.compile(r"\{\w+\}")


def words(code: str) -> dict[str, str]:
    """Return what a module says, by key."""
    return dict(ENTRY.findall((FOLDER / f"words-{code}.js").read_text()))


def test_the_english_ones_are_all_read():
    text = (FOLDER / "words-en.js").read_text()
    assert len(words("en")) == len(re.findall(r"\b\w+: '", text)) > 40


@pytest.mark.parametrize("code", CODES)
def test_each_language_has_the_same_words_to_say(code):
    assert list(words(code)) == list(words("en"))


@pytest.mark.parametrize("code", CODES)
def test_each_word_takes_what_the_english_one_takes(code):
    english = words("en")
    wrong = {
        key: text
        for key, text in words(code).items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(english[key]))
    }
    assert wrong == {}


@pytest.mark.parametrize("code", ["vi", "uz"])
def test_nothing_is_left_in_english(code):
    english = words("en")
    assert [key for key, text in words(code).items() if text == english[key] and key != "chat"] == []
