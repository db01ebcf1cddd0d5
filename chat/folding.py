"""Text as it is compared: without case, accents and marks, in every language that we speak."""

from __future__ import annotations

import re
import unicodedata

# What decomposition leaves whole, and the marks that stand for a letter's sound in Uzbek.
_WHOLE = str.maketrans({"đ": "d", "ı": "i", "ʻ": "", "ʼ": "", "'": "", "’": "", "‘": "", "`": ""})
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return the text's words, lower case and bare, with single spaces between them: ``Đổi trả!`` is ``doi tra``."""
    return " ".join(words_of(text))


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in their order."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_WHOLE))
    return _WORD.findall("".join(c for c in bare if not unicodedata.combining(c)))
