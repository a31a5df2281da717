"""A session before, in or after its window."""

import datetime as dt

import pytest

from plans.core.punctual import punctual
from plans.core.spacing import Window

WINDOW = Window(dt.date(2027, 2, 22), dt.date(2027, 3, 22), dt.date(2027, 5, 22))


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (dt.date(2027, 2, 21), "early"),
        (dt.date(2027, 2, 22), "on_time"),
        (dt.date(2027, 5, 22), "on_time"),
        (dt.date(2027, 5, 23), "late"),
    ],
)
def test_the_ends_of_the_window_are_on_time(day, word):
    assert punctual(day, WINDOW) == word


def test_a_first_session_has_no_window():
    assert punctual(dt.date(2027, 2, 21), None) == "first"
