"""Flashback: always the same for a date, in the documented shape, and gone when it is switched off."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import translation
from django.utils.dates import MONTHS
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import flashback

BIRTHDATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 11, 24))


def month_of(told):
    names = {str(name): number for number, name in MONTHS.items()}
    return date(told["year"], names[told["month"]], 1)


@settings(deadline=None)
@given(BIRTHDATES)
def test_a_profile_has_the_documented_shape_and_is_always_the_same(born):
    profile = flashback.profile(born)
    assert list(profile) == ["flashBack"]
    told = profile["flashBack"]
    assert set(told) == {"firstEventDate", "firstEventTrait", "secondEventDate", "secondEventTrait"}
    assert told["firstEventTrait"] and told["secondEventTrait"] and told["firstEventTrait"] != told["secondEventTrait"]
    assert profile == flashback.profile(born)


@settings(deadline=None)
@given(BIRTHDATES)
def test_the_first_event_comes_after_birth_and_the_second_after_the_first(born):
    told = flashback.profile(born)["flashBack"]
    assert born < month_of(told["firstEventDate"]) < month_of(told["secondEventDate"])
    assert month_of(told["secondEventDate"]).year - born.year <= 18


def test_it_never_changes_from_one_version_to_the_next():
    """A customer who comes back next year is not told otherwise."""
    with translation.override("en"):
        told = flashback.profile(date(1990, 1, 15))
    assert told == {
        "flashBack": {
            "firstEventDate": {"month": "April", "year": 1994},
            "firstEventTrait": "Cheerful",
            "secondEventDate": {"month": "August", "year": 2007},
            "secondEventTrait": "Independent",
        }
    }


def test_people_differ():
    days = [date(1990, 1, 1) + timedelta(days=n) for n in range(400)]
    assert len({str(flashback.profile(day)) for day in days}) > 350


@pytest.mark.parametrize("language", ["vi", "uz"])
def test_months_and_traits_are_in_the_readers_language(language):
    with translation.override("en"):
        english = flashback.profile(date(1990, 1, 15))["flashBack"]
    with translation.override(language):
        theirs = flashback.profile(date(1990, 1, 15))["flashBack"]
    assert theirs["firstEventDate"]["year"] == english["firstEventDate"]["year"]
    assert theirs["firstEventDate"]["month"] != english["firstEventDate"]["month"]
    assert theirs["firstEventTrait"] != english["firstEventTrait"]


@pytest.mark.django_db
def test_a_visitor_has_one_with_a_birthdate_and_while_the_workspace_wants_it(world):
    assert flashback.of(world.visitor) is None
    world.visitor.birthdate = date(1990, 1, 15)
    assert flashback.of(world.visitor) == flashback.profile(date(1990, 1, 15))
    world.workspace.flashback_enabled = False
    assert flashback.of(world.visitor) is None


@pytest.mark.django_db
def test_nothing_is_told_of_a_future(world):
    """A child has it on the day when the second event has come, not before."""
    world.visitor.birthdate = date(2020, 5, 17)
    grown = month_of(flashback.profile(date(2020, 5, 17))["flashBack"]["secondEventDate"])
    with time_machine.travel(grown - timedelta(days=1)):
        assert flashback.of(world.visitor) is None
    with time_machine.travel(grown):
        assert flashback.of(world.visitor)
