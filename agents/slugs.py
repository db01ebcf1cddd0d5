"""Slugs of names in any of our languages."""

import re
import unicodedata
from collections.abc import Callable

# Letters that Unicode does not take apart into a Latin letter and a mark.
_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i"})
# The turned comma of Uzbek (oʻ, gʻ) and whatever people type in its place join two halves of a word.
_APOSTROPHES = re.compile("['`ʻʼ‘’]")
_CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i",
        "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "y", "ь": "",
        "э": "e", "ю": "yu", "я": "ya", "қ": "q", "ғ": "g", "ҳ": "h", "ў": "o",
    }
)  # fmt: skip


def slugify(name: str, *, longest: int = 60) -> str:
    """Return ``name`` as lower-case letters, digits and hyphens: "Đà Lạt Coffee" is "da-lat-coffee". Maybe empty."""
    text = unicodedata.normalize("NFC", name).translate(_LETTERS).lower()
    text = _APOSTROPHES.sub("", text).translate(_CYRILLIC)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")


def free_slug(name: str, taken: Callable[[str], bool], *, longest: int = 60, otherwise: str = "workspace") -> str:
    """Return the slug of ``name``, with -2, -3, ... behind it while ``taken`` says that somebody has it."""
    base = slugify(name, longest=longest) or otherwise
    slug, number = base, 1
    while taken(slug):
        number += 1
        slug = f"{base[: longest - len(str(number)) - 1]}-{number}"
    return slug
