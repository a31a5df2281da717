"""Visits shortened, lengthened and split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import Phase
from plans.core.lengths import length_of, resized, shortest, split_at, split_points

ROOM, PERSON, DEVICE = Phase("room", 0, 80), Phase("practitioner", 30, 80), Phase("device", 40, 60)
VISIT = (ROOM, PERSON, DEVICE)


@st.composite
def visits(draw):
    """Phases on the diary's grid, one of them from the start, as catalogues have them."""
    whole = draw(st.integers(1, 40))
    phases = [Phase("room", 0, whole * 5)]
    for role in draw(st.sets(st.sampled_from(["practitioner", "device"]))):
        start = draw(st.integers(0, whole - 1))
        end = draw(st.integers(start + 1, whole))
        phases.append(Phase(role, start * 5, end * 5))
    return tuple(phases)


def held(phases):
    """(role, minute) of every minute held."""
    return {(p.role, minute) for p in phases for minute in range(p.from_minute, p.to_minute)}


def test_a_longer_visit_lengthens_what_reaches_its_end_only():
    assert resized(VISIT, 95) == (Phase("room", 0, 95), Phase("practitioner", 30, 95), DEVICE)


def test_a_shorter_visit_leaves_the_numbing_as_it_is():
    assert resized(VISIT, 65) == (Phase("room", 0, 65), Phase("practitioner", 30, 65), DEVICE)


def test_no_phase_outlasts_a_shortened_visit():
    assert resized(VISIT, 50)[2] == Phase("device", 40, 50)


def test_a_visit_of_the_same_length_is_the_same():
    assert resized(VISIT, 80) == VISIT


@pytest.mark.parametrize("minutes", [40, 0, -5, 52, 24 * 60 + 5])
def test_a_length_that_is_none_is_refused(minutes):
    with pytest.raises(ValueError, match="no length"):
        resized(VISIT, minutes)


def test_the_shortest_visit_leaves_each_phase_five_minutes():
    assert shortest(VISIT) == 45
    assert shortest((Phase("room", 0, 50), Phase("practitioner", 12, 50))) == 20


def test_a_visit_without_phases_has_no_length():
    with pytest.raises(ValueError, match="at least one"):
        length_of(())


def test_a_split_visit_goes_on_where_it_stopped():
    first, rest = split_at(VISIT, 50)
    assert first == (Phase("room", 0, 50), Phase("practitioner", 30, 50), Phase("device", 40, 50))
    assert rest == (Phase("room", 0, 30), Phase("practitioner", 0, 30), Phase("device", 0, 10))


@pytest.mark.parametrize("minute", [0, 80, 85, 52, -5])
def test_a_visit_is_split_between_its_ends_and_on_the_grid(minute):
    with pytest.raises(ValueError, match="cannot be split"):
        split_at(VISIT, minute)


def test_no_part_of_a_phase_is_shorter_than_five_minutes():
    odd = (Phase("room", 0, 30), Phase("practitioner", 12, 30))
    assert split_points(odd) == (5, 10, 20, 25)
    with pytest.raises(ValueError, match="cannot be split"):
        split_at(odd, 15)


def test_a_visit_is_not_split_in_a_pause():
    assert split_points((Phase("room", 0, 10), Phase("room", 20, 30))) == (5, 25)


@given(visits(), st.integers(1, 60))
def test_every_phase_keeps_its_start_and_its_least(phases, steps):
    minutes = steps * 5
    if minutes < shortest(phases):
        with pytest.raises(ValueError, match="no length"):
            resized(phases, minutes)
        return
    changed = resized(phases, minutes)
    assert length_of(changed) == minutes
    assert [p.from_minute for p in changed] == [p.from_minute for p in phases]
    assert all(p.to_minute - p.from_minute >= 5 for p in changed)


@given(visits(), st.data())
def test_the_two_parts_hold_what_the_whole_held(phases, data):
    points = split_points(phases)
    if not points:
        return
    minute = data.draw(st.sampled_from(points))
    first, rest = split_at(phases, minute)
    later = {(role, at + minute) for role, at in held(rest)}
    assert held(first) | later == held(phases)
    assert held(first).isdisjoint(later)
    assert length_of(first) + length_of(rest) == length_of(phases)
