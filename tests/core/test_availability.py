from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.core.availability import (
    ALL_DAY,
    DAY_MINUTES,
    Needs,
    Phase,
    busy_bits,
    grid,
    minutes_of,
    open_bits,
    ranges_of,
    starts,
)

MINUTES = st.integers(0, DAY_MINUTES)
RANGES = st.lists(st.tuples(MINUTES, MINUTES).map(lambda pair: (min(pair), max(pair))), max_size=5)
DAYS = st.dictionaries(st.integers(1, 4), RANGES.map(open_bits), max_size=4)
NUMBING = (Phase("room", 0, 80), Phase("practitioner", 30, 80))
quick = settings(max_examples=80, deadline=None)


def free(*ranges: tuple[int, int]) -> int:
    return open_bits(ranges)


@given(RANGES)
def test_no_step_is_open_unless_all_its_minutes_are(ranges):
    for start, end in ranges_of(open_bits(ranges)):
        for step in range(start, end, 5):
            assert any(a <= step and step + 5 <= b for a, b in ranges)


@given(RANGES)
def test_every_busy_minute_lies_in_a_busy_step(ranges):
    taken = {minute for start, end in ranges_of(busy_bits(ranges)) for minute in range(start, end)}

    assert taken >= {minute for start, end in ranges for minute in range(start, end)}


@given(st.integers(0, ALL_DAY))
def test_ranges_and_bits_tell_the_same(bits):
    ranges = list(ranges_of(bits))

    assert open_bits(ranges) == busy_bits(ranges) == bits
    assert all(a[1] < b[0] for a, b in pairwise(ranges))


def test_open_ranges_round_inwards_and_busy_ones_outwards():
    assert list(ranges_of(open_bits([(541, 599)]))) == [(545, 595)]
    assert list(ranges_of(busy_bits([(541, 599)]))) == [(540, 600)]


def test_a_range_shorter_than_a_step_is_never_open_but_always_busy():
    assert open_bits([(541, 544)]) == 0
    assert list(ranges_of(busy_bits([(541, 544)]))) == [(540, 545)]
    assert busy_bits([(541, 541)]) == 0


def test_a_range_over_midnight_counts_with_its_part_of_the_day():
    assert list(ranges_of(open_bits([(-60, 60), (1400, 1500)]))) == [(0, 60), (1400, 1440)]


@given(st.integers(0, ALL_DAY), st.integers(0, 120), st.integers(1, 120))
def test_starts_are_the_steps_whose_whole_phase_is_free(bits, from_minute, minutes):
    to_minute = from_minute + minutes
    first, end = from_minute // 5, -(-to_minute // 5)

    expected = {
        step * 5
        for step in range(288)
        if all(bits >> n & 1 for n in range(step + first, step + end))
    }

    assert set(minutes_of(starts(bits, from_minute, to_minute))) == expected


@pytest.mark.parametrize("every", [0, -5, 7])
def test_a_grid_off_the_steps_is_refused(every):
    with pytest.raises(ValueError, match="no start grid"):
        grid(every)


def test_a_phase_that_does_not_end_after_its_start_is_refused():
    with pytest.raises(ValueError, match="ends after it starts"):
        Phase("room", 30, 30)


def test_needs_without_a_phase_are_refused():
    with pytest.raises(ValueError, match="at least one phase"):
        Needs((), {})


def test_numbing_holds_the_room_before_the_practitioner_comes():
    day = {1: free((600, 680)), 9: free((540, 700))}

    found = Needs(NUMBING, {"practitioner": [1], "room": [9]}).free_starts(day)

    assert list(minutes_of(found)) == list(range(570, 605, 5))


def test_starts_keep_to_the_grid():
    day = {1: free((602, 680))}

    found = Needs([Phase("practitioner", 0, 30)], {"practitioner": [1]}).free_starts(day)

    assert list(minutes_of(found & grid(15))) == [615, 630, 645]


def test_a_role_without_candidates_is_never_served():
    needs = Needs(NUMBING, {"room": [9]})
    assert needs.free_starts({9: ALL_DAY}) == 0
    assert needs.assign(540, {9: ALL_DAY}) is None


def test_the_room_may_change_hands_but_not_within_a_session():
    halves = {8: free((540, 600)), 9: free((600, 660))}
    needs = Needs([Phase("room", 0, 30), Phase("room", 60, 90)], {"room": [8, 9]})

    assert needs.free_starts(halves) == 0
    assert needs.free_starts({8: free((540, 570), (600, 630))}) > 0


TWO = (Phase("practitioner", 0, 30), Phase("assistant", 0, 30))
TWO_OF = {"practitioner": [1, 2], "assistant": [1, 2]}


def test_one_person_does_not_serve_two_roles_at_once():
    needs = Needs(TWO, TWO_OF)
    assert needs.free_starts({1: ALL_DAY}) == 0
    assert needs.free_starts({1: free((540, 570)), 2: ALL_DAY}) == free((540, 545))


def test_one_person_may_serve_two_roles_one_after_the_other():
    needs = Needs([Phase("assistant", 0, 30), Phase("practitioner", 30, 60)], TWO_OF)

    assert needs.assign(540, {1: ALL_DAY}) == {"assistant": 1, "practitioner": 1}


def test_who_is_preferred_is_assigned_first():
    day = {1: ALL_DAY, 2: ALL_DAY, 3: free((540, 570))}
    needs = Needs([Phase("practitioner", 0, 30)], {"practitioner": [1, 2, 3]})

    assert needs.assign(540, day) == {"practitioner": 1}
    assert needs.assign(540, day, preferred=[3, 2]) == {"practitioner": 2}
    assert needs.assign(600, day, preferred=[3]) == {"practitioner": 1}


def test_a_preferred_resource_yields_where_only_it_can_serve_another_role():
    needs = Needs(TWO, {"practitioner": [1, 2], "assistant": [1]})

    found = needs.assign(540, {1: ALL_DAY, 2: ALL_DAY}, preferred=[1])

    assert found == {"practitioner": 2, "assistant": 1}


PHASES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.integers(1, 90)).map(
        lambda drawn: Phase(drawn[0], drawn[1], drawn[1] + drawn[2])
    ),
    min_size=1,
    max_size=4,
)
CANDIDATES = st.fixed_dictionaries(
    {role: st.lists(st.integers(1, 4), max_size=3) for role in "abc"}
)


@quick
@given(PHASES, CANDIDATES, DAYS)
def test_a_start_is_free_just_when_it_can_be_assigned(phases, candidates, day):
    needs = Needs(phases, candidates)
    found = set(minutes_of(needs.free_starts(day)))

    for minute in range(0, DAY_MINUTES, 5):
        resources = needs.assign(minute, day)
        assert (resources is not None) == (minute in found)
        assert resources is None or needs.is_served(minute, day, resources)


@quick
@given(PHASES, CANDIDATES, DAYS)
def test_starts_told_apart_by_resource_are_those_with_it_given(phases, candidates, day):
    needs = Needs(phases, candidates)
    role = phases[0].role

    for resource, bits in needs.starts_by(role, day).items():
        assert bits
        assert set(minutes_of(bits)) == {
            minute
            for minute in range(0, DAY_MINUTES, 5)
            if needs.assign(minute, day, given={role: resource}) is not None
        }
    together = 0
    for bits in needs.starts_by(role, day).values():
        together |= bits
    assert together == needs.free_starts(day)


def test_exactly_the_named_resources_must_be_free():
    needs = Needs(TWO, TWO_OF)
    day = {1: ALL_DAY, 2: free((540, 570)), 3: ALL_DAY}

    assert needs.is_served(540, day, {"practitioner": 1, "assistant": 2})
    assert not needs.is_served(600, day, {"practitioner": 1, "assistant": 2})
    assert not needs.is_served(540, day, {"practitioner": 1, "assistant": 1})
    assert not needs.is_served(540, day, {"practitioner": 1})
    assert not needs.is_served(540, day, {"practitioner": 1, "assistant": 3})
