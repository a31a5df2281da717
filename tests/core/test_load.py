"""How full a day is, in minutes."""

import datetime as dt

import pytest

from plans.core.load import Load, load, loads

DAY = dt.date(2026, 11, 26)


def test_blocked_time_is_no_open_time():
    assert load([(540, 1020)], [(600, 680)], [(720, 780)]) == Load(80, 420)


def test_overtime_counts_as_open():
    assert load([(540, 600)], [(570, 660)]) == Load(90, 120)


@pytest.mark.parametrize(
    ("each", "level"),
    [
        (Load(), "closed"),
        (Load(0, 480), "free"),
        (Load(60, 480), "some"),
        (Load(360, 480), "nearly"),
        (Load(475, 480), "full"),
        (Load(30, 0), "full"),
    ],
)
def test_each_share_has_its_word(each, level):
    assert each.level == level


def test_resources_of_a_kind_are_added_up():
    open_ = {DAY: {1: [(540, 600)], 2: [(540, 600)], 3: [(0, 600)]}}
    found = loads(open_, {(DAY, 1): [(540, 570)]}, {(DAY, 2): [(540, 600)]}, {1: "room", 2: "room"})
    assert found == {DAY: {"room": Load(30, 60)}}
