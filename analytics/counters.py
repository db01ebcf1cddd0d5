"""Counters: what rollups add up, by the names of ``analytics.definitions``."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from .spreads import bucket_of

Counters = Counter[str]

_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(start: datetime, end: datetime) -> int:
    """Return the whole milliseconds between; clocks that disagree make no negative durations."""
    return max(0, (end - start) // _MILLISECOND)


def add_duration(counters: Counters, name: str, letter: str, length: int) -> None:
    """Count one duration of so many milliseconds: its number, its sum and its bucket."""
    counters[f"{name}_count"] += 1
    counters[f"{name}_ms"] += length
    counters[f"{letter}{bucket_of(length)}"] += 1


def merge(into: Counters, counters: dict[str, int] | Any) -> None:
    """Add counters to others in place. Faster than Counter.update for a handful of names."""
    for name, number in counters.items():
        into[name] = into.get(name, 0) + number
