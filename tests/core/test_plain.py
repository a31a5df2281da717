"""Values of the core as programs are told them."""

import datetime as dt

from plans.core.offers import Cost
from plans.core.plain import (
    cost_number,
    plain_line,
    plain_need,
    plain_nested,
    plain_step,
    plain_window,
)
from plans.core.ruleset import LineRule, NeedRule, Step
from plans.core.spacing import Period, Window

DAY = dt.date(2026, 11, 26)


def cost(**parts: int) -> Cost:
    named = {"sessions_moved": 0, "days_off": 0, "wishes_missed": 0, "cautions": 0}
    return Cost(**named | {"practitioner_changes": 0, "minutes_off": 0} | parts, last_day=DAY)


def test_days_off_target_come_first_in_the_number_of_a_cost():
    assert cost_number(cost(days_off=4)) == 4
    assert cost_number(cost(days_off=4, wishes_missed=2)) == 4.02
    told = [
        cost(practitioner_changes=300), cost(cautions=1), cost(wishes_missed=1),
        cost(days_off=1), cost(days_off=1, wishes_missed=2000),
    ]  # fmt: skip
    numbers = [cost_number(each) for each in told]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2


def test_paths_become_places_and_periods_are_told_whole():
    found = plain_nested({"name": {"en": "x"}, "interval.min": Period(3, "months"), "age.min": 18})

    assert found == {"interval": {"min": {"value": 3, "unit": "months"}}, "age": {"min": 18}}


def test_the_parts_of_a_procedure_are_told_by_their_names():
    need = plain_need(NeedRule("room", "water", 0, 80))
    assert need == {"kind": "room", "capability": "water", "from_minute": 0, "to_minute": 80}
    line = LineRule("drug", "temporary", Period(6, "months"), "article", "clinic", "note")
    assert plain_line(line, {"drug": "Drug"}) | {"washout": 0} == {
        "fact": "drug", "name": "Drug", "severity": "temporary", "washout": 0,
        "source": "article", "washout_source": "clinic", "note": "note",
    }  # fmt: skip
    assert plain_line(line, {})["name"] == "drug"
    step = plain_step(Step(True, "avoid", -3, None, False, {"en": "No sun"}))
    assert (step["from_day"], step["to_day"], step["text"]) == (-3, None, {"en": "No sun"})


def test_a_window_is_told_by_its_three_days():
    window = Window(DAY, DAY + dt.timedelta(days=2), DAY + dt.timedelta(days=9))
    assert [day.day for day in plain_window(window).values()] == [26, 28, 5]
