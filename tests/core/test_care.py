"""Advice with dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.care import Step, advice, glance, merged, treated_at

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


def test_the_same_words_of_two_procedures_are_said_once_for_as_long_as_the_longest_asks():
    short = Step("leave", "No sauna.", 0, 2, of=("A",))
    long = Step("leave", "No sauna.", 0, 7, of=("B",))
    (found,) = merged([[short], [long]])
    assert (found.from_day, found.to_day, found.of) == (0, 7, ("A", "B"))


def test_the_same_words_on_days_apart_stay_two():
    parts = [[Step("do", "Ice.", 0, 1)], [Step("do", "Ice.", 5, 6)]]
    assert len(merged(parts)) == 2


def test_calls_are_told_once_and_what_has_no_end_keeps_none():
    call = Step("call", "Pus, fever.")
    without_end, week = Step("do", "Cream.", 0, None), Step("do", "Cream.", 0, 7)
    found = merged([[call, week], [call, without_end]])
    assert [(step.kind, step.to_day) for step in found] == [("call", None), ("do", None)]


def test_a_line_of_one_procedure_only_names_it():
    steps = [Step("do", "Ice.", 0, 0, of=("A",)), Step("do", "Cream.", 0, 0, of=("A", "B"))]
    assert advice(steps, TREATED, named=True).rows[0].do == ("Ice. (A)", "Cream.")


def test_the_lines_of_one_procedure_stand_together_under_its_name():
    parts = [("Ice.", "A"), ("Rest.", "A"), ("No rubbing.", "B")]
    steps = [Step("do", text, 0, 0, of=(name,)) for text, name in parts]
    found = advice(steps, TREATED, named=True).rows[0].do
    assert found == ("Ice.", "Rest. (A)", "No rubbing. (B)")


def test_the_first_two_weeks_are_drawn_and_nothing_that_goes_on_after_them():
    steps = [
        Step("do", "Ice.", 0, 0),
        Step("expect", "Crust.", 3, 12, is_approximate=True),
        Step("leave", "No sun.", 0, 91),
        Step("leave", "Never at home."),
    ]
    found = glance(advice(steps, TREATED).rows, TREATED)
    assert found
    assert (found.days[0], len(found.days)) == (TREATED, 13)
    assert [(lane.text, lane.first, lane.last, lane.is_approximate) for lane in found.lanes] == [
        ("Ice.", 0, 0, False),
        ("Crust.", 3, 12, True),
    ]


@pytest.mark.parametrize("ends", [[], [5], [0, 2], [91, 200]])
def test_what_is_read_faster_as_words_is_not_drawn(ends):
    steps = [Step("do", f"Line {end}.", 0, end) for end in ends]
    assert glance(advice(steps, TREATED).rows, TREATED) is None


@given(st.lists(steps, max_size=8))
def test_every_bar_lies_within_the_days_that_are_drawn(given_steps):
    found = glance(advice(given_steps, TREATED).rows, TREATED)
    if found:
        assert max(lane.last for lane in found.lanes) == len(found.days) - 1 <= 14
        assert all(0 <= lane.first <= lane.last for lane in found.lanes)


@given(st.lists(st.lists(steps, max_size=6), max_size=3))
def test_merging_loses_no_words(parts):
    found = merged(parts)
    assert {(step.kind, step.text) for step in found} == {
        (step.kind, step.text) for part in parts for step in part
    }


def test_the_treatment_was_when_it_was_begun_last_else_when_it_was_done():
    first, again, done = (dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC) for hour in (9, 10, 11))
    assert treated_at([first, again], [done]) == again
    assert treated_at([], [done]) == done
    assert treated_at([], []) is None
