"""Opening hours: what a schedule says, and who may change it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Invalid, NotAllowed
from agents.models import OpeningHours
from agents.schedule import DAYS, MIDNIGHT, Different, Schedule, Span, as_text, parse_text, parse_week
from agents.services import hours

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in DAYS[:5]}
MONDAY = date(2026, 11, 23)


def at(clock, day=MONDAY, zone=HANOI):
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def office(*different, zone=HANOI, week=None):
    return Schedule(zone, parse_week(week or OFFICE), different)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("07:59", False), ("08:00", True), ("11:59", True), ("12:00", False), ("13:00", True), ("17:00", False)],
)
def test_a_span_includes_its_first_minute_and_not_its_last(clock, is_open):
    assert office().is_open(at(clock)) is is_open
    assert office().is_open(at(clock).astimezone(UTC)) is is_open


def test_without_hours_it_is_always_open():
    always = Schedule(HANOI)
    assert always.is_open(at("03:00"))
    assert always.next_opening(at("03:00")) == at("03:00")
    assert always.usual_week() == ((Span(0, MIDNIGHT),),) * 7


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (at("06:00"), at("08:00")),
        (at("09:00"), at("09:00")),
        (at("12:30"), at("13:00")),
        (at("18:00"), at("08:00", MONDAY + timedelta(days=1))),
        (at("18:00", MONDAY + timedelta(days=4)), at("08:00", MONDAY + timedelta(days=7))),
    ],
)
def test_the_next_opening(now, opening):
    assert office().next_opening(now) == opening


def test_a_day_may_end_at_midnight_and_go_on_after_it():
    late = office(week={"monday": [("20:00", "24:00")], "tuesday": [("0:00", "2:00")]})
    assert late.is_open(at("23:59"))
    assert late.is_open(at("00:00", MONDAY + timedelta(days=1)))
    assert not late.is_open(at("02:00", MONDAY + timedelta(days=1)))


def test_a_holiday_closes_and_the_shorter_exception_holds():
    tet = Different(MONDAY, MONDAY + timedelta(days=6), (), "Tết")
    half = Different(MONDAY + timedelta(days=2), MONDAY + timedelta(days=2), parse_text("9-11"))
    schedule = office(tet, half)
    assert schedule.next_opening(at("08:00")) == at("09:00", MONDAY + timedelta(days=2))
    assert schedule.next_opening(at("12:00", MONDAY + timedelta(days=2))) == at("08:00", MONDAY + timedelta(days=7))
    assert schedule.coming(at("12:00", MONDAY + timedelta(days=3))) == [tet]


def test_a_team_that_stays_away_has_no_next_opening():
    away = Different(MONDAY, MONDAY + timedelta(days=2000))
    assert office(away).next_opening(at("08:00")) is None


def test_hours_are_those_of_the_wall_clock_when_summer_time_begins():
    berlin = ZoneInfo("Europe/Berlin")
    schedule = office(zone=berlin)
    friday, monday = date(2027, 3, 26), date(2027, 3, 29)
    assert schedule.next_opening(at("18:00", friday, berlin)) == datetime(2027, 3, 29, 6, 0, tzinfo=UTC)
    assert schedule.is_open(at("08:00", monday, berlin))
    # 02:30 does not exist on that Sunday: whoever opens then opens when the clock has jumped over it.
    sunday = office(zone=berlin, week={"sunday": [("02:30", "06:00")]})
    assert sunday.next_opening(at("01:00", date(2027, 3, 28), berlin)) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    # And in autumn 02:00 comes twice.
    autumn = office(zone=berlin, week={"sunday": [("00:00", "02:10")]})
    assert autumn.next_opening(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


spans = st.lists(st.integers(0, MIDNIGHT), unique=True, max_size=6).map(
    lambda ms: tuple(Span(a, b) for a, b in zip(sorted(ms)[::2], sorted(ms)[1::2], strict=False))
)


@given(
    week=st.lists(spans, min_size=7, max_size=7),
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "Asia/Tashkent", "Europe/Berlin", "America/St_Johns", "UTC"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
)
def test_between_now_and_the_next_opening_it_is_closed(week, zone, now):
    schedule = Schedule(ZoneInfo(zone), tuple(week))
    opening = schedule.next_opening(now)
    if opening is None:
        return
    assert opening >= now
    assert schedule.is_open(opening)
    if opening > now:
        assert not schedule.is_open(now)
        step = (opening - now) / 7
        assert not any(schedule.is_open(now + step * n) for n in range(7))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8-17", "08:00–17:00"),
        ("13:00 - 17:30; 08.00–12.00", "08:00–12:00, 13:00–17:30"),
        ("8h-12h, 13h30-24", "08:00–12:00, 13:30–24:00"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(text, shown):
    assert as_text(parse_text(text)) == shown
    assert parse_text(shown) == parse_text(text)


@pytest.mark.parametrize(
    "text", ["8", "8-25", "17-8", "8-12, 11-13", "8:60-9", "noon-5", "8-24:30", "-", "8--9", "8-9-10"]
)
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(Invalid):
        parse_text(text)


def test_a_week_without_an_opening_is_refused_and_a_bad_day_named():
    with pytest.raises(Invalid) as never:
        parse_week({"monday": []})
    assert never.value.field == "week"
    with pytest.raises(Invalid) as bad:
        parse_week({"monday": [("8:00", "17:00")], "friday": [("x", "y")]})
    assert bad.value.field == "friday"
    with pytest.raises(Invalid) as unknown:
        parse_week({"someday": [("8:00", "17:00")]})
    assert unknown.value.field == "someday"


def test_the_service_keeps_hours_and_lets_them_go(world, django_assert_num_queries):
    assert hours.is_open(world.workspace, at("03:00"))
    hours.set_week(world.workspace, OFFICE, by=world.admin)
    hours.set_exceptions(world.workspace, [Different(MONDAY, MONDAY, (), "Tết")], by=world.owner)
    assert not hours.is_open(world.workspace, at("23:00"))
    with django_assert_num_queries(2):
        schedule = hours.schedule_of(world.workspace)
    assert schedule.week == parse_week(OFFICE)
    assert [one.name for one in schedule.different] == ["Tết"]
    assert hours.is_open(world.elsewhere, at("23:00")), "another workspace's hours are its own"
    hours.always_open(world.workspace, by=world.admin)
    assert hours.is_open(world.workspace, at("23:00"))


def test_only_owners_and_admins_of_the_workspace_change_hours(world):
    for by in (world.operator, world.supervisor, world.outsider):
        for change in (hours.set_week, hours.set_exceptions):
            with pytest.raises(NotAllowed):
                change(world.workspace, {} if change is hours.set_week else [], by=by)
        with pytest.raises(NotAllowed):
            hours.always_open(world.workspace, by=by)
    assert not OpeningHours.objects.exists()


def test_a_refused_change_changes_nothing(world):
    hours.set_week(world.workspace, OFFICE)
    with pytest.raises(Invalid):
        hours.set_week(world.workspace, {"monday": [("9:00", "8:00")]})
    with pytest.raises(Invalid):
        hours.set_exceptions(world.workspace, [Different(MONDAY, MONDAY - timedelta(days=1))])
    assert hours.schedule_of(world.workspace).week == parse_week(OFFICE)
    assert not hours.schedule_of(world.workspace).different
