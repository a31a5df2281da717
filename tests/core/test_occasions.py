"""Dates that matter to a patient are kept clear of healing."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from plans.core.occasions import keeping_clear, reached
from plans.core.offers import Judgement
from plans.core.spacing import Period

WEDDING = dt.date(2027, 3, 12)
WEEK = Period(1, "weeks")


def fine(day: dt.date) -> Judgement:
    return Judgement()


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def test_healing_counts_from_the_day_itself_both_ends_included():
    assert reached(WEDDING - days(8), [WEDDING], WEEK) == ()
    assert reached(WEDDING - days(7), [WEDDING], WEEK) == (WEDDING,)
    assert reached(WEDDING, [WEDDING], WEEK) == (WEDDING,)
    assert reached(WEDDING + days(1), [WEDDING], WEEK) == ()


def test_without_a_healing_time_only_the_day_itself_is_kept_clear():
    assert reached(WEDDING, [WEDDING], None) == (WEDDING,)
    assert reached(WEDDING - days(1), [WEDDING], None) == ()


def test_a_day_that_reaches_an_occasion_names_it_and_the_first_day_after_it():
    judged = keeping_clear(fine, [WEDDING], WEEK)(WEDDING - days(3))

    assert judged.blocked
    assert judged.occasions == (WEDDING,)
    assert judged.reasons == ("occasion:2027-03-12",)
    assert judged.earliest == WEDDING + days(1)


def test_a_wait_that_ends_before_an_occasion_ends_after_it():
    def waits(day: dt.date) -> Judgement:
        free = WEDDING - days(2)
        return Judgement(True, earliest=free) if day < free else Judgement()

    judged = keeping_clear(waits, [WEDDING], WEEK)(WEDDING - days(60))

    assert judged.occasions == ()
    assert judged.earliest == WEDDING + days(1)


def test_a_wait_that_begins_after_an_occasion_is_waited_for_too():
    def waits(day: dt.date) -> Judgement:
        free = WEDDING + days(5)
        return Judgement(True, earliest=free) if WEDDING < day < free else Judgement()

    assert keeping_clear(waits, [WEDDING], WEEK)(WEDDING).earliest == WEDDING + days(5)


def test_a_refusal_without_an_end_stays_one():
    def never(day: dt.date) -> Judgement:
        return Judgement(blocked=True)

    assert keeping_clear(never, [WEDDING], WEEK)(WEDDING) == Judgement(blocked=True)

    def not_after(day: dt.date) -> Judgement:
        return Judgement(blocked=day > WEDDING)

    assert keeping_clear(not_after, [WEDDING], WEEK)(WEDDING).earliest is None


@given(
    st.sets(st.dates(WEDDING, WEDDING + days(20)), min_size=1, max_size=3),
    st.integers(0, 6),
    st.dates(WEDDING - days(10), WEDDING + days(25)),
)
def test_the_first_day_named_is_the_first_that_is_clear(occasions, length, day):
    judge = keeping_clear(fine, occasions, Period(length, "days"))
    judged = judge(day)
    first = day
    while any(first <= occasion <= first + days(length) for occasion in occasions):
        first += days(1)

    assert judged.blocked == (first != day)
    assert judged.earliest in (None, first)
    assert judged.blocked == (judged.earliest is not None)
