"""Opening hours in Django admin: written as people write them, kept by the service."""

from datetime import date

import pytest
from django.urls import reverse

from agents.models import HoursException, OpeningHours
from agents.schedule import DAYS, as_text
from agents.services import hours

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agents_openinghours_add")


def form(workspace=None, *exceptions, **days):
    """What the page's form sends: a week in which every day but those named is closed."""
    sent = dict.fromkeys(DAYS, "") | days | {"enabled": "on"}
    sent |= {"exceptions-TOTAL_FORMS": len(exceptions), "exceptions-INITIAL_FORMS": 0}
    for n, exception in enumerate(exceptions):
        sent |= {f"exceptions-{n}-{name}": value for name, value in exception.items()}
    return sent | ({"workspace": workspace.pk} if workspace else {})


def test_a_week_is_written_as_people_write_it(as_owner, world):
    tet = {"name": "Tết", "first_day": "2027-02-05", "last_day": "2027-02-11", "hours_then": ""}
    eve = {"name": "Eve", "first_day": "2026-12-31", "last_day": "", "hours_then": "8-12"}
    sent = form(world.workspace, tet, eve, monday="8-12, 13:00-17.30", saturday="9–12")
    answer = as_owner.post(ADD, sent, follow=True)
    assert answer.status_code == 200
    schedule = hours.schedule_of(world.workspace)
    assert as_text(schedule.week[0]) == "08:00–12:00, 13:00–17:30"
    assert [bool(day) for day in schedule.week] == [True, False, False, False, False, True, False]
    assert as_text(schedule.spans_on(date(2026, 12, 31))) == "08:00–12:00"
    assert schedule.spans_on(date(2027, 2, 8)) == ()
    row = OpeningHours.objects.get()
    page = as_owner.get(reverse("admin:agents_openinghours_change", args=[row.pk])).content.decode()
    assert "08:00–12:00, 13:00–17:30" in page
    assert "Tết" in page
    assert world.workspace.timezone in page


def test_what_makes_no_sense_is_said_beside_its_day_and_changes_nothing(as_owner, world):
    answer = as_owner.post(ADD, form(world.workspace, monday="17-8", tuesday="8-12"))
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"monday"}
    never = as_owner.post(ADD, form(world.workspace))
    assert "monday" in never.context["adminform"].form.errors
    backwards = {"name": "", "first_day": "2027-02-05", "last_day": "2027-02-01", "hours_then": ""}
    assert as_owner.post(ADD, form(world.workspace, backwards, monday="8-12")).status_code == 200
    assert not OpeningHours.objects.exists()


def test_exceptions_are_changed_and_taken_away(as_owner, world):
    hours.set_week(world.workspace, {"monday": [("08:00", "17:00")]})
    row = OpeningHours.objects.get()
    address = reverse("admin:agents_openinghours_change", args=[row.pk])
    day = {"name": "Off", "first_day": "2027-02-05", "last_day": "", "hours_then": ""}
    as_owner.post(address, form(None, day, monday="8-17"))
    kept = HoursException.objects.get()
    assert (kept.first_day, kept.last_day, kept.spans) == (date(2027, 2, 5), date(2027, 2, 5), [])
    changed = {**day, "id": kept.pk, "hours": row.pk, "hours_then": "10-11"}
    as_owner.post(address, form(None, changed, monday="8-17") | {"exceptions-INITIAL_FORMS": 1})
    kept = HoursException.objects.get()
    assert kept.spans == [["10:00", "11:00"]]
    gone = {**changed, "id": kept.pk, "DELETE": "on"}
    as_owner.post(address, form(None, gone, monday="8-17") | {"exceptions-INITIAL_FORMS": 1})
    assert not HoursException.objects.exists()


def test_an_owner_of_elsewhere_changes_nothing_here(as_user, world):
    hours.set_week(world.workspace, {"monday": [("08:00", "17:00")]})
    client = as_user(world.outsider.user)
    row = OpeningHours.objects.get()
    address = reverse("admin:agents_openinghours_change", args=[row.pk])
    assert client.post(address, form(None, monday="1-2")).status_code in (302, 403, 404)
    client.post(ADD, form(world.workspace, monday="1-2"))
    assert as_text(hours.schedule_of(world.workspace).week[0]) == "08:00–17:00"
