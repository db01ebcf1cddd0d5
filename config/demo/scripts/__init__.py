"""Hand-written conversations, one file a language.

``== name | department | tags`` begins one. Its lines: ``v:`` the visitor, ``a:`` the agent, ``n:`` a note, ``t:``
``department | reason | note`` a transfer, ``r:`` what the rating may be. `` || `` parts variations of a line; words in
braces are filled in (``{order}``, ``{product}``, ``{visitor}``, ``{agent}``, ...).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("vi", "en", "uz")


@dataclass(frozen=True)
class Line:
    """One turn: who or what, and the ways to say it."""

    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Script:
    """One conversation with its variations."""

    language: str
    name: str
    department: str
    tags: tuple[str, ...]
    lines: tuple[Line, ...]
    ratings: tuple[str, ...]


@cache
def scripts(language: str) -> tuple[Script, ...]:
    """Return the conversations of a language."""
    text = (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8")
    return tuple(_parse(language, part) for part in text.split("== ")[1:])


def _parse(language: str, text: str) -> Script:
    head, *rest = [line for line in text.splitlines() if line.strip()]
    name, department, tags = (part.strip() for part in head.split(" | "))
    lines = [_line(line) for line in rest]
    return Script(
        language=language,
        name=name,
        department=department,
        tags=tuple(tag.strip() for tag in tags.split(",")),
        lines=tuple(line for line in lines if line.kind != "r"),
        ratings=next((line.options for line in lines if line.kind == "r"), ()),
    )


def _line(text: str) -> Line:
    kind, _, words = text.partition(": ")
    return Line(kind, tuple(option.strip() for option in words.split(" || ")))
