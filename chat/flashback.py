"""Flashback (partner guide): two moments of a customer's youth and a trait for each, drawn from the birthdate.

Light entertainment, and nothing else: no fact about anybody goes in but the date, and none comes out. The same date
gives the same profile for ever, on every machine. Months and traits come out in the language that is active.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from .models import Visitor

# Both lists may be reworded; a trait added or moved gives customers another profile than they had.
_OF_A_CHILD = (
    _("Curious"), _("Playful"), _("Brave"), _("Dreamy"), _("Cheerful"), _("Stubborn"),
    _("Inventive"), _("Gentle"), _("Daring"), _("Observant"), _("Generous"), _("Talkative"),
)  # fmt: skip
_OF_THE_YOUNG = (
    _("Independent"), _("Loyal"), _("Ambitious"), _("Patient"), _("Witty"), _("Thoughtful"),
    _("Adventurous"), _("Reliable"), _("Creative"), _("Optimistic"), _("Determined"), _("Warm-hearted"),
)  # fmt: skip
# In months of age, the last one left out.
_FIRST, _SECOND = range(3 * 12, 10 * 12), range(10 * 12, 18 * 12)

Profile = dict[str, Any]


def of(visitor: Visitor) -> Profile | None:
    """Return the visitor's profile; None without a birthdate, in a childhood that is not over, or switched off.

    ``visitor.workspace`` is asked for its switch: join it where many visitors are read.
    """
    born = visitor.birthdate
    if born is None or not visitor.workspace.flashback_enabled:
        return None
    return profile(born) if _month_of(born, _draw(born)[2]) <= timezone.now().date() else None


def profile(birthdate: date) -> Profile:
    """Return the documented object: ``{"flashBack": {"firstEventDate": {"month", "year"}, "firstEventTrait", …}}``.

    The first event is at the age of 3 to 9, the second at 10 to 17. Pure but for the active language.
    """
    first, first_trait, second, second_trait = _draw(birthdate)
    return {
        "flashBack": {
            "firstEventDate": _shown(_month_of(birthdate, first)),
            "firstEventTrait": str(_OF_A_CHILD[first_trait]),
            "secondEventDate": _shown(_month_of(birthdate, second)),
            "secondEventTrait": str(_OF_THE_YOUNG[second_trait]),
        }
    }


def _draw(birthdate: date) -> tuple[int, int, int, int]:
    """Return the age of the first event in months, its trait, and the same of the second."""
    # A hash, because Python's own random may draw otherwise in another version.
    digest = hashlib.sha256(birthdate.isoformat().encode()).digest()
    numbers = [int.from_bytes(digest[at : at + 4]) for at in range(0, 16, 4)]
    drawn = zip(numbers, (_FIRST, range(len(_OF_A_CHILD)), _SECOND, range(len(_OF_THE_YOUNG))), strict=True)
    first, first_trait, second, second_trait = (choices[number % len(choices)] for number, choices in drawn)
    return first, first_trait, second, second_trait


def _month_of(birthdate: date, age: int) -> date:
    """Return the first day of the month in which somebody of this birthdate is ``age`` months old."""
    years, month = divmod(birthdate.month - 1 + age, 12)
    return date(birthdate.year + years, month + 1, 1)


def _shown(month: date) -> dict[str, str | int]:
    return {"month": str(MONTHS[month.month]), "year": month.year}
