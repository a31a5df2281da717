import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import Phase, open_bits
from plans.core.replan import replan
from plans.core.series import Booked, Judgement, Wish
from plans.core.spacing import Interval, Period, Window, window_after

NURSE, OTHER = 1, 2
TEN_TO_SIX = open_bits([(600, 1080)])


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def booked_on(text: str, start: int = 660) -> Booked:
    return Booked(on(text), start, start + 30, {"practitioner": NURSE})


def only(day: str) -> Window:
    return Window(on(day), on(day), on(day))


BEFORE = {
    2: booked_on("2027-01-11"),
    3: booked_on("2027-01-25"),
    4: booked_on("2027-02-08"),
    5: booked_on("2027-02-22"),
}
INTERVAL = Interval(Period(10, "days"), Period(14, "days"), Period(28, "days"))
MOVE = Wish(
    count=4,
    first=only("2027-01-13"),
    interval=INTERVAL,
    phases=(Phase("practitioner", 0, 30),),
    candidates={"practitioner": (NURSE, OTHER)},
    first_ordinal=2,
)


def weekdays(
    absent: Mapping[int, str] | None = None,
) -> Callable[[dt.date], Mapping[int, int]]:
    """Both work on weekdays from 10 to 18; `absent`: a day off by resource."""

    def free(day: dt.date) -> Mapping[int, int]:
        away = {resource for resource, text in (absent or {}).items() if on(text) == day}
        present = {NURSE, OTHER} - away
        return dict.fromkeys(present, TEN_TO_SIX) if day.isoweekday() < 6 else {}

    return free


def never_objects(day: dt.date) -> Judgement:
    return Judgement()


def gaps(changes):
    return [(change.gap_before, change.gap_after) for change in changes]


def dates(changes):
    return [change.after.day.isoformat() for change in changes]


def test_shifting_counts_all_later_sessions_from_the_moved_one():
    found = replan(MOVE, BEFORE, weekdays(), never_objects, mode="shift", previous=on("2026-12-28"))

    assert dates(found.changes) == ["2027-01-13", "2027-01-27", "2027-02-10", "2027-02-24"]
    assert gaps(found.changes) == [(14, 16), (14, 14), (14, 14), (14, 14)]
    assert all(change.is_moved for change in found.changes)


def test_keeping_moves_nothing_that_is_still_legal():
    found = replan(MOVE, BEFORE, weekdays(), never_objects, mode="keep")

    assert dates(found.changes) == ["2027-01-13", "2027-01-25", "2027-02-08", "2027-02-22"]
    assert [change.is_moved for change in found.changes] == [True, False, False, False]
    assert gaps(found.changes) == [(None, None), (14, 12), (14, 14), (14, 14)]


def test_keeping_moves_only_what_came_too_near():
    wish = replace(MOVE, first=only("2027-01-18"))

    found = replan(wish, BEFORE, weekdays(), never_objects, mode="keep")

    # the 3rd can go no earlier than 28 January, and the 4th still fits behind it
    assert dates(found.changes) == ["2027-01-18", "2027-01-29", "2027-02-08", "2027-02-22"]
    assert [change.ordinal for change in found.changes if change.is_moved] == [2, 3]


def test_a_kept_session_is_moved_when_its_practitioner_is_absent():
    absent = {NURSE: "2027-02-08"}

    found = replan(MOVE, BEFORE, weekdays(absent), never_objects, mode="keep")

    assert dates(found.changes)[1:] == ["2027-01-25", "2027-02-08", "2027-02-22"]
    third = found.changes[2]
    assert third.is_moved
    assert third.after.practitioner == OTHER


def test_a_kept_session_is_moved_when_screening_now_forbids_it():
    def forbids(day: dt.date) -> Judgement:
        return Judgement(blocked=day == on("2027-02-08"))

    found = replan(MOVE, BEFORE, weekdays(), forbids, mode="keep")

    assert [change.ordinal for change in found.changes if change.is_moved] == [2, 4]


def test_a_session_keeps_its_hour_unless_the_wish_says_else():
    found = replan(MOVE, BEFORE, weekdays(), never_objects, mode="shift")
    later = replan(replace(MOVE, around=900), BEFORE, weekdays(), never_objects, mode="shift")

    assert {change.after.start_minute for change in found.changes} == {660}
    assert {change.after.start_minute for change in later.changes} == {900}


def test_a_session_not_booked_before_has_no_gap_before():
    before = {2: BEFORE[2], 4: BEFORE[4]}

    found = replan(MOVE, before, weekdays(), never_objects, mode="shift", previous=on("2026-12-28"))

    assert [change.before for change in found.changes] == [before[2], None, before[4], None]
    assert [change.gap_before for change in found.changes] == [14, None, None, None]
    assert found.changes[1].is_moved


def test_nothing_booked_before_is_planned_from_the_morning():
    found = replan(MOVE, {}, weekdays(), never_objects, mode="keep")

    assert {change.after.start_minute for change in found.changes} == {600}


def test_fixed_sessions_stay_in_both_modes():
    fixed = {4: booked_on("2027-02-12")}
    wish = replace(MOVE, fixed=fixed)

    for mode in ("shift", "keep"):
        found = replan(wish, BEFORE, weekdays(), never_objects, mode=mode)
        assert found.changes[2].after.day == on("2027-02-12")
        assert found.changes[2].is_moved  # against where it was booked


def test_another_room_alone_is_a_move():
    wish = replace(MOVE, count=1, first=only("2027-01-11"))
    absent = {NURSE: "2027-01-11"}

    found = replan(wish, BEFORE, weekdays(absent), never_objects, mode="shift")

    assert found.changes[0].is_moved
    stays = replan(wish, BEFORE, weekdays(), never_objects, mode="shift")
    assert not stays.changes[0].is_moved


def test_a_move_that_leaves_no_place_says_which_session_and_why():
    def blocks_february(day: dt.date) -> Judgement:
        return Judgement(blocked=day >= on("2027-02-01"))

    found = replan(MOVE, BEFORE, weekdays(), blocks_february, mode="keep")

    assert (found.changes, found.offer) == ((), None)
    assert found.impossible is not None
    assert (found.impossible.ordinal, found.impossible.constraint) == (4, "screening")


@pytest.mark.parametrize("mode", ["shift", "keep"])
@given(st.dates(on("2027-01-04"), on("2027-02-12")).filter(lambda day: day.isoweekday() < 6))
def test_gaps_after_a_move_lie_within_the_interval(mode, day):
    wish = replace(MOVE, first=Window(day, day, day))

    found = replan(wish, BEFORE, weekdays(), never_objects, mode=mode)

    previous = None
    for change in found.changes:
        if previous is not None:
            assert change.after.day in window_after(previous, INTERVAL)
        previous = change.after.day
    assert found.changes[0].after.day == day


@given(st.dates(on("2027-01-04"), on("2027-02-12")).filter(lambda day: day.isoweekday() < 6))
def test_keeping_never_moves_more_sessions_than_shifting(day):
    wish = replace(MOVE, first=Window(day, day, day))

    moved = {
        mode: sum(
            change.is_moved
            for change in replan(wish, BEFORE, weekdays(), never_objects, mode=mode).changes
        )
        for mode in ("shift", "keep")
    }

    assert moved["keep"] <= moved["shift"]
