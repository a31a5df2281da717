"""Several courses of one patient, placed together."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plans.core.availability import Phase, open_bits
from plans.core.case import Case
from plans.core.offers import Booked, Judgement, Wish
from plans.core.spacing import Interval, Period, Window
from plans.core.together import Arrangement, Beside, NoArrangement, Wanted, arrange
from tests.core.brute_force import BruteForce
from tests.core.small_catalogue import BOOK, healthy

MONDAY = dt.date(2026, 11, 23)
WEISS, ROOM = 1, 3
CANDIDATES = {"practitioner": (WEISS,), "room": (ROOM,)}
HOUR = (Phase("room", 0, 60), Phase("practitioner", 0, 60))
MONTHS = Interval(Period(3, "months"), Period(3, "months"), Period(6, "months"))
WEEKS = Interval(Period(4, "weeks"), Period(6, "weeks"), Period(8, "weeks"))


def wish(count: int, interval: Interval = MONTHS, *, window: int = 42) -> Wish:
    return Wish(
        count=count,
        first=Window(MONDAY, MONDAY, MONDAY + dt.timedelta(days=window)),
        interval=interval,
        phases=HOUR,
        candidates=CANDIDATES,
        every=60,
    )


def always(day: dt.date) -> Mapping[int, int]:
    return dict.fromkeys((WEISS, ROOM), open_bits([(540, 1020)]) if day.isoweekday() < 6 else 0)


def beside(*procedures: str) -> Beside:
    """The cases of courses of the small catalogue."""
    cases = [Case(BOOK, each, healthy(MONDAY), (), MONDAY) for each in procedures]
    return Beside(cases, [(each, frozenset()) for each in procedures])


def judge_with(*procedures: str):
    """Each course judged by the small catalogue, with the sessions of the others standing."""
    return beside(*procedures).judge


def days_of(found: Arrangement, course: int) -> list[dt.date]:
    return [place.day for place in found.offers[course].places]


def test_courses_that_do_not_touch_stand_as_if_alone_but_not_at_one_time():
    found = arrange(
        [Wanted(wish(2)), Wanted(wish(2, WEEKS))], always, judge_with("filler_b", "toxin")
    )

    assert isinstance(found, Arrangement)
    assert days_of(found, 0)[0] == days_of(found, 1)[0] == MONDAY
    starts = {offer.places[0].start_minute for offer in found.offers.values()}
    assert starts == {540, 600}


def test_the_gap_between_two_courses_is_kept_in_both_directions():
    found = arrange([Wanted(wish(2)), Wanted(wish(3, WEEKS))], always, judge_with("peel", "laser"))

    assert isinstance(found, Arrangement)
    lasers, peels = days_of(found, 1), days_of(found, 0)
    for laser in lasers:
        for peel in peels:
            assert not laser <= peel < laser + dt.timedelta(weeks=4)


def test_a_course_is_screened_beside_the_days_of_all_others():
    found = arrange([Wanted(wish(2)), Wanted(wish(1))], always, judge_with("peel", "laser"))

    assert isinstance(found, Arrangement)
    others = found.without(1)
    assert others == {0: tuple(days_of(found, 0))}
    case = beside("peel", "laser").case(1, others)
    assert case.judge(days_of(found, 0)[0]).blocked
    assert not case.judge(days_of(found, 1)[0]).blocked


def test_the_order_is_taken_that_costs_least():
    # The laser before the peel holds it off 4 weeks; the peel first holds nothing off.
    found = arrange([Wanted(wish(1)), Wanted(wish(1))], always, judge_with("laser", "peel"))

    assert isinstance(found, Arrangement)
    assert found.total.days_off + found.total.days_waited <= 1
    assert days_of(found, 1) == [MONDAY]


def test_a_course_waits_beyond_its_first_window_until_the_others_allow_it():
    def only_peels_first(course: int, placed: Mapping[int, tuple[dt.date, ...]]):
        free = max(placed.get(0, (MONDAY,))) + dt.timedelta(weeks=8)

        def judge(day: dt.date) -> Judgement:
            return Judgement(course == 1 and day < free, earliest=free)

        return judge

    found = arrange([Wanted(wish(2)), Wanted(wish(1))], always, only_peels_first)

    assert isinstance(found, Arrangement)
    assert days_of(found, 1)[0] >= MONDAY + dt.timedelta(weeks=8)
    assert found.total.days_waited == 56


def test_the_course_that_finds_no_place_is_named():
    def never_the_second(course: int, placed: Mapping[int, tuple[dt.date, ...]]):
        return lambda day: Judgement(blocked=course == 1, reasons=("ci:laser:drug",))

    found = arrange([Wanted(wish(1)), Wanted(wish(1))], always, never_the_second)

    assert isinstance(found, NoArrangement)
    assert (found.course, found.after) == (1, (0,))
    assert found.problem is not None
    assert found.problem.reasons == ("ci:laser:drug",)


def test_a_course_with_a_session_that_stays_keeps_its_window():
    fixed = Booked(MONDAY, 540, 600, {"practitioner": WEISS, "room": ROOM})
    going_on = replace(wish(2), fixed={1: fixed})

    found = arrange([Wanted(going_on), Wanted(wish(1))], always, judge_with("peel", "toxin"))

    assert isinstance(found, Arrangement)
    assert found.offers[0].places[0].stays
    assert days_of(found, 0)[0] == MONDAY
    assert found.total.days_waited == 0


@pytest.mark.parametrize("count", [0, 5])
def test_one_to_four_courses_are_placed_together(count):
    with pytest.raises(ValueError, match="1 to 4"):
        arrange([Wanted(wish(1))] * count, always, judge_with("peel"))


SHORT = Interval(Period(1, "days"), Period(2, "days"), Period(3, "days"))
RANGES = st.sampled_from([(), ((540, 600),), ((540, 660),), ((600, 660),)])
UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=30, deadline=None, suppress_health_check=UNHURRIED)
@given(
    st.lists(RANGES, min_size=3, max_size=6),
    st.lists(st.tuples(st.integers(1, 2), st.integers(0, 1)), min_size=2, max_size=2),
    st.integers(0, 2),
)
def test_nothing_is_cheaper_than_what_is_found_by_trying_every_order(pattern, asked, gap):
    """Small diaries: sessions of one course keep `gap` days from those of the other."""
    wishes = [wish(count, SHORT, window=2 + more) for count, more in asked]

    def ranges(day: dt.date) -> dict[int, tuple[tuple[int, int], ...]]:
        return dict.fromkeys((WEISS, ROOM), pattern[day.toordinal() % len(pattern)])

    def judging(course: int, placed: Mapping[int, tuple[dt.date, ...]]):
        others = [day for days in placed.values() for day in days]
        return lambda day: Judgement(any(abs((day - other).days) < gap for other in others))

    def bits(day: dt.date) -> dict[int, int]:
        return {pk: open_bits(free) for pk, free in ranges(day).items()}

    found = arrange([Wanted(each, may_wait=False) for each in wishes], bits, judging)

    least = _least(wishes, ranges, judging)
    if least is None:
        assert isinstance(found, NoArrangement)
    else:
        assert isinstance(found, Arrangement)
        total = found.total
        assert (total.days_off, total.last_day) <= least
        sessions = [(p.day, p.start_minute) for o in found.offers.values() for p in o.places]
        assert len(set(sessions)) == len(sessions)
        firsts, seconds = (days_of(found, n) for n in (0, 1))
        assert all(abs((a - b).days) >= gap for a in firsts for b in seconds)


def _least(wishes, ranges, judging):
    """The least of all orders, each course in turn where brute force puts it."""
    totals = []
    for order in permutations(range(len(wishes))):
        placed: dict[int, tuple[Booked, ...]] = {}
        for course in order:
            taken = [booked for series in placed.values() for booked in series]

            def free(day, taken=taken):
                held = [(b.start_minute, b.end_minute) for b in taken if b.day == day]
                return {pk: _without(spans, held) for pk, spans in ranges(day).items()}

            days = {n: tuple(b.day for b in series) for n, series in placed.items()}
            trial = BruteForce(wishes[course], free, judging(course, days))
            best = min(trial.series(), key=trial.cost, default=None)
            if best is None:
                break
            placed[course] = best
        else:
            off = sum(
                BruteForce(wishes[n], ranges, judging(n, {})).cost(series)[1]
                for n, series in placed.items()
            )
            totals.append((off, max(b.day for s in placed.values() for b in s)))
    return min(totals, default=None)


def _without(spans, held):
    """Whole hours of `spans` that nothing in `held` takes."""
    hours = [(start, start + 60) for a, b in spans for start in range(a, b, 60)]
    return tuple(hour for hour in hours if hour not in held)
