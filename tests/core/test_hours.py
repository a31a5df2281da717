"""Visits outside the hours of those who serve them, on days of 23, 24 and 25 hours."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import Needs, minutes_of
from plans.core.availability import Phase as Stretch
from plans.core.freetime import free_by_day, held_by_day
from plans.core.hours import Held, existing, outside
from plans.core.wallclock import instant, minute_of

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, THURSDAY, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 11, 26), dt.date(2026, 10, 25)
ROOM, DOCTOR = 1, 2


def held(day: dt.date, minute: int, length: int, resource: int = ROOM, visit: int = 7) -> Held:
    start = instant(day, minute, BERLIN)
    return Held(visit, resource, start, start + dt.timedelta(minutes=length))


def test_a_visit_inside_its_hours_is_not_named():
    open_ = {THURSDAY: {ROOM: [(540, 720), (780, 1020)]}}
    assert outside([held(THURSDAY, 640, 80), held(THURSDAY, 780, 240)], open_, BERLIN) == {}


def test_a_visit_over_a_break_or_past_closing_is_named_with_whom_it_concerns():
    open_ = {THURSDAY: {ROOM: [(540, 1020)], DOCTOR: [(540, 720), (780, 1020)]}}
    rows = [
        held(THURSDAY, 680, 80),
        held(THURSDAY, 710, 50, DOCTOR),
        held(THURSDAY, 960, 61, visit=8),
    ]
    assert outside(rows, open_, BERLIN) == {7: (DOCTOR,), 8: (ROOM,)}


def test_a_resource_without_hours_is_closed():
    rows = [held(THURSDAY, 600, 30), held(THURSDAY, 630, 30)]
    assert outside(rows, {}, BERLIN) == {7: (ROOM,)}


def test_hours_keep_their_local_hour_when_the_clocks_change():
    for day in (SPRING, THURSDAY, AUTUMN):
        open_ = {day: {ROOM: [(600, 680)]}}
        assert outside([held(day, 600, 80)], open_, BERLIN) == {}
        assert outside([held(day, 605, 80)], open_, BERLIN) == {7: (ROOM,)}


def test_a_night_of_25_hours_is_open_for_its_25_hours():
    open_ = {AUTUMN: {ROOM: [(60, 240)]}}  # one to four: four hours
    assert outside([held(AUTUMN, 60, 240)], open_, BERLIN) == {}
    assert outside([held(AUTUMN, 60, 241)], open_, BERLIN) == {7: (ROOM,)}


def test_a_night_of_23_hours_is_open_for_its_23_hours():
    open_ = {SPRING: {ROOM: [(60, 240)]}}  # one to four: two hours
    assert outside([held(SPRING, 60, 120)], open_, BERLIN) == {}
    assert outside([held(SPRING, 60, 121)], open_, BERLIN) == {7: (ROOM,)}


def test_time_that_the_clock_jumps_over_is_no_time():
    assert existing(SPRING, (135, 165), BERLIN) is None
    span = existing(SPRING, (90, 150), BERLIN)
    assert span
    assert span[1] - span[0] == dt.timedelta(minutes=30)


def test_a_whole_day_is_as_long_as_it_is():
    spans = [existing(day, None, BERLIN) for day in (SPRING, THURSDAY, AUTUMN)]
    hours = [(span[1] - span[0]).total_seconds() / 3600 for span in spans if span]
    assert hours == [23, 24, 25]


def test_no_start_is_offered_in_the_skipped_hour_nor_across_it():
    free = free_by_day({SPRING: {ROOM: [(0, 360)]}}, {ROOM}, {}, {}, BERLIN)
    needs = Needs([Stretch("room", 0, 60)], {"room": [ROOM]})
    starts = list(minutes_of(needs.free_starts(free[SPRING])))
    assert [minute for minute in starts if 60 < minute < 180] == []
    assert (60 in starts, 180 in starts) == (True, True)


def test_in_autumn_what_is_held_in_the_second_hour_is_not_offered_in_the_first():
    second = dt.datetime(2026, 10, 25, 1, 10, tzinfo=dt.UTC)  # 02:10, shown for the second time
    taken = held_by_day([(second, second + dt.timedelta(minutes=20), ROOM)], BERLIN)
    free = free_by_day({AUTUMN: {ROOM: [(0, 360)]}}, {ROOM}, taken, {}, BERLIN)
    needs = Needs([Stretch("room", 0, 20)], {"room": [ROOM]})
    starts = set(minutes_of(needs.free_starts(free[AUTUMN])))
    assert not starts & set(range(115, 150, 5))


clock_days = st.sampled_from([SPRING, THURSDAY, AUTUMN])
ranges = st.tuples(st.integers(0, 71), st.integers(1, 36)).map(
    lambda pair: (pair[0] * 5, (pair[0] + pair[1]) * 5)
)


@given(clock_days, st.lists(ranges, max_size=3), st.lists(ranges, max_size=3), st.integers(1, 24))
def test_what_is_offered_lies_inside_the_hours_and_meets_nothing_held(day, opened, busy, steps):
    """The bits of the wall clock against the instants that the database would hold."""
    length = dt.timedelta(minutes=5 * steps)
    taken = [(instant(day, a, BERLIN), instant(day, b, BERLIN), ROOM) for a, b in busy]
    taken = [row for row in taken if row[0] < row[1]]
    open_ = {day: {ROOM: joined(opened)}}
    free = free_by_day(open_, {ROOM}, held_by_day(taken, BERLIN), {}, BERLIN)
    needs = Needs([Stretch("room", 0, 5 * steps)], {"room": [ROOM]})
    for minute in minutes_of(needs.free_starts(free[day])):
        start = instant(day, minute, BERLIN)
        assert minute_of(start, BERLIN) == minute
        assert outside([Held(1, ROOM, start, start + length)], open_, BERLIN) == {}
        assert all(end <= start or start + length <= begin for begin, end, _room in taken)


def joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that touch are one, as opening hours come."""
    whole: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if whole and first <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(last, whole[-1][1]))
        else:
            whole.append((first, last))
    return whole
