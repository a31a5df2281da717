"""A search reads the days it visits and those about them, in few stretches."""

import datetime as dt
from dataclasses import replace

from plans.core.ahead import NEAR_AFTER, NEAR_BEFORE, ReadAhead, days_of, merged, near
from plans.core.availability import Phase, open_bits
from plans.core.offers import Booked, Judgement, Wish
from plans.core.series import propose
from plans.core.spacing import Interval, Period, Window

MONDAY = dt.date(2026, 11, 23)
MONTHS = Interval(Period(3, "months"), Period(3, "months"), Period(6, "months"))
WISH = Wish(
    count=3,
    first=Window(MONDAY, MONDAY, MONDAY + dt.timedelta(days=42)),
    interval=MONTHS,
    phases=(Phase("practitioner", 0, 60),),
    candidates={"practitioner": (1,)},
)
NINE_TO_FIVE = open_bits([(540, 1020)])


class Diary:
    """Open on workdays from `since` on; keeps what was read."""

    def __init__(self, since: dt.date = MONDAY) -> None:
        self.since = since
        self.read: list[tuple[dt.date, dt.date]] = []

    def __call__(self, first: dt.date, last: dt.date) -> dict[dt.date, dict[int, int]]:
        self.read.append((first, last))
        days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        return {day: {1: NINE_TO_FIVE} for day in days if day >= self.since and day.weekday() < 5}


def fine(day: dt.date) -> Judgement:
    return Judgement()


def test_an_open_diary_is_read_only_about_the_targets():
    diary = Diary()
    best = propose(WISH, days_of(diary, WISH), fine).offers[0]

    assert best.cost.days_off <= 1
    assert diary.read == list(near(WISH))
    assert sum((last - first).days + 1 for first, last in diary.read) == 3 * (
        NEAR_BEFORE + 1 + NEAR_AFTER
    )


def test_what_is_found_does_not_depend_on_how_it_is_read():
    def plain(day: dt.date) -> dict[int, int]:
        return Diary(MONDAY + dt.timedelta(days=30))(day, day).get(day, {})

    diary = Diary(MONDAY + dt.timedelta(days=30))
    assert propose(WISH, days_of(diary, WISH), fine) == propose(WISH, plain, fine)


def test_a_full_diary_is_read_in_a_few_growing_stretches():
    diary = Diary(dt.date.max)
    assert propose(WISH, days_of(diary, WISH), fine).impossible is not None
    assert len(diary.read) <= 9


def test_stretches_that_nearly_touch_are_read_as_one():
    first, second = (MONDAY, MONDAY), (MONDAY + dt.timedelta(6), MONDAY + dt.timedelta(8))
    assert merged([second, first]) == ((MONDAY, MONDAY + dt.timedelta(8)),)
    assert merged([first, (MONDAY + dt.timedelta(7), MONDAY + dt.timedelta(8))])[0] == first
    assert merged([]) == ()


def test_a_session_that_stays_is_a_target_of_its_own():
    fixed = Booked(dt.date(2027, 4, 1), 540, 600, {})
    first, second, third = near(replace(WISH, fixed={2: fixed}))
    assert second[0] <= fixed.day <= second[1]
    assert third[0] > dt.date(2027, 6, 20)
    assert first[0] < MONDAY


def test_a_day_is_read_once():
    diary = Diary()
    days = ReadAhead(diary, [])
    assert days(MONDAY) == days(MONDAY) == {1: NINE_TO_FIVE}
    assert days(MONDAY + dt.timedelta(days=3)) == {1: NINE_TO_FIVE}
    assert len(diary.read) == 1
