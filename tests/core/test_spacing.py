"""Calendar arithmetic and the windows of a course."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.spacing import Interval, Period, Window, add_months, is_lapsed, window_after

dates = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
periods = st.builds(Period, st.integers(0, 60), st.sampled_from(["days", "weeks", "months"]))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    lengths = draw(st.lists(periods, min_size=3, max_size=3))
    return Interval(*sorted(lengths, key=Period.rough_tenths_of_a_day))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 8, 31), 6, dt.date(2027, 2, 28)),
        (dt.date(2027, 8, 31), 6, dt.date(2028, 2, 29)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2027, 2, 28), 6, dt.date(2027, 8, 28)),
        (dt.date(2028, 2, 29), 12, dt.date(2029, 2, 28)),
        (dt.date(2026, 12, 31), 1, dt.date(2027, 1, 31)),
        (dt.date(2026, 12, 31), 0, dt.date(2026, 12, 31)),
    ],
)
def test_months_clamp_to_the_end_of_the_month(day, months, expected):
    assert add_months(day, months) == expected


@given(dates, st.integers(0, 60))
def test_months_change_the_day_only_where_the_month_is_too_short(day, months):
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])


@given(dates, st.integers(0, 500))
def test_weeks_and_days_are_exact(day, count):
    assert Period(count, "weeks").after(day) == Period(7 * count, "days").after(day)
    assert (Period(count, "days").after(day) - day).days == count


@given(dates, dates, periods)
def test_a_later_event_is_never_free_sooner(one, other, period):
    early, late = sorted((one, other))

    assert period.after(early) <= period.after(late)


@pytest.mark.parametrize(("n", "unit"), [(-1, "days"), (1, "years")])
def test_a_period_needs_a_length_and_a_unit_of_the_calendar(n, unit):
    with pytest.raises(ValueError, match="no period"):
        Period(n, unit)


def test_an_interval_is_in_order():
    with pytest.raises(ValueError, match="min <= recommended <= max"):
        Interval(Period(3, "months"), Period(12, "weeks"), Period(6, "months"))


def test_the_window_counts_from_the_session_before():
    peel = Interval(Period(3, "months"), Period(4, "months"), Period(6, "months"))

    window = window_after(dt.date(2026, 11, 30), peel)

    assert window == Window(dt.date(2027, 2, 28), dt.date(2027, 3, 30), dt.date(2027, 5, 30))


def test_both_ends_belong_to_the_window():
    window = Window(dt.date(2027, 2, 28), dt.date(2027, 3, 30), dt.date(2027, 5, 30))

    assert window.earliest in window
    assert window.latest in window
    assert window.earliest - dt.timedelta(days=1) not in window
    assert window.latest + dt.timedelta(days=1) not in window


def test_a_short_month_may_leave_a_window_of_one_day():
    month = Interval(Period(30, "days"), Period(30, "days"), Period(1, "months"))

    window = window_after(dt.date(2027, 1, 31), month)

    assert window == Window(*[dt.date(2027, 3, 2)] * 3)


@given(dates, intervals())
def test_the_target_lies_in_the_window(previous, interval):
    window = window_after(previous, interval)

    assert window.target in window
    assert window.earliest == interval.min.after(previous)


def test_a_window_lapses_on_the_day_after_its_last():
    window = Window(dt.date(2027, 2, 28), dt.date(2027, 3, 30), dt.date(2027, 5, 30))

    assert not is_lapsed(window, dt.date(2027, 5, 30))
    assert is_lapsed(window, dt.date(2027, 5, 31))
