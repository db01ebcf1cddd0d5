"""Finding saved answers: for an agent who types, and for a question that wants to be answered."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from django.db.models import Q

from .folding import words_of
from .models import SavedAnswer

_SHOWN = 8
# The usual constants of BM25: how soon repetition stops to count, and how much length does.
_SATURATION, _LENGTH = 1.5, 0.75
# Two words are forms of one when they begin alike for so much of the longer one; each then counts for so much.
_BEGINNING, _LIKENESS, _FORM = 4, 0.65, 0.5


def find(workspace_id: int, typed: str, limit: int = _SHOWN) -> list[SavedAnswer]:
    """Return the saved answers that hold every word of what was typed, those whose shortcut begins so first."""
    answers = SavedAnswer.objects.filter(workspace_id=workspace_id)
    for word in words_of(typed)[:10]:
        answers = answers.filter(words__contains=word)
    shortcut = Q(shortcut__startswith=typed.strip().lower()[:40])
    begun = list(answers.filter(shortcut).order_by("shortcut")[:limit]) if typed.strip() else []
    known = [answer.pk for answer in begun]
    return [*begun, *answers.exclude(pk__in=known).order_by("shortcut")[: limit - len(begun)]]


def relevant(workspace_id: int, question: str, limit: int = 5) -> list[SavedAnswer]:
    """Return the saved answers that have most in common with a question, the best first: BM25 over folded words.

    Words that nearly every answer has count for next to nothing; an answer that shares no word is left out.
    """
    rows = SavedAnswer.objects.filter(workspace_id=workspace_id).values_list("pk", "words")
    scores = _scores({pk: words.split() for pk, words in rows}, set(words_of(question)))
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:limit]
    found = SavedAnswer.objects.in_bulk(best)
    return [found[pk] for pk in best if pk in found]


def _scores(texts: dict[int, list[str]], wanted: Iterable[str]) -> dict[int, float]:
    counts = {pk: Counter(words) for pk, words in texts.items()}
    mean = sum(map(len, texts.values())) / len(texts) if texts else 1
    families = _families(word for count in counts.values() for word in count)
    scores: dict[int, float] = {}
    for word in wanted:
        kin = _kin(word, families)
        often = {pk: n for pk, count in counts.items() if (n := sum(count[w] * share for w, share in kin.items()))}
        weight = math.log(1 + (len(texts) - len(often) + 0.5) / (len(often) + 0.5))
        for pk, n in often.items():
            damp = _SATURATION * (1 - _LENGTH + _LENGTH * len(texts[pk]) / (mean or 1))
            scores[pk] = scores.get(pk, 0) + weight * n * (_SATURATION + 1) / (n + damp)
    return scores


def _families(words: Iterable[str]) -> dict[str, set[str]]:
    """Words by their beginning: only those can be forms of each other."""
    families: dict[str, set[str]] = {}
    for word in words:
        families.setdefault(word[:_BEGINNING], set()).add(word)
    return families


def _kin(word: str, families: dict[str, set[str]]) -> dict[str, float]:
    """The word itself, and for half as much what seems to be another form of it: ``return`` of ``returns``."""
    kin = {word: 1.0}
    if len(word) >= _BEGINNING:
        for other in families.get(word[:_BEGINNING], ()):
            alike = _shared(word, other) >= _LIKENESS * max(len(word), len(other))
            if other != word and alike:
                kin[other] = _FORM
    return kin


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
