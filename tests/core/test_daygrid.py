"""The picture of a day: whole hours, rows of five minutes, nothing outside."""

import datetime as dt
from zoneinfo import ZoneInfo

from plans.core.daygrid import Cell, Frame, frame
from plans.core.wallclock import instant, midnight, minute_of, stretches

BERLIN = ZoneInfo("Europe/Berlin")
DAY = Frame(480, 10)


def test_the_hours_shown_hold_everything():
    assert frame([(545, 1000)], [(500, 510)]) == Frame(480, 9)


def test_a_closed_day_shows_the_usual_hours():
    assert frame([], []) == DAY


def test_a_stretch_begins_and_ends_on_a_row():
    assert DAY.cell(541, 619) == Cell(60, 80)


def test_a_stretch_is_cut_to_the_hours_shown():
    assert DAY.cell(400, 500) == Cell(0, 20)
    assert DAY.cell(400, 480) is None


def test_what_is_not_open_is_closed():
    assert DAY.closed([(540, 720), (780, 1080)]) == [Cell(0, 60), Cell(240, 60)]


def test_a_long_closed_stretch_is_drawn_in_parts():
    assert Frame(0, 24).closed([]) == [Cell(0, 720), Cell(720, 720)]


def test_hours_have_their_words():
    assert DAY.marks[0] == (0, "08:00")
    assert DAY.last == 1080


def test_a_local_hour_stays_across_the_change_of_the_clock():
    before, after = (
        instant(dt.date(2027, 3, 27), 600, BERLIN),
        instant(dt.date(2027, 3, 28), 600, BERLIN),
    )
    assert (after - before) == dt.timedelta(hours=23)
    assert minute_of(after, BERLIN) == 600


def test_a_stretch_over_midnight_counts_on_both_days():
    day = dt.date(2026, 11, 26)
    start = instant(day, 1380, BERLIN)
    found = stretches(start, start + dt.timedelta(hours=2), BERLIN)
    assert found == [(day, (1380, 1440)), (day + dt.timedelta(days=1), (0, 60))]
    assert midnight(day, BERLIN).hour == 0
