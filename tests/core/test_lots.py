"""Until when a lot may be used, and one spelling for what is typed of it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.lots import NOTICE_DAYS, Level, folded, folded_lot, standing

LAST = dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("days_before", "level"),
    [
        (NOTICE_DAYS + 1, Level.GOOD),
        (NOTICE_DAYS, Level.SOON),
        (0, Level.SOON),
        (-1, Level.EXPIRED),
    ],
)
def test_a_lot_is_warned_of_for_thirty_days_and_good_on_its_last(days_before: int, level: Level):
    found = standing(LAST, LAST - dt.timedelta(days=days_before))
    assert (found.level, found.days_left) == (level, days_before)
    assert found.is_usable == (days_before >= 0)


def test_a_recall_counts_from_its_day_on_and_not_before():
    recalled = dt.date(2026, 6, 10)
    assert standing(LAST, recalled - dt.timedelta(days=1), recalled).level == Level.GOOD
    assert standing(LAST, recalled, recalled).level == Level.RECALLED
    assert not standing(LAST, recalled, recalled).is_usable


def test_a_recalled_lot_that_also_expired_is_recalled():
    assert standing(LAST, LAST + dt.timedelta(days=9), LAST).level == Level.RECALLED


@given(st.dates(), st.dates())
def test_a_lot_never_becomes_better_with_time(expires_on: dt.date, day: dt.date):
    if day < dt.date.max:
        later = day + dt.timedelta(days=1)
        assert standing(expires_on, later).level >= standing(expires_on, day).level


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("TCA 30 %", "A-12/34"), ("tca 30%", "a1234")),
        (("Ботокс", "С 1"), ("БОТОКС", "с1")),
        (("Juvéderm", "１２"), ("Juvederm", "12")),
    ],
)
def test_a_lot_is_the_same_however_it_is_typed(one: tuple[str, str], other: tuple[str, str]):
    assert folded_lot(*one) == folded_lot(*other)


def test_the_end_of_a_product_is_not_the_beginning_of_a_number():
    assert folded_lot("TCA 3", "01") != folded_lot("TCA", "301")


@given(st.text())
def test_folding_twice_changes_nothing(text: str):
    assert folded(folded(text)) == folded(text)
