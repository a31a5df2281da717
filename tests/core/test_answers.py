"""What answers come to: present beats denied, a denial goes stale and closes nothing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.answers import good_until, last_told, state_on
from plans.core.screening import Fact
from plans.core.spacing import Period

TODAY = dt.date(2026, 11, 23)
LONG_AGO = dt.date(2026, 1, 1)
QUARTERLY = Period(3, "months")


def denied(day: dt.date | None) -> Fact:
    return Fact("drug", "denied", since=day)


def present(since: dt.date | None = None, until: dt.date | None = None) -> Fact:
    return Fact("drug", "present", since=since, until=until)


@pytest.mark.parametrize(
    ("state", "records"),
    [
        ("never", []),
        ("true", [present()]),
        ("true", [present(LONG_AGO, TODAY)]),
        ("true", [present(LONG_AGO), denied(TODAY)]),
        ("ahead", [present(TODAY + dt.timedelta(days=1))]),
        ("over", [present(None, LONG_AGO)]),
        ("over", [present(None, LONG_AGO), denied(TODAY)]),
        ("unknown", [denied(TODAY), Fact("drug", "unknown")]),
        ("unknown", [denied(None)]),
        ("denied", [denied(TODAY)]),
        ("denied", [Fact("drug", "unknown"), denied(TODAY)]),
        ("stale", [denied(LONG_AGO)]),
    ],
)
def test_the_state_of_a_fact(state, records):
    assert state_on(TODAY, records, QUARTERLY) == state


def test_a_no_of_another_day_is_stale_where_each_visit_asks():
    yesterday = TODAY - dt.timedelta(days=1)
    assert state_on(TODAY, [denied(yesterday)], "session") == "stale"
    assert state_on(TODAY, [denied(LONG_AGO)], "never") == "denied"


@given(st.dates(LONG_AGO, TODAY))
def test_a_no_counts_to_the_last_day_of_its_time_and_not_longer(told):
    last = good_until(told, QUARTERLY)
    assert last
    assert state_on(last, [denied(told)], QUARTERLY) == "denied"
    assert state_on(last + dt.timedelta(days=1), [denied(told)], QUARTERLY) == "stale"


@given(st.lists(st.dates(LONG_AGO, TODAY), max_size=5))
def test_no_number_of_denials_closes_what_is_true(days):
    assert state_on(TODAY, [present(LONG_AGO), *map(denied, days)], QUARTERLY) == "true"


def test_an_end_and_a_denial_are_told_of_the_later_day():
    assert last_told([present(None, LONG_AGO), denied(TODAY), Fact("drug", "unknown")]) == TODAY
    assert last_told([present()]) is None
