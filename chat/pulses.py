"""How a hub learns that frames of another process may have been lost on their way: everybody numbers their pulses."""

from __future__ import annotations

# A pulse comes each second; without one for this long, its process or the way from it is gone.
SILENCE_SECONDS = 2.5


class Pulses:
    """The pulses that one hub has heard, its own among them."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[int, float]] = {}

    def hear(self, whose: str, number: int, now: float) -> bool:
        """Note a pulse; they count from 1. Returns whether one before it is missing, or it comes late.

        Then frames may be missing, too.
        """
        before, at = self._heard.get(whose, (0, now))
        self._heard[whose] = (number, now)
        return number != before + 1 or now - at > SILENCE_SECONDS

    def ended(self, now: float) -> list[str]:
        """Return those that are silent for too long, and forget them: killed, stopped, or out of reach."""
        silent = [whose for whose, (_number, at) in self._heard.items() if now - at > SILENCE_SECONDS]
        for whose in silent:
            del self._heard[whose]
        return silent
