"""Use at home: its days, what it owes to a treatment, and its calendar."""

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plans.core.cycles import Use, may_use_on
from plans.core.regimen import (
    ONE_DAY,
    Care,
    Regimen,
    Stretch,
    last_day_before,
    months,
    parts_of_day,
    pause_due,
    read_regimen,
    reminders,
    rest_around,
)
from plans.core.screening import Entry, Gap, Patient, Rulebook, Screener
from plans.core.spacing import Period
from tests.core.small_catalogue import ACIDS, ADULT, BOOK

FIRST = dt.date(2026, 11, 23)
TWICE = Regimen(2, "day", Period(7, "days"))
days = st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31))
periods = st.builds(Period, st.integers(0, 40), st.sampled_from(["days", "weeks", "months"]))
regimens = st.builds(Regimen, st.integers(1, 9), st.sampled_from(["day", "week"]), periods)


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@st.composite
def stretches(draw: st.DrawFn, procedure: str = "home_cream") -> Stretch:
    first = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 150)))
    return Stretch(procedure, first, None if length is None else first + length * ONE_DAY)


def book(before: Period | None, after: Period | None) -> Rulebook:
    """The small catalogue with these gaps alone between the cream and the peel."""
    gaps = [Gap("home_cream", "deep", before)] if before else []
    gaps += [Gap("deep", "home_cream", after)] if after else []
    return Rulebook(BOOK.procedures, BOOK.rechecks, tuple(gaps))


# How often, and how long


def test_the_regimens_of_the_catalogue_are_read():
    ointment = {"times": {"value": 2, "unit": "per day"}, "course": {"value": 7, "unit": "days"}}
    assert read_regimen(ointment) == TWICE
    acid = {"times": {"value": 1, "unit": "per week"}, "instructions": []}
    assert read_regimen(acid) == Regimen(1, "week")


@pytest.mark.parametrize("values", [None, {}, {"times": None}, {"times": {"value": 2, "unit": ""}}])
def test_without_how_often_there_is_no_regimen(values):
    assert read_regimen(values) is None


@pytest.mark.parametrize(("times", "per"), [(0, "day"), (1, "month")])
def test_a_regimen_says_how_often_a_day_or_a_week(times, per):
    with pytest.raises(ValueError, match="no regimen"):
        Regimen(times, per)


def test_a_week_from_monday_ends_on_sunday():
    assert TWICE.last_day(FIRST) == date("2026-11-29")
    assert Regimen(1, "day").last_day(FIRST) is None


@given(regimens, days)
def test_a_course_is_never_over_before_it_begins(regimen, first):
    last = regimen.last_day(first)
    assert last is not None
    assert first <= last <= max(first, regimen.course.after(first))


@given(regimens, days, st.integers(0, 400))
def test_any_seven_days_hold_what_the_week_asks_for(regimen, first, later):
    start = first + later * ONE_DAY
    said = sum(regimen.times_on(first, start + n * ONE_DAY) for n in range(7))
    assert said == regimen.times * (7 if regimen.per == "day" else 1)


@given(regimens, days, st.integers(1, 400))
def test_before_its_first_day_nothing_is_used(regimen, first, earlier):
    assert regimen.times_on(first, first) > 0
    assert regimen.times_on(first, first - earlier * ONE_DAY) == 0


def test_once_a_day_is_at_night_and_twice_begins_in_the_morning():
    assert [parts_of_day(n) for n in (0, 1, 2)] == [(), ("evening",), ("morning", "evening")]
    assert parts_of_day(3) == parts_of_day(9) == ("morning", "noon", "evening")


# Before and after a treatment


@given(days, periods)
def test_the_last_day_is_the_latest_from_which_the_wait_is_over(day, wait):
    last = last_day_before(day, wait)
    assert wait.after(last) <= day < wait.after(last + ONE_DAY)


def test_the_cream_ends_seven_days_before_the_peel_and_begins_again_the_day_after():
    rest = rest_around(BOOK, Stretch("home_cream", FIRST, None), "peel", date("2027-03-02"))
    assert rest is not None
    assert (rest.stop_by, rest.again_on) == (date("2027-02-23"), date("2027-03-03"))
    assert (rest.before, rest.after) == (Period(7, "days"), None)


def test_the_wait_after_the_peel_decides_when_it_may_begin_again():
    gaps = book(Period(7, "days"), Period(2, "weeks"))
    rest = rest_around(gaps, Stretch("home_cream", FIRST, None), "peel", date("2027-03-02"))
    assert rest is not None
    assert rest.again_on == date("2027-03-16")


def test_a_wait_after_the_treatment_alone_stops_what_is_used_through_it():
    gaps = book(None, Period(2, "weeks"))
    rest = rest_around(gaps, Stretch("home_cream", FIRST, None), "peel", date("2027-03-02"))
    assert rest is not None
    assert rest.stop_by == date("2027-03-01")


def test_what_ended_in_time_or_is_no_neighbour_rests_from_nothing():
    ended = Stretch("home_cream", FIRST, date("2026-11-29"))
    assert rest_around(BOOK, ended, "peel", date("2026-12-06")) is None
    assert rest_around(BOOK, ended, "peel", date("2026-12-05")) is not None
    assert rest_around(BOOK, Stretch("home_cream", FIRST, None), "toxin", date("2026-12-05")) is None  # fmt: skip


# Of a use that lasts, most of these days break something.
near = st.integers(-40, 40).map(dt.timedelta)
waits = st.one_of(st.none(), st.builds(Period, st.integers(0, 9), st.sampled_from(["days", "weeks", "months"])))  # fmt: skip


@given(stretches(), days, waits)
def test_the_screening_of_the_treatment_says_the_same(stretch, day, before):
    history = (Entry("home_cream", stretch.first, stretch.last),)
    screener = Screener(book(before, None), "peel", Patient(ADULT, (), history), day)
    found = [each for each in screener.judge(day) if each.kind == "gap"]
    rest = rest_around(book(before, None), stretch, "peel", day)
    if before and before.n:
        assert (rest is not None) == bool(found)
    else:
        assert rest is None


@given(stretches(), days, waits)
def test_the_screening_of_a_later_start_says_the_same(stretch, day, after):
    assume(stretch.first >= day)
    screener = Screener(
        book(None, after), "home_cream", Patient(ADULT, (), (Entry("peel", day),)), stretch.first
    )
    found = [each for each in screener.judge(stretch.first) if each.kind == "gap"]
    assert (rest_around(book(None, after), stretch, "peel", day) is not None) == bool(found)


@given(stretches(), near, waits, waits)
def test_whoever_rests_as_asked_breaks_nothing_any_more(stretch, offset, before, after):
    rules, day = book(before, after), stretch.first + offset
    rest = rest_around(rules, stretch, "peel", day)
    assume(rest is not None)
    assert rest is not None
    assert rest.stop_by <= day <= rest.again_on
    left = stretch.without(rest.stop_by, rest.again_on)
    assert [rest_around(rules, each, "peel", day) for each in left] == [None] * len(left)


@given(stretches(), days, st.integers(1, 60))
def test_a_pause_takes_its_days_out_and_no_others(stretch, stop_by, length):
    again_on = stop_by + length * ONE_DAY
    left = stretch.without(stop_by, again_on)
    for n in range(400):
        day = min(stretch.first, stop_by) - 5 * ONE_DAY + n * ONE_DAY
        used = stretch.first <= day and stretch.uses_after(day - ONE_DAY)
        still = any(each.first <= day and each.uses_after(day - ONE_DAY) for each in left)
        assert still == (used and not stop_by < day < again_on)


def test_a_use_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="before"):
        Stretch("home_cream", FIRST, FIRST - ONE_DAY)


# Months of use and the pause after them


def test_acids_at_home_pause_after_three_months_and_count_with_those_of_the_clinic():
    acid = Stretch("home_acid", date("2026-09-01"), None)
    assert pause_due(acid, [], ACIDS) == date("2026-12-01")
    assert pause_due(acid, [Use(date("2026-08-20"), date("2026-08-20"))], ACIDS) == date("2026-11-20")  # fmt: skip
    assert pause_due(Stretch("home_acid", acid.first, date("2026-11-30")), [], ACIDS) is None


@given(
    stretches("home_acid"),
    st.lists(st.tuples(days, st.integers(0, 60)), max_size=4),
)
def test_the_pause_begins_on_the_first_day_that_the_cycle_forbids(stretch, others):
    uses = [Use(day, day + n * ONE_DAY) for day, n in others]
    due = pause_due(stretch, uses, ACIDS)
    forbidden = None
    for n in range(((stretch.last or stretch.first + 150 * ONE_DAY) - stretch.first).days + 1):
        day = stretch.first + n * ONE_DAY
        so_far = [Use(stretch.first, day - ONE_DAY)] if n else []
        known = [use for use in uses if use.start <= stretch.first]
        if not may_use_on([*known, *so_far], ACIDS, day):
            forbidden = day
            break
    assert due == forbidden


# The calendar


def care(letter: str = "A", regimen: Regimen = TWICE, length: int | None = 7) -> Care:
    last = None if length is None else FIRST + (length - 1) * ONE_DAY
    return Care(letter, regimen, FIRST, last)


def test_a_month_shows_whole_weeks_with_the_marks_of_its_own_days():
    visit = {date("2026-11-26"): ("10:00",)}
    november, december = months([care()], visit, FIRST, date("2026-12-06"))
    assert [len(week) for week in november.weeks] == [7] * 6
    assert november.weeks[0][0].date == date("2026-10-26")
    assert november.weeks[0][0].is_outside
    thursday = november.weeks[4][3]
    assert (thursday.date, thursday.marks, thursday.visits) == (
        date("2026-11-26"), (("A", 2),), ("10:00",),
    )  # fmt: skip
    assert not any(day.marks for week in december.weeks for day in week)


@given(days, st.integers(0, 200), st.lists(regimens, max_size=3))
def test_each_day_stands_once_and_bears_what_its_cares_ask_for(first, length, regimens):
    last = first + length * ONE_DAY
    cares = [Care(str(n), regimen, first, last) for n, regimen in enumerate(regimens)]
    shown = [
        day for month in months(cares, {}, first, last) for week in month.weeks for day in week
    ]
    own = [day for day in shown if not day.is_outside]
    assert [day.date for day in own] == [own[0].date + n * ONE_DAY for n in range(len(own))]
    marks = sum(times for day in own for _letter, times in day.marks)
    asked = sum(each.times_on(first + n * ONE_DAY) for each in cares for n in range(length + 1))
    assert marks == asked


def test_two_products_in_the_evening_are_one_reminder():
    night = care("B", Regimen(1, "day"), None)
    found = reminders([care(), night], FIRST, FIRST + 7 * ONE_DAY)
    assert len(found) == len(set(found)) == 7 * 2 + 1
    assert found[0] == (FIRST, "morning")
    assert found[-1] == (FIRST + 7 * ONE_DAY, "evening")
