"""From what a model wrote to a reply. Its output is a stranger's input: anything may stand in it. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

ANSWER_LIMIT = 4000
# What a reasoning model thought before it spoke, where the server does not keep it apart.
_THOUGHT = re.compile(r"\A\s*<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[a-z]*\s*\n(.*?)\n?```\Z", re.DOTALL)
_CALLS = ("[handover]", "[hand over]", "<handover>")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WORDS = {"low": 20, "medium": 60, "high": 90}


class Garbage(Exception):
    """Nothing that could be said to a visitor; the text says why."""


@dataclass(frozen=True)
class Reply:
    """What the model wants said, how sure it is (percent, None when it does not say), whether a person should come."""

    answer: str
    confidence: int | None = None
    hand_over: bool = False


def read(text: str) -> Reply:
    """Return the reply in a model's text: the JSON object that it was asked for, or plain words. Raises Garbage."""
    text = _THOUGHT.sub("", text).strip()
    fenced = _FENCE.match(text)
    text = fenced[1].strip() if fenced else text
    found = _object_in(text)
    if found is not None:
        return _of_object(found)
    if any(call in text.lower() for call in _CALLS):
        return Reply("", hand_over=True)
    if text.startswith("{") or '"answer"' in text:
        raise Garbage("The answer was broken JSON.")
    return Reply(_words(text))


def _object_in(text: str) -> dict[str, Any] | None:
    """The first JSON object in the text that has one of our fields."""
    decoder = json.JSONDecoder()
    for found in list(re.finditer(r"\{", text))[:20]:
        try:
            value, _end = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and {"answer", "handover"} & value.keys():
            return value
    return None


def _of_object(found: dict[str, Any]) -> Reply:
    answer = found.get("answer")
    if answer is not None and not isinstance(answer, str):
        raise Garbage("The answer was no text.")
    wanted = found.get("handover")
    hand_over = wanted is True or (isinstance(wanted, str) and wanted.strip().lower() in ("true", "yes", "1"))
    return Reply(_words(answer or ""), _percent(found.get("confidence")), hand_over)


def _percent(value: Any) -> int | None:
    """Confidence as models write it: 0.8, 80, "80%", "high"; None for what is none."""
    if isinstance(value, str):
        word = value.strip().lower().rstrip("%").strip()
        if word in _WORDS:
            return _WORDS[word]
        try:
            value = float(word) / (100 if "%" in value else 1)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return round(max(0, min(value * 100 if value <= 1 else value, 100)))


def _words(text: str) -> str:
    """The text as a visitor's is taken: what no database keeps and no reader sees left out. Raises Garbage."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or not _unseen(c)).strip()
    if len(kept) > ANSWER_LIMIT:
        raise Garbage(f"The answer was longer than {ANSWER_LIMIT} characters.")
    return kept


def _unseen(character: str) -> bool:
    """Controls, lone surrogates, unassigned and private ones, and marks that turn the direction of others' text."""
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") or character in _TURNING
