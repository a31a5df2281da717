"""The clock on the wall where it is changed: days of 23 and of 25 hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import DAY_MINUTES
from plans.core.wallclock import (
    instant,
    midnight,
    minute_of,
    over,
    repeated,
    skipped,
    stretches,
)

BERLIN, SANTIAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Santiago")
LORD_HOWE, APIA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
A_DAY = dt.timedelta(days=1)

zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Tokyo",
     "Africa/Cairo", "Atlantic/Azores"]
).map(ZoneInfo)  # fmt: skip
days = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))
minutes = st.integers(0, DAY_MINUTES - 1)


def test_in_spring_an_hour_is_no_time_at_all():
    assert (skipped(SPRING, BERLIN), repeated(SPRING, BERLIN)) == ((120, 180), None)
    three = instant(SPRING, 180, BERLIN)
    assert [instant(SPRING, minute, BERLIN) for minute in (120, 150, 179)] == [three] * 3
    assert three - instant(SPRING, 119, BERLIN) == dt.timedelta(minutes=1)


def test_in_autumn_an_hour_is_shown_twice_and_the_first_is_meant():
    assert (skipped(AUTUMN, BERLIN), repeated(AUTUMN, BERLIN)) == (None, (120, 180))
    assert instant(AUTUMN, 150, BERLIN) == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    assert instant(AUTUMN, 180, BERLIN) - instant(AUTUMN, 150, BERLIN) == dt.timedelta(minutes=90)


def test_other_days_have_no_such_hour():
    assert (skipped(SPRING - A_DAY, BERLIN), repeated(AUTUMN + A_DAY, BERLIN)) == (None, None)


def test_a_clock_may_change_at_midnight_or_by_half_an_hour():
    assert skipped(dt.date(2026, 9, 6), SANTIAGO) == (0, 60)
    assert skipped(dt.date(2026, 9, 5), SANTIAGO) is None
    assert repeated(dt.date(2026, 4, 4), SANTIAGO) == (1380, 1440)
    assert skipped(dt.date(2026, 10, 4), LORD_HOWE) == (120, 150)
    assert skipped(dt.date(2011, 12, 30), APIA) == (0, DAY_MINUTES)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (AUTUMN + A_DAY, 24)])
def test_a_day_lasts_from_its_first_instant_to_the_next_one_s(day, hours):
    begin, end = instant(day, 0, BERLIN), instant(day, DAY_MINUTES, BERLIN)
    assert end - begin == dt.timedelta(hours=hours)
    assert end == instant(day + A_DAY, 0, BERLIN) == midnight(day + A_DAY, BERLIN)
    assert stretches(begin, end, BERLIN) == [(day, (0, DAY_MINUTES))]


def at(hour: int, minute: int = 0) -> dt.datetime:
    """A time of the autumn day in UTC; the clocks in Berlin go back at one."""
    return dt.datetime(2026, 10, 25, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [
        (at(0, 0), at(0, 30), (120, 150)),
        (at(0, 30), at(1, 0), (150, 180)),
        (at(0, 30), at(1, 10), (120, 180)),
        (at(0, 0), at(1, 20), (120, 180)),
        (at(0, 30), at(2, 30), (120, 210)),
        (at(1, 0), at(1, 20), (120, 140)),
    ],
)
def test_what_is_held_over_the_change_is_all_that_the_clock_showed(begin, end, shown):
    assert stretches(begin, end, BERLIN) == [(AUTUMN, shown)]


def test_a_stretch_may_begin_before_the_change_and_end_a_day_later():
    found = stretches(at(0, 30), dt.datetime(2026, 10, 26, 9, tzinfo=dt.UTC), BERLIN)
    assert found == [(AUTUMN, (120, 1440)), (AUTUMN + A_DAY, (0, 600))]


def test_while_the_hour_is_shown_again_all_of_it_is_over():
    shown = [over(at(0, 10), BERLIN), over(at(1, 10), BERLIN), over(at(2, 10), BERLIN)]
    assert shown == [(0, 130), (0, 180), (0, 190)]


@given(zones, days, st.integers(0, 25 * 60 - 1))
def test_what_is_not_over_begins_later(zone, day, passed):
    moment = instant(day, 0, zone) + dt.timedelta(minutes=passed)
    today = moment.astimezone(zone).date()
    _midnight, minute = over(moment, zone)
    if minute < DAY_MINUTES:
        assert instant(today, minute, zone) >= moment
    if minute:
        assert instant(today, minute - 1, zone) <= moment


@given(zones, days, minutes)
def test_a_minute_that_exists_is_read_back_from_its_instant(zone, day, minute):
    missing = skipped(day, zone)
    if missing and missing[0] <= minute < missing[1]:
        assert instant(day, minute, zone) == instant(day, missing[1], zone)
    else:
        assert minute_of(instant(day, minute, zone), zone) == minute


@given(zones, days, minutes, minutes)
def test_later_minutes_are_never_earlier_instants(zone, day, one, other):
    first, second = sorted((one, other))
    assert instant(day, first, zone) <= instant(day, second, zone)


@given(zones, days, minutes, st.integers(1, DAY_MINUTES))
def test_every_minute_between_two_instants_is_shown_in_its_stretch(zone, day, minute, length):
    begin = instant(day, minute, zone)
    end = begin + dt.timedelta(minutes=length)
    found = dict(stretches(begin, end, zone))
    for passed in range(0, length, 7):
        moment = begin + dt.timedelta(minutes=passed)
        first, last = found[moment.astimezone(zone).date()]
        assert first <= minute_of(moment, zone) < last
