import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import Phase, open_bits
from plans.core.problems import Impossible
from plans.core.replan import Mode, replan
from plans.core.series import Booked, Judgement, Place, Wish
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


def placed(
    wish: Wish = MOVE,
    booked: Mapping[int, Booked] = BEFORE,
    days: Callable[[dt.date], Mapping[int, int]] | None = None,
    *,
    mode: Mode = "keep",
) -> tuple[Place, ...]:
    """Where the sessions go, where nothing but the diary forbids a day."""
    found = replan(wish, booked, days or weekdays(), never_objects, mode=mode)
    assert not isinstance(found, Impossible)
    return found


def dates(places: Iterable[Place]) -> list[str]:
    return [place.day.isoformat() for place in places]


def moved(places: Iterable[Place], before: Mapping[int, Booked] = BEFORE) -> list[int]:
    """The ordinals of those that stand otherwise than before."""
    return [p.ordinal for p in places if as_booked(p) != before.get(p.ordinal)]


def as_booked(place: Place) -> Booked:
    return Booked(place.day, place.start_minute, place.end_minute, dict(place.resources))


def test_shifting_counts_all_later_sessions_from_the_moved_one():
    found = placed(mode="shift")

    assert dates(found) == ["2027-01-13", "2027-01-27", "2027-02-10", "2027-02-24"]
    assert moved(found) == [2, 3, 4, 5]


def test_keeping_moves_nothing_that_is_still_legal():
    found = placed()

    assert dates(found) == ["2027-01-13", "2027-01-25", "2027-02-08", "2027-02-22"]
    assert moved(found) == [2]


def test_keeping_moves_only_what_came_too_near():
    found = placed(replace(MOVE, first=only("2027-01-18")))

    # the 3rd can go no earlier than 28 January, and the 4th still fits behind it
    assert dates(found) == ["2027-01-18", "2027-01-29", "2027-02-08", "2027-02-22"]
    assert moved(found) == [2, 3]


def test_a_kept_session_is_moved_when_its_practitioner_is_absent():
    found = placed(days=weekdays({NURSE: "2027-02-08"}))

    assert dates(found)[1:] == ["2027-01-25", "2027-02-08", "2027-02-22"]
    assert moved(found) == [2, 4]
    assert found[2].practitioner == OTHER


def test_a_kept_session_is_moved_when_screening_now_forbids_it():
    def forbids(day: dt.date) -> Judgement:
        return Judgement(blocked=day == on("2027-02-08"))

    found = replan(MOVE, BEFORE, weekdays(), forbids, mode="keep")

    assert not isinstance(found, Impossible)
    assert moved(found) == [2, 4]


def test_a_session_keeps_its_hour_unless_the_wish_says_else():
    found = placed(mode="shift")
    later = placed(replace(MOVE, around=900), mode="shift")

    assert {place.start_minute for place in found} == {660}
    assert {place.start_minute for place in later} == {900}


def test_a_session_not_booked_before_is_placed_with_the_others():
    before = {2: BEFORE[2], 4: BEFORE[4]}

    found = placed(booked=before, mode="shift")

    assert dates(found) == ["2027-01-13", "2027-01-27", "2027-02-10", "2027-02-24"]


def test_nothing_booked_before_is_planned_from_the_morning():
    assert {place.start_minute for place in placed(booked={})} == {600}


@pytest.mark.parametrize("mode", ["shift", "keep"])
def test_fixed_sessions_stay(mode: Mode):
    wish = replace(MOVE, fixed={4: booked_on("2027-02-12")})

    assert placed(wish, mode=mode)[2].day == on("2027-02-12")


def test_another_person_alone_is_a_move():
    wish = replace(MOVE, count=1, first=only("2027-01-11"))

    assert moved(placed(wish, days=weekdays({NURSE: "2027-01-11"}), mode="shift")) == [2]
    assert moved(placed(wish, mode="shift")) == []


def test_a_move_that_leaves_no_place_says_which_session_and_why():
    def blocks_february(day: dt.date) -> Judgement:
        return Judgement(blocked=day >= on("2027-02-01"))

    found = replan(MOVE, BEFORE, weekdays(), blocks_february, mode="keep")

    assert isinstance(found, Impossible)
    assert (found.ordinal, found.constraint) == (4, "screening")


@pytest.mark.parametrize("mode", ["shift", "keep"])
@given(st.dates(on("2027-01-04"), on("2027-02-12")).filter(lambda day: day.isoweekday() < 6))
def test_gaps_after_a_move_lie_within_the_interval(mode, day):
    days = [place.day for place in placed(replace(MOVE, first=Window(day, day, day)), mode=mode)]

    assert days[0] == day
    assert all(later in window_after(earlier, INTERVAL) for earlier, later in pairwise(days))


@given(st.dates(on("2027-01-04"), on("2027-02-12")).filter(lambda day: day.isoweekday() < 6))
def test_keeping_never_moves_more_sessions_than_shifting(day):
    wish = replace(MOVE, first=Window(day, day, day))

    assert len(moved(placed(wish))) <= len(moved(placed(wish, mode="shift")))
