"""Which consent counts on a day."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from plans.core.consents import Given, counting, last_day, latest
from plans.core.spacing import Period

DAY = dt.date(2026, 11, 26)
days = st.dates(DAY - dt.timedelta(days=800), DAY + dt.timedelta(days=800))
rows = st.lists(
    st.builds(Given, st.integers(1, 99), days, st.none() | days, st.booleans()), max_size=6
)


def test_the_last_day_counts_and_the_one_after_does_not():
    until = last_day(DAY, Period(12, "months"))
    signed = Given(1, DAY, until)
    assert until == dt.date(2027, 11, 26)
    assert signed.state(until) == "valid"
    assert signed.state(until + dt.timedelta(days=1)) == "expired"


def test_without_a_length_it_counts_until_it_is_taken_back():
    assert last_day(DAY, None) is None
    assert Given(1, DAY).state(dt.date(2090, 1, 1)) == "valid"
    assert Given(1, DAY, is_withdrawn=True).state(DAY) == "withdrawn"


def test_nobody_has_agreed_before_signing():
    signed = Given(1, DAY)
    before = DAY - dt.timedelta(days=1)
    assert signed.state(before) == "later"
    assert counting([signed], before) is None
    assert latest([signed], before) is None


def test_a_new_signature_heals_an_old_one_that_was_taken_back():
    old, new = Given(1, DAY, is_withdrawn=True), Given(2, DAY)
    assert counting([old, new], DAY) == new
    assert latest([old], DAY) == old


@given(rows, days)
def test_what_counts_is_valid_and_none_valid_was_signed_later(given_rows, on):
    found = counting(given_rows, on)
    valid = [row for row in given_rows if row.state(on) == "valid"]
    assert (found is None) == (not valid)
    assert found is None or found.signed_on == max(row.signed_on for row in valid)
