"""Several procedures on one day, in a row."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plans.core.availability import Phase, open_bits
from plans.core.combined import (
    MOST,
    Combination,
    NoCombination,
    Part,
    Together,
    combine,
    in_a_row,
    keep_apart,
)
from plans.core.offers import Judgement
from plans.core.spacing import Period
from tests.core.brute_force import minutes_in
from tests.core.small_catalogue import BOOK

MONDAY = dt.date(2026, 11, 9)
WEISS, BRANDT, ROOM, OTHER_ROOM, LAMP = 1, 2, 3, 4, 5
PEOPLE, ROOMS = (WEISS, BRANDT), (ROOM, OTHER_ROOM)
PEEL = Part(
    (Phase("room", 0, 60), Phase("practitioner", 30, 60)), {"practitioner": PEOPLE, "room": ROOMS}
)
MASK = Part((Phase("room", 0, 30), Phase("practitioner", 0, 30)), PEEL.candidates)
LIGHT = Part((Phase("room", 0, 20), Phase("device", 0, 20)), {"room": ROOMS, "device": (LAMP,)})
ASKED = Together((PEEL, MASK), MONDAY, MONDAY + dt.timedelta(days=10), every=30)
ALL_DAY = open_bits([(540, 1020)])


def always(day: dt.date) -> dict[int, int]:
    return dict.fromkeys((WEISS, BRANDT, ROOM, OTHER_ROOM, LAMP), ALL_DAY)


def fine(part: int, day: dt.date) -> Judgement:
    return Judgement()


def best_of(asked: Together, days=always, judge=fine) -> Combination:
    return combine(asked, days, judge)[0][0]


def test_the_phases_of_the_second_begin_where_the_first_ends():
    phases, candidates = in_a_row((PEEL, MASK))

    assert phases[2:] == (Phase("1.room", 60, 90), Phase("1.practitioner", 60, 90))
    assert candidates["1.room"] == ROOMS


def test_one_arrival_one_practitioner_one_room():
    best = best_of(ASKED)

    assert best.day == MONDAY
    first, second = best.stretches
    assert (first.start_minute, first.end_minute, second.end_minute) == (540, 600, 630)
    assert second.start_minute == first.end_minute
    assert first.resources == second.resources == {"practitioner": WEISS, "room": ROOM}


def test_another_order_is_taken_where_only_that_one_fits():
    def late_people(day: dt.date) -> Mapping[int, int]:
        people = open_bits([(540, 570), (600, 630)])
        return {**always(day), WEISS: people, BRANDT: 0}

    best = best_of(ASKED, late_people)

    assert [stretch.part for stretch in best.stretches] == [1, 0]
    assert best.stretches[0].start_minute == 540


def test_two_people_share_a_visit_rather_than_another_day():
    def one_each(day: dt.date) -> Mapping[int, int]:
        return {**always(day), WEISS: open_bits([(570, 600)]), BRANDT: open_bits([(600, 630)])}

    best = best_of(ASKED, one_each)

    assert best.price.other_people == 1
    assert {stretch.practitioner for stretch in best.stretches} == {WEISS, BRANDT}
    only = replace(ASKED, practitioner=WEISS, practitioner_only=True)
    offers, problem = combine(only, one_each, fine)
    assert offers == ()
    assert problem is not None
    assert problem.constraint == "no_common_time"


def test_wishes_come_before_an_earlier_day_and_give_way_when_no_day_has_them():
    def brandt_on_wednesdays(day: dt.date) -> Mapping[int, int]:
        return {**always(day), BRANDT: ALL_DAY if day.isoweekday() == 3 else 0}

    wish = replace(ASKED, practitioner=BRANDT, part_of_day=(720, 1440))
    best = best_of(wish, brandt_on_wednesdays)
    assert best.day.isoweekday() == 3
    assert best.stretches[0].start_minute == 720

    lost = best_of(replace(wish, weekdays=frozenset({1})), brandt_on_wednesdays)
    assert lost.day == MONDAY
    assert lost.price.wishes_missed == 1


def test_three_choices_differ_in_people_time_or_day():
    offers, problem = combine(ASKED, always, fine)

    assert problem is None
    assert len(offers) == 3
    assert offers[1].people == {BRANDT}
    assert offers[2].day > MONDAY or offers[2].stretches[0].start_minute >= 660


def test_a_day_that_one_of_them_may_not_have_is_passed_over():
    def mask_waits(part: int, day: dt.date) -> Judgement:
        return Judgement(blocked=part == 1 and day < MONDAY + dt.timedelta(2), reasons=("gap:a>b",))

    assert best_of(ASKED, judge=mask_waits).day == MONDAY + dt.timedelta(2)


def test_a_gap_that_forbids_the_same_day_is_named_whatever_the_day():
    found = keep_apart(BOOK, (("peel", frozenset()), ("laser", frozenset())), MONDAY)

    assert [(part, each.rule, each.spacing) for part, each in found] == [
        (0, "gap:laser>deep", Period(4, "weeks"))
    ]


def test_what_no_gap_parts_and_other_areas_may_share_a_day():
    chin, cheeks = frozenset({"chin"}), frozenset({"cheeks"})

    assert keep_apart(BOOK, (("peel", chin), ("light", chin)), MONDAY) == ()
    assert keep_apart(BOOK, (("peel", chin), ("laser", cheeks)), MONDAY) == ()


def test_a_rule_that_blocks_every_day_is_named():
    def never(part: int, day: dt.date) -> Judgement:
        return Judgement(blocked=part == 1, reasons=("gap:deep>laser",) if part == 1 else ())

    offers, problem = combine(ASKED, always, never, look_ahead=30)

    assert offers == ()
    assert problem == NoCombination("screening", ("gap:deep>laser",))


def test_healing_of_each_keeps_an_occasion_clear():
    asked = replace(
        ASKED,
        parts=(replace(PEEL, healing=Period(3, "days")), MASK),
        occasions=(MONDAY + dt.timedelta(2),),
    )

    assert best_of(asked).day == MONDAY + dt.timedelta(3)
    offers, problem = combine(replace(asked, last=MONDAY), always, fine, look_ahead=10)
    assert offers == ()
    assert problem is not None
    assert (problem.constraint, problem.earliest) == ("occasion", MONDAY + dt.timedelta(3))


def test_nobody_there_and_nobody_free_are_told_apart():
    assert combine(ASKED, lambda day: {}, fine)[1].constraint == "closed"
    busy = {WEISS: 0, BRANDT: 0, ROOM: ALL_DAY}
    assert combine(ASKED, lambda day: busy, fine)[1].constraint == "no_common_time"


def test_a_caution_is_carried_with_its_part():
    def caution(part: int, day: dt.date) -> Judgement:
        return Judgement(level=1, reasons=("ci:mask:sun",)) if part == 1 else Judgement()

    best = best_of(ASKED, judge=caution)
    assert {s.part: s.reasons for s in best.stretches} == {0: (), 1: ("ci:mask:sun",)}
    assert best.price.cautions == 1


@pytest.mark.parametrize("count", [1, MOST + 1])
def test_a_combined_visit_has_two_to_four_procedures(count):
    with pytest.raises(ValueError, match="2 to 4"):
        replace(ASKED, parts=(MASK,) * count)


RANGES = st.sampled_from(
    [(), ((540, 660),), ((540, 600),), ((600, 720),), ((540, 570), (630, 720))]
)
DAYS = st.fixed_dictionaries(dict.fromkeys((WEISS, BRANDT, ROOM, OTHER_ROOM, LAMP), RANGES))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    DAYS,
    st.sampled_from([(PEEL, MASK), (MASK, LIGHT), (LIGHT, PEEL, MASK)]),
    st.sampled_from([None, BRANDT]),
    st.sampled_from([frozenset(), frozenset({OTHER_ROOM})]),
)
def test_the_best_of_a_day_costs_what_the_best_of_all_visits_costs(ranges, parts, person, rooms):
    asked = replace(ASKED, parts=parts, last=MONDAY, practitioner=person, rooms=rooms)
    bits = {pk: open_bits(free) for pk, free in ranges.items()}

    offers, _problem = combine(asked, lambda day: bits, fine)

    costs = [
        _cost(asked, order, start, served)
        for order in permutations(range(len(parts)))
        for start in range(0, 1440, 30)
        for served in _services(parts, order)
        if _is_free(parts, order, start, served, ranges)
    ]
    if not costs:
        assert offers == ()
    else:
        price = offers[0].price
        least = min(costs)
        assert (price.wishes_missed, price.other_people, price.other_rooms, price.minute) == least


def _services(parts, order):
    """Every way to give each role of each part a resource."""
    roles = [(n, role) for n in order for role in sorted({p.role for p in parts[n].phases})]
    able = [parts[n].candidates[role] for n, role in roles]
    return [dict(zip(roles, chosen, strict=True)) for chosen in product(*able)]


def _is_free(parts, order, start, served, ranges) -> bool:
    begins = start
    for n in order:
        for phase in parts[n].phases:
            held = set(range(begins + phase.from_minute, begins + phase.to_minute))
            if not held <= minutes_in(ranges[served[n, phase.role]]):
                return False
        begins += parts[n].minutes
    return True


def _cost(asked, order, start, served):
    people = {one for (_n, role), one in served.items() if role == "practitioner"}
    rooms = {one for (_n, role), one in served.items() if role == "room"}
    missed = (asked.practitioner is not None and people != {asked.practitioner}) + (
        bool(asked.rooms) and not rooms <= asked.rooms
    )
    return missed, max(len(people) - 1, 0), max(len(rooms) - 1, 0), start
