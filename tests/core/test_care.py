"""Advice with dates."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from plans.core.care import Step, advice

TREATED = dt.date(2026, 11, 23)
days = st.one_of(st.none(), st.integers(-60, 120))
steps = st.builds(
    Step,
    kind=st.sampled_from(["expect", "do", "leave", "call", "next"]),
    text=st.text(min_size=1),
    from_day=days,
    to_day=days,
    is_approximate=st.booleans(),
)


def test_days_count_from_the_day_of_treatment():
    row = advice([Step("expect", "Redness.", 0, 3)], TREATED).rows[0]
    assert (row.first, row.last) == (TREATED, dt.date(2026, 11, 26))


def test_steps_over_the_same_days_share_a_row():
    found = advice([Step("expect", "Crust.", 3, 12), Step("leave", "Do not pull.", 3, 12)], TREATED)
    assert [(row.expect, row.leave) for row in found.rows] == [(("Crust.",), ("Do not pull.",))]


def test_a_step_without_an_end_stands_after_one_that_ends():
    found = advice([Step("do", "Sunscreen.", 0, None), Step("do", "Ice.", 0, 0)], TREATED)
    assert [row.do for row in found.rows] == [("Ice.",), ("Sunscreen.",)]


@given(st.lists(steps, max_size=12))
def test_no_line_is_lost_and_none_is_said_twice(given_steps):
    found = advice(given_steps, TREATED)
    said = [text for row in found.rows for text in (*row.expect, *row.do, *row.leave)]
    assert sorted([*said, *found.call, *found.next]) == sorted(step.text for step in given_steps)
