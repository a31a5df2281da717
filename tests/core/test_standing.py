"""What stands on a day for one patient, put together from rows."""

import datetime as dt
from typing import Any

from plans.core.impact import Held
from plans.core.standing import Holding, Owed, SideBySide, Visit, done_of, standing_of

TODAY = dt.date(2026, 11, 23)
TEN = dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC)
WEEK, HOUR = dt.timedelta(days=7), dt.timedelta(hours=1)


def owed(key: int, course: int = 1, **details: Any) -> Owed:
    return Owed(key, course, key, "peel", **details)


def visit(key: int, session: int | None, start: dt.datetime = TEN) -> Visit:
    return Visit(key, session, start, start + HOUR)


def days(*sessions: Owed, visits: tuple[Visit, ...] = ()) -> list[tuple[int, dt.date | None]]:
    found = standing_of(sessions, visits, (), TODAY)
    return [(each.key, each.previous) for each in found]


def test_a_session_counts_from_the_one_before_it_performed_or_booked():
    done = owed(1, performed_on=TODAY - WEEK)
    visits = (visit(7, 2), visit(8, 3, TEN + WEEK))

    assert days(done, owed(2), owed(3), visits=visits) == [
        (2, TODAY - WEEK),
        (3, TEN.date()),
    ]
    assert [entry.date for entry in done_of([done, owed(2)])] == [TODAY - WEEK]


def test_after_one_without_a_day_nothing_is_known():
    assert days(owed(1), owed(2), visits=(visit(7, 2),)) == [(2, None)]


def test_one_written_off_is_passed_over():
    visits = (visit(7, 1), visit(8, 3, TEN + WEEK))

    assert days(owed(1), owed(2, is_written_off=True), owed(3), visits=visits) == [
        (1, None),
        (3, TEN.date()),
    ]


def test_each_course_begins_anew():
    visits = (visit(7, 1), visit(8, 2, TEN + WEEK))

    assert days(owed(1), owed(2, course=2), visits=visits) == [(1, None), (2, None)]


def test_a_planned_day_counts_unless_it_is_over():
    ahead, over = TODAY + WEEK, TODAY - WEEK

    assert days(owed(1, planned_on=ahead), owed(2, planned_on=ahead + WEEK)) == [
        (1, None),
        (2, ahead),
    ]
    assert days(owed(1, planned_on=over)) == []


def test_a_visit_knows_what_it_holds_and_when_the_patient_is_due_elsewhere():
    holding = Holding(7, "room", frozenset({"chair"}), TEN - HOUR, TEN + 2 * HOUR)
    visits = [visit(9, None, TEN + 3 * HOUR), visit(7, 1)]

    (each,) = standing_of([owed(1)], visits, [holding], TODAY)

    assert each.held == (Held("room", frozenset({"chair"}), -60, 120),)
    assert (each.minutes, each.free_until) == (60, 180)


def test_rows_of_a_key_nobody_asks_for_are_passed_over():
    rows = SideBySide([(1, "a"), (2, "b"), (4, "c")])

    assert rows.of(2) == [(2, "b")]
    assert rows.of(3) == []
    assert rows.of(4) == [(4, "c")]
    assert rows.of(5) == []
