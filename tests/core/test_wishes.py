"""Wishes come first where they can be met, and are told from those that cannot."""

import datetime as dt
from dataclasses import replace

from plans.core.availability import Phase, open_bits
from plans.core.chosen import Chosen, ChosenSeries, unpacked
from plans.core.offers import Judgement, Wish
from plans.core.spacing import Interval, Period, Window
from plans.core.wishes import choose, kept

MONDAY = dt.date(2026, 11, 9)
WEEK = Interval(Period(1, "weeks"), Period(1, "weeks"), Period(3, "weeks"))
WEISS, BRANDT, ROOM = 1, 2, 3
WISH = Wish(
    count=2,
    first=Window(MONDAY, MONDAY, MONDAY + dt.timedelta(days=14)),
    interval=WEEK,
    phases=(Phase("room", 0, 80), Phase("practitioner", 30, 80)),
    candidates={"practitioner": (WEISS, BRANDT), "room": (ROOM,)},
)


def always(day: dt.date) -> dict[int, int]:
    return dict.fromkeys((WEISS, BRANDT, ROOM), open_bits([(540, 1020)]))


def fine(day: dt.date) -> Judgement:
    return Judgement()


def test_a_practitioner_asked_for_serves_even_if_somebody_else_is_free_sooner():
    def tuesdays(day: dt.date) -> dict[int, int]:
        free = always(day)
        if day.isoweekday() != 2:
            free[BRANDT] = 0
        return free

    found = choose(replace(WISH, practitioner=BRANDT), tuesdays, fine)
    assert found.keeps_wishes
    assert {place.practitioner for place in found.offers[0].places} == {BRANDT}
    assert found.offers[-1].kind == "other_practitioner"
    assert {place.practitioner for place in found.offers[-1].places} == {WEISS}


def test_a_start_of_the_part_of_day_is_kept_to_its_last_quarter():
    wish = replace(WISH, part_of_day=(0, 720))
    free = kept(wish, always)(MONDAY)
    assert free[ROOM] == open_bits([(540, 785)])


def test_other_weekdays_are_not_free():
    assert kept(replace(WISH, weekdays=frozenset({2})), always)(MONDAY) == {}


def test_wishes_that_cannot_be_met_give_way():
    found = choose(replace(WISH, practitioner=99), always, fine)
    assert found.offers
    assert not found.keeps_wishes


def test_an_impossible_wish_says_why():
    found = choose(WISH, lambda day: {}, fine)
    assert found.offers == ()
    assert found.impossible
    assert found.impossible.constraint == "closed"


def test_a_session_that_needs_no_practitioner_has_no_other():
    wish = replace(
        WISH, phases=(Phase("room", 0, 80),), candidates={"room": (ROOM,)}, practitioner=WEISS
    )
    assert choose(wish, always, fine).offers


def test_a_chosen_series_survives_the_way_to_the_page_and_back():
    series = ChosenSeries(
        142, 1, 7, (Chosen(1, MONDAY, 600, {"practitioner": 1, "room": 3}),), areas=("cheeks",)
    )
    assert unpacked(series.packed()) == series
    assert series.days == [MONDAY]
