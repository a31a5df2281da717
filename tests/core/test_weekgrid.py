"""Weeks and months from Monday to Sunday."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from plans.core.weekgrid import month_after, month_before, week_of, weeks_of_month

days = st.dates(dt.date(1901, 1, 1), dt.date(2199, 1, 1))


@given(days)
def test_a_week_runs_from_monday_to_sunday_and_holds_its_day(day):
    week = week_of(day)
    assert day in week
    assert [each.isoweekday() for each in week] == [1, 2, 3, 4, 5, 6, 7]


@given(days)
def test_the_weeks_of_a_month_hold_all_of_it_and_no_week_more(day):
    weeks = weeks_of_month(day)
    in_month = [each for week in weeks for each in week if each.month == day.month]
    assert len(in_month) == (month_after(day) - day.replace(day=1)).days
    assert all(any(each.month == day.month for each in week) for week in weeks)


@given(days)
def test_the_month_before_the_next_is_this_one(day):
    assert month_before(month_after(day)) == day.replace(day=1)
