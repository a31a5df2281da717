"""Until when what a change does to a session holds."""

import datetime as dt

import pytest

from plans.core.bounds import Bounds
from plans.core.impact import Effect, Kind
from plans.core.screening import Finding, Verdict
from plans.core.spacing import Window

DAY = dt.date(2027, 3, 1)
WEEK = dt.timedelta(days=7)
WINDOW = Window(DAY + WEEK, DAY + 2 * WEEK, DAY + 3 * WEEK)


def finding(free: dt.date | None) -> Finding:
    return Finding("ci:peel:smoking", Verdict.WAIT, "ci", "smoking", free)


@pytest.mark.parametrize(
    ("kind", "day", "holds"),
    [
        (Kind.EARLY, WINDOW.earliest - dt.timedelta(days=1), True),
        (Kind.EARLY, WINDOW.earliest, False),
        (Kind.LATE, WINDOW.latest + dt.timedelta(days=1), True),
        (Kind.LATE, WINDOW.latest, False),
    ],
)
def test_a_day_inside_the_window_ends_it(kind: Kind, day: dt.date, holds: bool):
    bounds = Bounds.of([Effect(kind, window=WINDOW)])

    assert bounds.hold([kind], day, was=DAY) is holds


def test_a_wait_ends_on_its_free_day():
    bounds = Bounds.of([Effect(Kind.WAIT, findings=(finding(DAY + WEEK), finding(DAY)))])

    assert bounds.hold([Kind.WAIT], DAY + WEEK - dt.timedelta(days=1), was=DAY)
    assert not bounds.hold([Kind.WAIT], DAY + WEEK, was=DAY)


def test_a_wait_without_a_known_end_holds_on_any_day():
    bounds = Bounds.of([Effect(Kind.REFUSE, findings=(finding(None), finding(DAY)))])

    assert bounds.hold([Kind.REFUSE], DAY + 50 * WEEK, was=DAY)


def test_a_question_and_a_length_stay_whatever_the_day():
    assert Bounds(free=DAY).hold([Kind.ASK], DAY + WEEK, was=DAY)
    assert Bounds().hold([Kind.LONGER], DAY + WEEK, was=DAY)


def test_somebody_elses_time_is_left_with_the_day():
    assert Bounds().hold([Kind.COLLIDES], DAY, was=DAY)
    assert not Bounds().hold([Kind.COLLIDES], DAY + WEEK, was=DAY)


def test_what_is_written_is_read_again():
    bounds = Bounds(DAY, None, DAY + WEEK)

    assert Bounds.read(bounds.written()) == bounds
    assert Bounds.read({"anything": "else"}) == Bounds()
