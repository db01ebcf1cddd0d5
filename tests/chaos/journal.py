"""What clients were promised, and what they saw: written while everything breaks, compared when it stands again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Span = tuple[float, float]


def now() -> float:
    return time.monotonic()


@dataclass
class Said:
    """One message that a client sends until it is acknowledged; its text and its id are no other's."""

    chat: str
    author: str
    client_id: str
    body: str
    at: float = field(default_factory=now)
    tries: int = 0
    acknowledged: float | None = None
    uid: str = ""
    seq: int = 0


@dataclass
class Entry:
    """One entry of a timeline, as a client got it."""

    uid: str
    seq: int
    prev: int
    client_id: str | None
    at: float = field(default_factory=now)


class Timeline:
    """What one client has of one chat: a chain, each entry after its ``prev``; and when it was connected."""

    def __init__(self, whose: str, chat: str, for_team: bool, journal: Journal) -> None:
        self.whose, self.chat, self.for_team = whose, chat, for_team
        self.journal = journal
        self.entries: dict[int, Entry] = {}
        self.last = 0
        # Before it knew of the chat it was away, too.
        self.away: list[list[float]] = [[0.0, float("inf")]]
        # A client that left, or that may not see the chat any more, owes nothing.
        self.counts = True
        journal.timelines.append(self)

    def connected(self, yes: bool) -> None:
        """Note that the client has a line, or has none; twice is no harm."""
        is_away = self.away[-1][1] == float("inf")
        if yes and is_away:
            self.away[-1][1] = now()
        elif not yes and not is_away:
            self.away.append([now(), float("inf")])

    def take(self, entry: Entry) -> bool:
        """Add what came. False when something before it is missing, so that the client must ask."""
        known = self.entries.get(entry.seq)
        if known is not None:
            if known.uid != entry.uid:
                self.journal.fault(f"{self.whose}: entry {entry.seq} of {self.chat} is two messages")
            return True
        if entry.prev > self.last:
            return False
        if entry.seq <= self.last or entry.prev < self.last:
            self.journal.fault(f"{self.whose}: entry {entry.seq} of {self.chat} came where {self.last} was the last")
            return True
        self.entries[entry.seq] = entry
        self.last = entry.seq
        return True


@dataclass
class Journal:
    """Everything that the clients of a run wrote down."""

    said: dict[str, Said] = field(default_factory=dict)
    timelines: list[Timeline] = field(default_factory=list)
    # Starts of sessions that were answered: the visitor's name and the chat.
    started: dict[str, str] = field(default_factory=dict)
    # Chats whose end was acknowledged.
    ended: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    # While something is broken nobody can be complete, so that time does not count.
    outages: list[list[float]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def fault(self, what: str) -> None:
        """Note something that may never happen, whatever was killed."""
        self.faults.append(what)

    def say(self, said: Said) -> Said:
        self.said[said.client_id] = said
        return said

    def acknowledge(self, said: Said, uid: str, seq: int) -> None:
        """The promise: from now on this message is there, once, in this place."""
        if said.acknowledged is not None and (said.uid, said.seq) != (uid, seq):
            self.fault(f"{said.client_id} was acknowledged as {said.seq} and as {seq}")
        said.acknowledged, said.uid, said.seq = said.acknowledged or now(), uid, seq

    def begin_outage(self) -> None:
        """Something is broken from now on. Outages may overlap."""
        self.outages.append([now(), float("inf")])

    def end_outage(self) -> None:
        """One of them is over; the first that was not."""
        next(span for span in self.outages if span[1] == float("inf"))[1] = now()

    @property
    def acknowledged(self) -> list[Said]:
        return [said for said in self.said.values() if said.acknowledged is not None]


def longest_calm(begin: float, end: float, disturbed: Iterable[Any]) -> float:
    """Return the longest time between these two in which none of the disturbed spans was."""
    longest, at = 0.0, begin
    for start, stop in sorted(disturbed):
        if stop <= at:
            continue
        if start >= end:
            break
        longest, at = max(longest, start - at), max(at, stop)
    return max(longest, end - at)
