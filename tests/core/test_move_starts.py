"""Where a visit that moves could begin."""

from dataclasses import replace

from plans.core.move_starts import Start, days_near, nearest_start, starts_on
from tests.core.scenes import NURSE, OTHER, ROOM, at, loose, on, scene, weekdays

THREE = ("2026-11-23", "2026-12-07", "2026-12-21")
DAY = on("2026-12-09")


def with_nurse(minute: int) -> Start:
    return Start(minute, {"practitioner": NURSE, "room": ROOM})


def split():
    made = scene(*THREE, loose=(loose(-1, after=12),))
    return replace(made, state={**made.state, -1: at(THREE[1], 660)})


def test_starts_are_a_quarter_of_an_hour_apart_those_with_the_present_people_first():
    found = starts_on(scene(*THREE), 12, DAY, [NURSE, ROOM])
    assert [start.minute for start in found[:3]] == [540, 555, 570]
    people = [start.resources["practitioner"] for start in found]
    assert people == [NURSE] * 31 + [OTHER] * 31


def test_a_minute_off_the_grid_is_offered_when_it_is_asked_for():
    assert 605 in {start.minute for start in starts_on(scene(*THREE), 12, DAY, [], 605)}
    assert 605 not in {start.minute for start in starts_on(scene(*THREE), 12, DAY, [])}
    assert len(starts_on(scene(*THREE), 12, DAY, [], 9999)) == 62


def test_the_present_start_is_offered_on_its_own_day():
    made = scene(*THREE)
    made = replace(made, state={**made.state, 12: at(THREE[1], 605)})
    assert 605 in {start.minute for start in starts_on(made, 12, on(THREE[1]), [])}


def test_nothing_is_offered_while_the_patient_is_elsewhere():
    others = {2: ("laser", at(DAY, 600))}
    minutes = {start.minute for start in starts_on(scene(*THREE, others=others), 12, DAY, [])}
    assert {570, 630} <= minutes
    assert minutes.isdisjoint({585, 600, 615})


def test_the_second_part_of_a_visit_begins_after_the_first_on_its_day():
    assert starts_on(split(), -1, on(THREE[1]), [])[0].minute == 630
    assert starts_on(split(), -1, DAY, []) == ()
    assert days_near(split(), -1, on(THREE[1]), with_nurse(660)) == ()


def test_a_visit_without_a_practitioner_starts_when_its_room_is_free():
    made = scene(*THREE, loose=(loose(-5),))
    room_only = replace(
        made.loose[0], phases=made.loose[0].phases[1:], candidates={"room": (ROOM,)}
    )
    made = replace(made, loose=(room_only,), state={**made.state, -5: at(THREE[0], room=ROOM)})
    assert starts_on(made, -5, DAY, [])[0] == Start(540, {"room": ROOM})


def test_the_nearest_start_is_with_those_who_were_asked_for():
    starts = [with_nurse(540), Start(600, {"practitioner": OTHER, "room": ROOM})]
    assert nearest_start(starts, 600, [NURSE, ROOM]) == starts[0]
    assert nearest_start(starts, 600, [ROOM]) == starts[1]
    assert nearest_start([], 600, [ROOM]) is None


def test_days_nearby_are_in_the_window_with_the_same_person_and_half_of_the_day():
    made = scene(*THREE, days=weekdays({NURSE: ["2026-12-10"]}))
    assert days_near(made, 12, DAY, with_nurse(600)) == tuple(
        map(on, ("2026-12-07", "2026-12-08", "2026-12-11"))
    )
    assert days_near(made, 12, on("2026-12-03"), with_nurse(600), most=1) == (on("2026-12-04"),)


def test_days_nearby_are_allowed_by_the_rules():
    made = scene("2026-11-23", others={2: ("toxin", at("2026-12-07", 660))})
    found = days_near(made, 21, on("2026-12-07"), with_nurse(600), most=5)
    assert min(found) == on("2026-12-08")


def test_fewer_days_nearby_than_asked_for_are_all_there_are():
    assert len(days_near(scene(*THREE), 12, DAY, with_nurse(600), most=99)) == 11


def test_a_consultation_may_stand_on_any_day():
    made = scene(*THREE, loose=(loose(-5),))
    made = replace(made, state={**made.state, -5: at("2026-11-24")})
    assert days_near(made, -5, on("2026-11-24"), with_nurse(600), most=1) == (on("2026-11-23"),)
