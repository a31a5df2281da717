"""Acts that travel from a page to a service."""

import json
from dataclasses import replace

import pytest

from plans.core.acts import Act, Step, act_of, unpacked
from plans.core.cascade import cascade
from plans.core.scene import Fault
from tests.core.scenes import at, loose, scene

MOVE = Act("move", 7, 31, "shift", (Step(12, at("2026-12-09"), 31), Step(13, at("2026-12-23"), 32)))


def test_an_act_comes_back_as_it_went():
    assert unpacked(json.loads(json.dumps(MOVE.packed()))) == MOVE


THREE = ("2026-11-23", "2026-12-07", "2026-12-21")


def split():
    made = scene(*THREE, loose=(loose(-1, after=12),))
    return replace(made, state={**made.state, -1: at(THREE[1], 660)})


def test_a_part_of_a_move_holds_the_visit_itself():
    assert [step.key for step in MOVE.part(scene(*THREE), 12, []).steps] == [12]
    assert [step.key for step in MOVE.part(scene(*THREE), 12, [13]).steps] == [12, 13]


def test_a_part_holds_the_second_parts_of_what_it_moves():
    act = Act("move", 7, 31, steps=(Step(12, at("2026-12-09")), Step(-1, at("2026-12-09", 660))))
    assert act.part(split(), 12, []) == act


def test_all_new_dates_of_a_cancelled_visit_may_be_declined():
    act = Act("cancelled", 7, 31, steps=(Step(12, at("2026-12-09")),))
    assert act.part(scene(*THREE), 12, []).steps == ()
    assert act.part(scene(*THREE), 12, [12]) == act


def test_what_is_cancelled_stands_nowhere_nor_does_its_second_part():
    assert Act("cancelled", 7, 31).outcome(split(), 12).keys() == {11, 13}
    assert Act("cancelled", 7, 31).outcome(split(), 13).keys() == {11, 12, -1}


def test_what_moves_stands_where_the_act_says():
    assert MOVE.outcome(scene(*THREE), 12)[13] == at("2026-12-23")


def test_a_split_visit_ends_where_it_is_split():
    made = scene(*THREE, loose=(loose(0, after=12, minutes=10),))
    act = Act("split", 7, 31, steps=(Step(0, at(THREE[1], 660, 10)),), at=20)
    after = act.outcome(made, 12)
    assert (after[12].end_minute, after[0].start_minute) == (620, 660)


def test_only_a_later_session_behind_its_window_may_be_left_there():
    stay = replace(MOVE, mode="stay")
    assert stay.leaves_behind(Fault(13, "late"), 12)
    assert not stay.leaves_behind(Fault(12, "late"), 12)
    assert not stay.leaves_behind(Fault(13, "early"), 12)
    assert not MOVE.leaves_behind(Fault(13, "late"), 12)


def test_a_plan_becomes_an_act_with_all_that_moves():
    plan = cascade(scene(*THREE), 12, at("2026-12-14"))
    act = act_of("move", plan, 7, {12: 31, 13: 32})
    assert [(step.key, step.version) for step in act.steps] == [(12, 31), (13, 32)]
    assert act.outcome(scene(*THREE), 12) == plan.state


def test_the_days_of_an_act_are_those_it_takes():
    assert [day.isoformat() for day in MOVE.days] == ["2026-12-09", "2026-12-23"]


@pytest.mark.parametrize(
    "values",
    [
        [],
        "junk",
        ["sell", 7, 31, "keep", 0, []],
        ["move", 7, 31, "never", 0, []],
        ["move", 7, 31, "keep", 0, [[1]]],
        ["move", 7, 31, "keep", 0, [[1, 2, "never", 0, 30, {}]]],
    ],
)
def test_what_is_no_act_is_refused(values):
    with pytest.raises((TypeError, ValueError)):
        unpacked(values)
