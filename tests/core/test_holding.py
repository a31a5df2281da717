"""Roles read back from what a visit holds."""

from plans.core.availability import Phase
from plans.core.holding import roles_of

TWO_DEVICES = (Phase("device", 0, 20), Phase("device_2", 20, 60), Phase("room", 0, 60))


def test_each_resource_serves_the_role_of_its_kind_and_time():
    held = roles_of([(9, "device", 20, 60), (8, "device", 0, 20), (7, "room", 0, 60)], TWO_DEVICES)
    assert held.resources == {"device": 8, "device_2": 9, "room": 7}
    assert held.phases == TWO_DEVICES


def test_a_visit_of_another_length_has_the_same_roles():
    held = roles_of([(9, "device", 20, 90), (8, "device", 0, 20), (7, "room", 0, 90)], TWO_DEVICES)
    assert held.resources == {"device": 8, "device_2": 9, "room": 7}
    assert held.phases[1] == Phase("device_2", 20, 90)


def test_a_role_that_nothing_serves_is_left_out():
    assert roles_of([(7, "room", 0, 60)], TWO_DEVICES).resources == {"room": 7}


def test_what_the_rules_do_not_ask_for_is_named_by_its_kind():
    held = roles_of([(1, "room", 0, 30), (2, "room", 0, 30)], ())
    assert held.resources == {"room": 1, "room_2": 2}
