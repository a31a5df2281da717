"""Stories of series; the laws stand in test_series_laws.py."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import pytest

from plans.core.availability import Phase, open_bits
from plans.core.cycles import Cycle, Use
from plans.core.series import (
    Booked,
    Impossible,
    Judgement,
    Offer,
    Reason,
    Relaxation,
    Wish,
    propose,
)
from plans.core.spacing import Interval, Period, Window

WEISS, BRANDT, ROOM_1, ROOM_2 = 1, 2, 11, 12
NINE_TO_SIX = open_bits([(540, 1080)])
WORKDAYS = frozenset({1, 2, 3, 4, 5})
PEEL = (Phase("room", 0, 80), Phase("practitioner", 30, 80))
CANDIDATES = {"practitioner": (WEISS, BRANDT), "room": (ROOM_1, ROOM_2)}
THREE_MONTHS = Interval(Period(3, "months"), Period(3, "months"), Period(6, "months"))


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def window(first: str, target: str, last: str) -> Window:
    return Window(on(first), on(target), on(last))


def days_apart(least: int, target: int, most: int) -> Interval:
    return Interval(Period(least, "days"), Period(target, "days"), Period(most, "days"))


TCA = Wish(
    count=3,
    first=window("2026-11-23", "2026-11-26", "2026-12-10"),
    interval=THREE_MONTHS,
    phases=PEEL,
    candidates=CANDIDATES,
)


def diary(
    *,
    closed: Collection[str] = (),
    weekdays: Collection[int] = WORKDAYS,
    hours: Mapping[int, int] | None = None,
    only: Mapping[str, Mapping[int, int]] | None = None,
) -> Callable[[dt.date], Mapping[int, int]]:
    """Weekdays from 9 to 18 for everybody, but for the days in `only` and the `hours` of resources."""
    normal = dict.fromkeys((WEISS, BRANDT, ROOM_1, ROOM_2), NINE_TO_SIX) | dict(hours or {})

    def free(day: dt.date) -> Mapping[int, int]:
        if only and day.isoformat() in only:
            return only[day.isoformat()]
        is_closed = day.isoweekday() not in weekdays or day.isoformat() in closed
        return {} if is_closed else normal

    return free


def never_objects(day: dt.date) -> Judgement:
    return Judgement()


def blocked_before(first_free: str) -> Callable[[dt.date], Judgement]:
    day_free = on(first_free)
    blocked = Judgement(blocked=True, reasons=("ci:peel:isotretinoin",), earliest=day_free)
    return lambda day: blocked if day < day_free else Judgement()


def offers_of(wish: Wish, days=None, judge=never_objects) -> dict[str, Offer]:
    return {offer.kind: offer for offer in propose(wish, days or diary(), judge).offers}


def dates(offer: Offer) -> list[str]:
    return [place.day.isoformat() for place in offer.places]


def problem_of(wish: Wish, days=None, judge=never_objects) -> Impossible:
    proposals = propose(wish, days or diary(), judge)
    assert proposals.offers == ()
    assert proposals.impossible is not None
    return proposals.impossible


def codes(offer: Offer) -> list[str]:
    return [reason.code for reason in offer.reasons]


def test_three_peels_stand_three_months_apart_on_their_target_days():
    best = offers_of(TCA)["best"]

    assert dates(best) == ["2026-11-26", "2027-02-26", "2027-05-26"]
    assert best.cost.days_off == 0
    assert Reason("on_target", True, {"sessions": 3}) in best.reasons
    assert Reason("one_practitioner", True, {"practitioner": WEISS}) in best.reasons
    assert Reason("one_room", True, {"room": ROOM_1}) in best.reasons


def test_a_weekend_pushes_the_session_and_counts_the_next_from_there():
    wish = replace(TCA, first=window("2026-11-27", "2026-11-27", "2026-11-27"))

    best = offers_of(wish)["best"]

    assert dates(best) == ["2026-11-27", "2027-03-01", "2027-06-01"]  # 27 Feb is a Saturday
    assert best.places[1].deviation_days == 2
    assert best.places[2].window.earliest == on("2027-06-01")
    assert Reason("days_late", False, {"ordinal": 2, "days": 2}) in best.reasons


def test_two_days_are_not_saved_at_the_price_of_three_later():
    # the 1st on its target leaves the 2nd two days late; a day early saves both
    wish = replace(TCA, count=2, first=window("2026-11-26", "2026-11-27", "2026-11-27"))

    assert dates(offers_of(wish)["best"]) == ["2026-11-26", "2027-02-26"]


def test_the_soonest_end_is_offered_with_what_it_saves_and_costs():
    offers = offers_of(TCA)

    assert dates(offers["soonest"]) == ["2026-11-24", "2027-02-24", "2027-05-24"]
    assert Reason("ends_earlier", True, {"days": 2}) in offers["soonest"].reasons
    assert Reason("days_early", False, {"ordinal": 1, "days": 2}) in offers["soonest"].reasons


def test_the_other_practitioner_is_offered_against_the_preferred_one():
    offers = offers_of(replace(TCA, practitioner=WEISS))

    assert {place.practitioner for place in offers["best"].places} == {WEISS}
    assert {place.practitioner for place in offers["other_practitioner"].places} == {BRANDT}
    params = {"sessions": 3, "practitioner": WEISS}
    assert Reason("preferred_practitioner", True, params) in offers["best"].reasons
    assert (
        Reason("not_preferred_practitioner", False, params) in offers["other_practitioner"].reasons
    )


def test_alternatives_that_would_equal_the_best_are_left_out():
    wish = replace(
        TCA,
        first=window("2026-11-26", "2026-11-26", "2026-11-26"),
        candidates={"practitioner": (WEISS,), "room": (ROOM_1,)},
    )

    assert list(offers_of(wish)) == ["best"]


def test_the_other_practitioner_is_left_out_where_the_soonest_end_shows_the_same():
    only = {"2026-11-24": dict.fromkeys((BRANDT, ROOM_1), NINE_TO_SIX)}
    only |= {"2026-11-26": dict.fromkeys((WEISS, ROOM_1), NINE_TO_SIX)}
    wish = replace(TCA, count=1)

    assert list(offers_of(wish, diary(weekdays=(), only=only))) == ["best", "soonest"]


def test_numbing_holds_the_room_while_the_practitioner_is_still_elsewhere():
    hours = {WEISS: open_bits([(600, 660)]), BRANDT: 0}
    place = offers_of(replace(TCA, count=1), diary(hours=hours))["best"].places[0]

    assert (place.start_minute, place.end_minute) == (570, 650)


def test_one_person_is_not_practitioner_and_assistant_at_once():
    phases = (Phase("practitioner", 0, 30), Phase("assistant", 0, 30))
    people = (WEISS, BRANDT)
    wish = replace(
        TCA, count=1, phases=phases, candidates={"practitioner": people, "assistant": people}
    )
    hours = {BRANDT: open_bits([(600, 630)])}

    place = offers_of(wish, diary(hours=hours))["best"].places[0]

    assert place.start_minute == 600
    assert set(place.resources.values()) == {WEISS, BRANDT}


def test_a_session_may_need_no_practitioner():
    wish = replace(TCA, phases=(Phase("room", 0, 30),))

    offers = offers_of(wish)

    assert offers["best"].places[0].resources == {"room": ROOM_1}
    assert list(offers) == ["best", "soonest"]
    assert "one_practitioner" not in codes(offers["best"])


def test_wishes_for_the_day_are_kept_where_that_costs_no_day():
    wish = replace(TCA, part_of_day=(720, 1080), weekdays=WORKDAYS, practitioner=BRANDT)

    best = offers_of(wish)["best"]

    assert [place.start_minute for place in best.places] == [720, 720, 720]
    assert {"part_of_day_kept", "weekdays_kept", "preferred_practitioner"} <= set(codes(best))


def test_a_day_off_target_weighs_more_than_every_wish():
    wish = replace(TCA, part_of_day=(1020, 1080), weekdays=frozenset({1}), practitioner=9)

    best = offers_of(wish)["best"]

    assert best.cost.days_off == 0
    assert best.cost.wishes_missed == 9  # no peel of 80 minutes starts after 17:00
    assert Reason("part_of_day_missed", False, {"ordinal": 2}) in best.reasons
    assert Reason("weekday_missed", False, {"ordinal": 1, "weekday": 4}) in best.reasons


def test_starts_stay_near_the_minute_asked_for():
    hours = {ROOM_2: 0, ROOM_1: open_bits([(540, 640), (760, 1080)])}
    wish = replace(TCA, count=1)

    def start(around: int) -> int:
        return (
            offers_of(replace(wish, around=around), diary(hours=hours))["best"]
            .places[0]
            .start_minute
        )

    assert start(0) == 540
    assert start(650) == 555  # 555 is 95 minutes away, 765 is 115
    assert start(670) == 765
    assert start(661) == 765
    assert start(660) == 555  # of two equally near the earlier
    assert start(1200) == 990


def test_a_change_of_practitioner_is_avoided_and_else_named():
    only = {"2027-02-26": {BRANDT: NINE_TO_SIX, ROOM_2: NINE_TO_SIX}}

    best = offers_of(replace(TCA, practitioner=WEISS), diary(only=only))["best"]

    assert [place.practitioner for place in best.places] == [WEISS, BRANDT, WEISS]
    assert Reason("practitioner_changes", False, {"count": 2}) in best.reasons
    assert "one_room" not in codes(best)
    without_preference = offers_of(TCA, diary(only=only))["best"]
    assert without_preference.cost.practitioner_changes == 0


def test_a_blocked_date_is_never_offered():
    best = offers_of(TCA, judge=blocked_before("2026-12-01"))["best"]

    assert best.places[0].day == on("2026-12-01")


def test_a_caution_may_be_offered_and_is_named():
    def cautions_the_second(day: dt.date) -> Judgement:
        second = day == on("2027-02-26")
        return Judgement(level=1, reasons=("ci:peel:scar",)) if second else Judgement()

    best = offers_of(TCA, judge=cautions_the_second)["best"]

    assert best.places[1].day == on("2027-02-26")
    assert best.places[1].reasons == ("ci:peel:scar",)
    assert best.cost.cautions == 1
    said = Reason("caution", False, {"ordinal": 2, "level": 1}, on("2027-02-26"), ("ci:peel:scar",))
    assert said in best.reasons


def test_months_clamp_and_leap_days_count():
    wish = replace(TCA, first=window("2027-11-29", "2027-11-29", "2027-11-29"))
    every_day = diary(weekdays=range(1, 8))

    assert dates(offers_of(wish, every_day)["best"]) == ["2027-11-29", "2028-02-29", "2028-05-29"]


def test_a_fixed_session_stays_and_the_others_are_placed_around_it():
    fixed = Booked(on("2027-03-03"), 1100, 1180, {"practitioner": 7, "room": ROOM_2})

    best = offers_of(replace(TCA, fixed={2: fixed}))["best"]

    # nobody is free at 18:20, but what is fixed is not asked again
    assert dates(best) == ["2026-11-26", "2027-03-03", "2027-06-03"]
    second = best.places[1]
    assert second.stays
    assert (second.start_minute, second.end_minute, second.practitioner) == (1100, 1180, 7)


def test_a_fixed_session_that_screening_forbids_makes_the_series_impossible():
    fixed = Booked(on("2026-11-24"), 600, 680, {"practitioner": WEISS, "room": ROOM_1})

    problem = problem_of(replace(TCA, fixed={1: fixed}), judge=blocked_before("2026-11-25"))

    assert (problem.ordinal, problem.constraint) == (1, "screening")
    assert problem.relaxation == Relaxation("release_session", 1)


ACIDS = Wish(
    count=3,
    first=window("2026-08-05", "2026-08-05", "2026-08-05"),
    interval=days_apart(21, 28, 80),
    phases=(Phase("practitioner", 0, 30),),
    candidates=CANDIDATES,
    cycle=Cycle(Period(7, "weeks"), Period(1, "months"), Period(2, "months")),
)


def test_a_cycle_puts_the_pause_between_the_sessions():
    best = offers_of(ACIDS)["best"]

    assert dates(best) == ["2026-08-05", "2026-09-02", "2026-10-02"]  # on until 23 September


def test_home_use_counts_towards_the_cycle():
    home = (Use(on("2026-06-20"), on("2026-08-02")),)
    wish = replace(ACIDS, count=2, uses=home)

    best = offers_of(wish)["best"]

    assert dates(best) == ["2026-08-05", "2026-09-07"]  # on until 8 August, then a month off


def test_a_pause_that_outlasts_the_window_is_named():
    wish = replace(ACIDS, uses=(Use(on("2026-05-01"), None),))

    problem = problem_of(wish)

    assert (problem.ordinal, problem.constraint, problem.detail) == (1, "cycle", {"cycle": 1})
    assert problem.relaxation is None


def test_a_wait_is_named_with_its_rules_and_the_first_free_day():
    problem = problem_of(TCA, judge=blocked_before("2027-01-11"))

    assert (problem.ordinal, problem.constraint) == (1, "screening")
    assert problem.reasons == ("ci:peel:isotretinoin",)
    assert problem.earliest == on("2027-01-11")
    assert problem.window == (on("2026-11-23"), on("2026-12-10"))
    assert problem.relaxation == Relaxation("later_start", 32, on("2027-01-11"))


def test_the_first_day_named_is_one_that_is_really_allowed():
    until_then = blocked_before("2027-01-11")
    too_near = Judgement(blocked=True, reasons=("later",))

    def judge(day: dt.date) -> Judgement:
        return too_near if on("2027-01-11") <= day < on("2027-01-14") else until_then(day)

    assert problem_of(TCA, judge=judge).earliest == on("2027-01-14")


def test_no_first_day_is_named_where_none_is_known():
    def judge(day: dt.date) -> Judgement:
        free = on("2027-01-11") if day < on("2027-01-11") else None
        return Judgement(blocked=True, reasons=("later",), earliest=free)

    assert problem_of(TCA, judge=judge).earliest is None


def test_closed_days_are_named_and_the_smallest_wider_window_found():
    wish = replace(TCA, count=2, first=window("2026-11-26", "2026-11-26", "2026-11-27"))
    closed_half_a_year = {(on("2026-11-28") + dt.timedelta(days=n)).isoformat() for n in range(190)}
    days = diary(closed=closed_half_a_year)

    problem = problem_of(wish, days)

    assert (problem.ordinal, problem.constraint) == (2, "closed")
    assert problem.relaxation == Relaxation("widen_window", 11)  # from 27 May to 7 June, a Monday


def test_a_finer_grid_is_the_nearest_relaxation():
    hours = {ROOM_1: open_bits([(545, 625)]), ROOM_2: 0}

    problem = problem_of(TCA, diary(hours=hours))

    assert (problem.constraint, problem.detail) == (
        "no_common_time",
        {"closed": 4, "no_common_time": 14},
    )
    assert problem.relaxation == Relaxation("finer_start", 5)


def test_when_nothing_else_helps_fewer_sessions_are_offered():
    def closes_for_good(day: dt.date) -> Mapping[int, int]:
        return diary()(day) if day < on("2027-04-01") else {}

    problem = problem_of(TCA, closes_for_good)

    assert (problem.ordinal, problem.constraint) == (3, "closed")
    assert problem.relaxation == Relaxation("fewer_sessions", 2)


def test_a_first_session_that_fails_for_good_has_no_relaxation():
    assert problem_of(TCA, diary(weekdays=())).relaxation is None


def test_a_fixed_session_outside_its_window_fails_by_the_interval():
    fixed = Booked(on("2027-01-15"), 600, 680, {"practitioner": WEISS, "room": ROOM_1})

    problem = problem_of(replace(TCA, fixed={2: fixed}))

    assert (problem.ordinal, problem.constraint, problem.window) == (2, "interval", None)
    assert problem.relaxation == Relaxation("release_session", 2)


def test_a_fixed_first_session_does_not_start_later():
    fixed = Booked(on("2026-11-26"), 600, 680, {"practitioner": WEISS, "room": ROOM_1})
    wish = replace(TCA, fixed={1: fixed}, every=5)

    def closes_for_good(day: dt.date) -> Mapping[int, int]:
        return diary()(day) if day < on("2027-04-01") else {}

    assert problem_of(wish, closes_for_good).relaxation == Relaxation("fewer_sessions", 2)


def test_two_sessions_never_share_a_day():
    wish = replace(
        TCA, interval=days_apart(0, 0, 2), first=window("2026-11-23", "2026-11-23", "2026-11-23")
    )

    assert dates(offers_of(wish)["best"]) == ["2026-11-23", "2026-11-24", "2026-11-25"]


def test_the_middle_of_the_week_is_found_twelve_times():
    wish = replace(
        TCA,
        count=12,
        interval=days_apart(1, 2, 3),
        first=window("2026-11-23", "2026-11-23", "2026-11-27"),
    )

    best = offers_of(wish)["best"]

    assert best.cost.days_off == 3  # from Friday to Monday, three times
    assert best.cost.last_day == on("2026-12-18")


BOOKED = Booked(on("2027-03-03"), 600, 680, {"practitioner": WEISS, "room": ROOM_1})


@pytest.mark.parametrize(
    "fields",
    [
        {"count": 0},
        {"count": 301},
        {"phases": ()},
        {"around": 1440},
        {"every": 7},
        {"fixed": {4: BOOKED}},
        {"standing": {0: BOOKED}},
        {"fixed": {2: BOOKED}, "standing": {2: BOOKED}},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValueError, match=r"."):
        replace(TCA, **fields)
