"""The widget's own words: static/widget/words-<language>.js and, loaded at need, later-<language>.js."""

import re

import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "static" / "widget"
CODES = [code for code, _name in settings.LANGUAGES]
ENTRY = re.compile(r"(\w+): '((?:[^'\\]|\\.)*)'")
PLACEHOLDER = re.compile(r"\{\w+\}")


def words(code: str) -> dict[str, str]:
    """Return what a language's modules say, by key."""
    return dict(ENTRY.findall(text(code)))


def text(code: str) -> str:
    """Return the modules of a language."""
    return "".join((FOLDER / f"{kind}-{code}.js").read_text() for kind in ("words", "later"))


def test_the_english_ones_are_all_read():
    assert len(words("en")) == len(re.findall(r"\b\w+: '", text("en"))) > 40


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
