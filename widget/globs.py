"""Which pages a pattern names. Patterns are globs, never regular expressions: time grows with the page's length alone.

``*`` stands for anything, slashes included; everything else for itself, in any case. ``/pricing`` names that path on
any site of the widget, ``shop.example.com/sale*`` a host too, ``https://...`` a whole address. The query counts only
where the pattern has a ``?``, the fragment only where it has a ``#``; a slash at the end makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

LONGEST = 500
EVERYWHERE = "*"


def is_pattern(text: object) -> bool:
    """Whether this can be a pattern: some printable characters and no space at its ends."""
    return isinstance(text, str) and 0 < len(text) <= LONGEST and text.isprintable() and text == text.strip()


def names(pattern: str, url: str) -> bool:
    """Whether the pattern names the page at this address. An address that cannot be read is named by ``*`` alone."""
    if pattern == EVERYWHERE:
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    form, text = _normal(pattern), _normal(_part(pattern, parts))
    return glob(form, text) or glob(form, text + "/")


def weight(patterns: Iterable[str], url: str) -> int:
    """Return how exactly the patterns name the page: 0 not at all, else 1 and the characters that are no star."""
    return max((1 + len(p.replace("*", "")) for p in patterns if names(p, url)), default=0)


def glob(pattern: str, text: str) -> bool:
    """Whether the text is of this form. Each piece between stars is looked for once, from left to right."""
    first, *middle = pattern.split("*")
    if not middle:
        return pattern == text
    last = middle.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _part(pattern: str, page: SplitResult) -> str:
    """The part of the address that this pattern speaks of."""
    text = page.path or "/"
    if "?" in pattern:
        text += f"?{page.query}"
    if "#" in pattern:
        text += f"#{page.fragment}"
    if pattern.startswith("/"):
        return text
    host = page.netloc.rpartition("@")[2]
    return f"{page.scheme}://{host}{text}" if "://" in pattern else host + text


def _normal(text: str) -> str:
    """Spell it in one way: decoded, in lower case, without a slash at the end."""
    text = unquote(text).lower()
    return text.removesuffix("/") if len(text) > 1 else text
