"""Months of use and the pause after them."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.cycles import (
    Block,
    Cycle,
    Pause,
    Use,
    block_on,
    blocks_of_use,
    may_use_on,
    pause_after,
)
from plans.core.spacing import Period
from tests.core.small_catalogue import ACIDS

FIRST = dt.date(2026, 1, 1)


def once(*days: dt.date) -> list[Use]:
    return [Use(day, day) for day in days]


days = st.dates(FIRST, dt.date(2028, 12, 31))


@st.composite
def some_uses(draw: st.DrawFn) -> Use:
    start = draw(days)
    end = start + dt.timedelta(days=draw(st.sampled_from([0, 0, 1, 10, 45])))
    return Use(start, draw(st.sampled_from([end, end, end, None])))


def test_a_use_a_full_pause_later_opens_a_new_block():
    uses = once(dt.date(2026, 8, 1), dt.date(2026, 8, 31), dt.date(2026, 9, 30))

    assert blocks_of_use(uses, ACIDS) == (
        Block(dt.date(2026, 8, 1), dt.date(2026, 8, 31)),
        Block(dt.date(2026, 9, 30), dt.date(2026, 9, 30)),
    )


def test_a_short_use_inside_a_long_one_does_not_end_it():
    long = Use(dt.date(2026, 8, 1), dt.date(2026, 9, 30))
    inside = once(dt.date(2026, 8, 5), dt.date(2026, 10, 20))

    assert blocks_of_use([*inside, long], ACIDS) == (
        Block(dt.date(2026, 8, 1), dt.date(2026, 10, 20)),
    )


def test_what_still_runs_has_no_end_and_takes_everything_in():
    uses = [Use(dt.date(2026, 8, 1), None), *once(dt.date(2027, 5, 1))]

    assert blocks_of_use(uses, ACIDS) == (Block(dt.date(2026, 8, 1), None),)


def test_without_use_there_is_no_block_and_no_pause():
    assert blocks_of_use([], ACIDS) == ()
    assert may_use_on([], ACIDS, FIRST)


def test_three_months_are_full_on_the_same_day_of_the_third_month():
    uses = once(
        dt.date(2026, 8, 1), dt.date(2026, 8, 29), dt.date(2026, 9, 26), dt.date(2026, 10, 10)
    )

    assert may_use_on(uses, ACIDS, dt.date(2026, 10, 31))
    assert not may_use_on(uses, ACIDS, dt.date(2026, 11, 1))
    assert not may_use_on(uses, ACIDS, dt.date(2026, 11, 9))
    assert may_use_on(uses, ACIDS, dt.date(2026, 11, 10))


def test_a_pause_taken_early_needs_no_other():
    uses = once(dt.date(2026, 8, 1), dt.date(2026, 9, 1))

    assert may_use_on(uses, ACIDS, dt.date(2026, 11, 1))
    assert block_on(uses, ACIDS, dt.date(2026, 11, 1)) is None


def test_uses_after_the_day_do_not_count():
    uses = once(dt.date(2026, 8, 1), dt.date(2026, 8, 20), dt.date(2026, 9, 10))

    assert block_on(uses, ACIDS, dt.date(2026, 8, 25)) == Block(
        dt.date(2026, 8, 1), dt.date(2026, 8, 20)
    )


def test_the_pause_tells_when_it_must_begin_and_may_end():
    block = Block(dt.date(2026, 11, 30), dt.date(2027, 1, 31))

    assert pause_after(block, ACIDS) == Pause(
        begins=dt.date(2027, 2, 28),
        may_end=dt.date(2027, 2, 28),
        advised_end=dt.date(2027, 3, 31),
    )


def test_a_pause_after_what_still_runs_has_no_end():
    pause = pause_after(Block(FIRST, None), ACIDS)

    assert pause == Pause(dt.date(2026, 4, 1), None, None)
    assert not pause.holds(dt.date(2026, 3, 31))
    assert pause.holds(dt.date(2099, 1, 1))


def test_a_use_ends_no_earlier_than_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        Use(FIRST, FIRST - dt.timedelta(days=1))


def test_the_shortest_pause_is_no_longer_than_the_advised_one():
    with pytest.raises(ValueError, match="break_min <= break_max"):
        Cycle(Period(3, "months"), Period(9, "weeks"), Period(2, "months"))


@given(st.lists(some_uses(), max_size=8), st.randoms())
def test_the_order_of_uses_does_not_matter(uses, random):
    shuffled = random.sample(uses, len(uses))

    assert blocks_of_use(shuffled, ACIDS) == blocks_of_use(uses, ACIDS)


@given(st.lists(some_uses(), max_size=8))
def test_between_blocks_lies_a_full_pause(uses):
    blocks = blocks_of_use(uses, ACIDS)

    for before, after in pairwise(blocks):
        assert before.end is not None
        assert ACIDS.break_min.after(before.end) <= after.start


@given(st.lists(some_uses(), max_size=8))
def test_every_use_lies_in_exactly_one_block(uses):
    blocks = blocks_of_use(uses, ACIDS)

    for use in uses:
        end = use.end or dt.date.max
        homes = [b for b in blocks if b.start <= use.start and end <= (b.end or dt.date.max)]
        assert len(homes) == 1


@given(st.lists(some_uses(), max_size=8), days)
def test_no_use_is_allowed_after_the_months_of_use_and_before_the_pause_ends(uses, day):
    block = block_on(uses, ACIDS, day)
    expected = block is None or day < ACIDS.on_for.after(block.start)

    assert may_use_on(uses, ACIDS, day) is expected
