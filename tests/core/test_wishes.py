"""Wishes come first where they can be met, and are told from those that cannot."""

import datetime as dt
from dataclasses import replace

from plans.core.availability import Phase, open_bits
from plans.core.chosen import Chosen, ChosenSeries, unpacked
from plans.core.offers import Judgement, Wish
from plans.core.problems import Relaxation
from plans.core.spacing import Interval, Period, Window
from plans.core.wishes import choose, is_different, kept

MONDAY = dt.date(2026, 11, 9)
WEEK = Interval(Period(1, "weeks"), Period(1, "weeks"), Period(3, "weeks"))
WEISS, BRANDT, ROOM, OTHER_ROOM = 1, 2, 3, 4
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
    assert [offer.kind for offer in found.offers] == ["best", "other_practitioner", "other_time"]
    assert {place.practitioner for place in found.offers[1].places} == {WEISS}


def test_a_start_of_the_part_of_day_is_kept_to_its_last_quarter():
    wish = replace(WISH, part_of_day=(0, 720))
    free = kept(wish, always)(MONDAY)
    assert free[ROOM] == open_bits([(540, 785)])


def test_other_weekdays_are_not_free():
    assert kept(replace(WISH, weekdays=frozenset({2})), always)(MONDAY) == {}


def test_where_nobody_else_is_there_no_other_practitioner_is_offered():
    def only_brandt(day: dt.date) -> dict[int, int]:
        return {**always(day), WEISS: 0}

    offers = choose(replace(WISH, practitioner=BRANDT), only_brandt, fine).offers
    assert [offer.kind for offer in offers] == ["best", "other_days", "other_time"]


def test_a_start_a_quarter_of_an_hour_later_is_no_other_offer():
    def one_day(day: dt.date) -> dict[int, int]:
        hours = open_bits([(600, 725)])
        return {WEISS: hours, ROOM: hours} if day in (MONDAY, MONDAY + dt.timedelta(7)) else {}

    assert [offer.kind for offer in choose(WISH, one_day, fine).offers] == ["best"]


def test_three_offers_differ_in_a_day_a_person_or_the_time_of_day():
    offers = choose(WISH, always, fine).offers

    assert [offer.kind for offer in offers] == ["best", "other_practitioner", "other_days"]
    assert all(is_different(a, b) for n, a in enumerate(offers) for b in offers[:n])
    alone = choose(replace(WISH, candidates={**WISH.candidates, "practitioner": (WEISS,)}),
                   always, fine)  # fmt: skip
    assert [offer.kind for offer in alone.offers] == ["best", "other_days", "other_time"]
    assert [place.start_minute for place in alone.offers[2].places] == [720, 720]


def test_any_of_the_rooms_asked_for_serves_and_gives_way_when_none_is_free():
    two = {**WISH.candidates, "room": (ROOM, OTHER_ROOM)}
    wish = replace(WISH, candidates=two, rooms=frozenset({OTHER_ROOM}))

    def both(day: dt.date) -> dict[int, int]:
        return {**always(day), OTHER_ROOM: open_bits([(900, 1020)])}

    kept_ = choose(wish, both, fine)
    assert kept_.keeps_wishes
    assert {(p.room, p.start_minute) for p in kept_.offers[0].places} == {(OTHER_ROOM, 900)}
    assert "rooms_kept" in [reason.code for reason in kept_.offers[0].reasons]
    lost = choose(wish, always, fine)
    assert not lost.keeps_wishes
    assert {place.room for place in lost.offers[0].places} == {ROOM}
    missed = [r.params["ordinal"] for r in lost.offers[0].reasons if r.code == "room_missed"]
    assert missed == [1, 2]


def test_only_this_practitioner_never_gives_way_and_anyone_is_the_way_out():
    wish = replace(WISH, practitioner=BRANDT, practitioner_only=True)

    def without_brandt(day: dt.date) -> dict[int, int]:
        return {**always(day), BRANDT: 0}

    found = choose(wish, without_brandt, fine)
    assert found.offers == ()
    assert found.impossible is not None
    assert found.impossible.relaxation == Relaxation("anyone", 0)
    served = [p.practitioner for offer in choose(wish, always, fine).offers for p in offer.places]
    assert set(served) == {BRANDT}


def test_first_free_puts_the_series_first_that_ends_soonest():
    interval = Interval(Period(1, "weeks"), Period(2, "weeks"), Period(3, "weeks"))
    wish = replace(WISH, interval=interval)

    assert choose(wish, always, fine).offers[0].kind == "best"
    first = choose(replace(wish, first_free=True), always, fine).offers[0]
    assert first.kind == "soonest"
    assert first.places[-1].day == MONDAY + dt.timedelta(7)


def test_a_date_that_matters_is_kept_clear_of_healing():
    wedding = MONDAY + dt.timedelta(9)
    wish = replace(WISH, occasions=(wedding,), healing=Period(5, "days"))

    best = choose(wish, always, fine).offers[0]

    assert best.cost.days_off == 3
    assert best.places[-1].day == wedding + dt.timedelta(1)
    assert all(place.day + dt.timedelta(5) < wedding for place in best.places[:-1])
    assert "occasions_clear" in [reason.code for reason in best.reasons]


def test_an_occasion_that_leaves_no_day_is_named_and_may_be_let_go():
    wish = replace(
        WISH,
        count=1,
        first=Window(MONDAY, MONDAY, MONDAY + dt.timedelta(2)),
        occasions=(MONDAY + dt.timedelta(3),),
        healing=Period(1, "weeks"),
    )

    problem = choose(wish, always, fine).impossible

    assert problem is not None
    assert (problem.constraint, problem.detail) == ("occasion", {"occasion": 3})
    assert problem.reasons == ("occasion:2026-11-12",)
    assert problem.earliest == MONDAY + dt.timedelta(4)
    assert problem.relaxations == (
        Relaxation("later_start", 2, MONDAY + dt.timedelta(4)),
        Relaxation("allow_occasion", 1, MONDAY + dt.timedelta(3)),
    )


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
