"""What holds for every series, against a search that tries everything."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import astuple, replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plans.core.availability import Phase, open_bits
from plans.core.cycles import Cycle, Use
from plans.core.series import Booked, Judgement, Place, Relaxation, Wish, propose
from plans.core.spacing import Interval, Period, Window
from plans.core.wishes import choose, is_different
from tests.core.brute_force import BruteForce, FreeRanges
from tests.core.reach import reach

PEOPLE, ROOMS = (1, 2), (3, 4)
CANDIDATES = {"practitioner": PEOPLE, "assistant": PEOPLE, "room": ROOMS}
NEEDS = [
    (Phase("practitioner", 0, 30),),
    (Phase("room", 0, 60), Phase("practitioner", 30, 60)),
    (Phase("practitioner", 0, 30), Phase("assistant", 0, 30)),
    (Phase("assistant", 0, 30), Phase("practitioner", 30, 60)),
    (Phase("room", 0, 30),),
]
RANGES = st.sampled_from([(), ((540, 600),), ((600, 660),), ((540, 570), (635, 695))])
OPEN_DAY = st.fixed_dictionaries(dict.fromkeys((*PEOPLE, *ROOMS), RANGES))
SEASON_START = st.sampled_from(
    [dt.date(2027, 1, 28), dt.date(2028, 1, 28), dt.date(2028, 2, 27), dt.date(2027, 8, 30)]
)
# Some laws speak only of the possible or of the impossible, which halves what is drawn.
UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much]
quick = settings(max_examples=60, deadline=None, suppress_health_check=UNHURRIED)


class Clinic:
    """A diary and judgements that repeat; `None` in the pattern is a closed day."""

    def __init__(self, pattern: Sequence[FreeRanges | None], verdicts: list[Judgement]) -> None:
        self.pattern = pattern
        self.verdicts = verdicts
        self.read: list[dt.date] = []

    def ranges(self, day: dt.date) -> FreeRanges:
        return self.pattern[day.toordinal() % len(self.pattern)] or {}

    def bits(self, day: dt.date) -> dict[int, int]:
        self.read.append(day)
        return {resource: open_bits(ranges) for resource, ranges in self.ranges(day).items()}

    def judge(self, day: dt.date) -> Judgement:
        return self.verdicts[day.toordinal() % len(self.verdicts)]


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    if draw(st.booleans()):
        shortest = draw(st.sampled_from([Period(28, "days"), Period(1, "months")]))
        return Interval(shortest, Period(1, "months"), Period(1, "months"))
    least, more, most = draw(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)))
    days = (least, least + more, least + more + most)
    return Interval(*(Period(n, "days") for n in days))


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    start = draw(SEASON_START)
    before, after = draw(st.tuples(st.integers(0, 1), st.integers(0, 2)))
    return Wish(
        count=draw(st.integers(1, 3)),
        first=Window(start - dt.timedelta(days=before), start, start + dt.timedelta(days=after)),
        interval=draw(intervals()),
        phases=draw(st.sampled_from(NEEDS)),
        candidates=CANDIDATES,
        practitioner=draw(st.sampled_from([None, 1, 2])),
        weekdays=draw(st.sampled_from([frozenset(range(1, 8)), frozenset({1, 2, 3})])),
        part_of_day=draw(st.sampled_from([None, (600, 720), (0, 570)])),
        around=draw(st.sampled_from([None, 612])),
        cycle=draw(
            st.sampled_from([None, Cycle(Period(4, "days"), Period(3, "days"), Period(9, "days"))])
        ),
        uses=draw(
            st.sampled_from(
                [
                    (),
                    (Use(start - dt.timedelta(days=3), start - dt.timedelta(days=2)),),
                    (Use(start + dt.timedelta(days=2), start + dt.timedelta(days=3)),),
                    (Use(start + dt.timedelta(days=3), None),),
                ]
            )
        ),
        every=30,
        rooms=draw(st.sampled_from([frozenset(), frozenset(), frozenset({4}), frozenset({9})])),
        practitioner_only=draw(st.sampled_from([False, False, True])),
        occasions=draw(
            st.sampled_from(
                [(), (), (start + dt.timedelta(days=2),), (start, start + dt.timedelta(days=4))]
            )
        ),
        healing=draw(st.sampled_from([None, Period(0, "days"), Period(2, "days")])),
    )


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    pattern = draw(st.lists(st.one_of(OPEN_DAY, OPEN_DAY, st.none()), min_size=3, max_size=7))
    verdicts = draw(
        st.lists(
            st.sampled_from(
                [Judgement(), Judgement(), Judgement(level=1), Judgement(blocked=True)]
            ),
            min_size=1,
            max_size=5,
        )
    )
    return Clinic(pattern, verdicts)


@st.composite
def with_a_fixed_session(draw: st.DrawFn) -> Wish:
    wish = draw(wishes())
    ordinal = draw(st.integers(1, wish.count))
    return replace(wish, fixed={ordinal: draw(booked_within_reach(wish, ordinal))})


@st.composite
def with_standing_sessions(draw: st.DrawFn) -> Wish:
    wish = draw(wishes())
    ordinals = draw(st.sets(st.sampled_from(wish.ordinals), min_size=1))
    return replace(wish, standing={n: draw(booked_within_reach(wish, n)) for n in ordinals})


def booked_within_reach(wish: Wish, ordinal: int) -> st.SearchStrategy[Booked]:
    resources = {phase.role: CANDIDATES[phase.role][0] for phase in wish.phases}
    minutes = max(phase.to_minute for phase in wish.phases)
    return st.builds(
        lambda day, start: Booked(day, start, start + minutes, resources),
        st.dates(*reach(wish)[ordinal - 1]),
        st.sampled_from([540, 600, 635]),
    )


ANY_WISH = st.one_of(wishes(), with_a_fixed_session(), with_standing_sessions())


def as_booked(place: Place) -> Booked:
    return Booked(place.day, place.start_minute, place.end_minute, place.resources)


@quick
@given(ANY_WISH, clinics())
def test_the_best_offer_costs_what_the_best_of_all_series_costs(wish, clinic):
    proposals = propose(wish, clinic.bits, clinic.judge)

    least = BruteForce(wish, clinic.ranges, clinic.judge).least()

    if least is None:
        assert proposals.offers == ()
        assert proposals.impossible is not None
    else:
        assert astuple(proposals.offers[0].cost) == least
        assert proposals.impossible is None


@quick
@given(ANY_WISH, clinics())
def test_every_offer_is_legal(wish, clinic):
    trial = BruteForce(wish, clinic.ranges, clinic.judge)

    for offer in propose(wish, clinic.bits, clinic.judge).offers:
        before: list[Booked] = []
        for place in offer.places:
            assert place.window == trial.window(before)
            assert place.day in place.window
            assert not before or place.day > before[-1].day
            assert not clinic.judge(place.day).blocked
            assert place.stays or trial.is_clear(place.day)
            assert trial.may_use(before, place.day)
            assert place.deviation_days == (place.day - place.window.target).days
            if place.ordinal in wish.fixed:
                assert as_booked(place) == wish.fixed[place.ordinal]
            else:
                assert trial.is_free(as_booked(place))
            before.append(as_booked(place))
        assert [place.ordinal for place in offer.places] == list(wish.ordinals)


@quick
@given(wishes(), clinics())
def test_soonest_ends_first_and_costs_least_of_those_that_do(wish, clinic):
    offers = {o.kind: o for o in propose(wish, clinic.bits, clinic.judge).offers}
    assume("best" in offers)

    soonest = BruteForce(wish, clinic.ranges, clinic.judge).soonest()

    assert soonest is not None
    if soonest[5] == offers["best"].cost.last_day:
        assert "soonest" not in offers
    else:
        assert astuple(offers["soonest"].cost) == soonest


@quick
@given(wishes(), clinics())
def test_other_practitioner_is_the_best_without_the_main_one(wish, clinic):
    assume(wish.phases[0].role != "room" or len(wish.phases) > 1)
    offers = {o.kind: o for o in propose(wish, clinic.bits, clinic.judge).offers}
    assume("best" in offers)
    people = [place.practitioner for place in offers["best"].places]
    assume(not wish.practitioner_only or wish.practitioner is None)
    main = max(people, key=people.count)
    assert main is not None

    least = BruteForce(wish, clinic.ranges, clinic.judge).without(main).least()

    if "other_practitioner" in offers:
        assert main not in {place.practitioner for place in offers["other_practitioner"].places}
        assert astuple(offers["other_practitioner"].cost) == least
    elif least is not None:
        assert offers["soonest"].cost == min(offer.cost for offer in list(offers.values())[1:])
        assert astuple(offers["soonest"].cost) == least


@quick
@given(ANY_WISH, clinics())
def test_offers_differ_from_each_other(wish, clinic):
    offers = propose(wish, clinic.bits, clinic.judge).offers

    assert all(a.places != b.places for n, a in enumerate(offers) for b in offers[:n])


@quick
@given(ANY_WISH, clinics())
def test_only_dates_within_reach_are_read_and_each_once(wish, clinic):
    impossible = propose(wish, clinic.bits, clinic.judge).impossible

    ranges = reach(wish, relaxing=impossible is not None)
    assert all(any(first <= day <= last for first, last in ranges) for day in clinic.read)
    assert len(clinic.read) == len(set(clinic.read))


@quick
@given(ANY_WISH, clinics())
def test_the_session_that_fails_is_the_first_that_no_series_reaches(wish, clinic):
    impossible = propose(wish, clinic.bits, clinic.judge).impossible
    assume(impossible is not None)
    assert impossible is not None
    reached = impossible.ordinal - 1

    def possible(count: int) -> bool:
        return BruteForce(shortened(wish, count), clinic.ranges, clinic.judge).least() is not None

    assert reached == 0 or possible(reached)
    assert not possible(reached + 1)


@quick
@given(ANY_WISH, clinics())
def test_a_relaxation_is_the_least_of_its_kind_that_works(wish, clinic):
    impossible = propose(wish, clinic.bits, clinic.judge).impossible
    assume(impossible is not None and impossible.relaxations)
    assert impossible is not None

    def works(relaxation: Relaxation) -> bool:
        slack = relaxation.value if relaxation.kind == "widen_window" else 0
        changed = changes(wish, relaxation)
        trial = BruteForce(changed, clinic.ranges, clinic.judge, slack_days=slack)
        return next(trial.series(), None) is not None

    for relaxation in impossible.relaxations:
        assert works(relaxation)
        if relaxation.kind in ("later_start", "widen_window"):
            assert not works(replace(relaxation, value=relaxation.value - 1))
        if relaxation.kind == "later_start":
            assert relaxation.day == wish.first.latest + dt.timedelta(days=relaxation.value)


def changes(wish: Wish, relaxation: Relaxation) -> Wish:
    """The wish with a relaxation applied; a wider window is not of the wish."""
    kind, value = relaxation.kind, relaxation.value
    if kind == "finer_start":
        return replace(wish, every=value)
    if kind == "anyone":
        return replace(wish, practitioner_only=False)
    if kind == "allow_occasion":
        others = tuple(d for d in wish.occasions if relaxation.day not in (None, d))
        return replace(wish, occasions=others)
    if kind == "release_session":
        return replace(wish, fixed={})
    if kind == "later_start":
        latest = wish.first.latest + dt.timedelta(days=value)
        return replace(wish, first=replace(wish.first, latest=latest))
    if kind == "fewer_sessions":
        return shortened(wish, value)
    return wish


def shortened(wish: Wish, count: int) -> Wish:
    """The first `count` sessions of the wish."""
    fixed = {ordinal: booked for ordinal, booked in wish.fixed.items() if ordinal <= count}
    standing = {ordinal: booked for ordinal, booked in wish.standing.items() if ordinal <= count}
    return replace(wish, count=count, fixed=fixed, standing=standing)


@quick
@given(ANY_WISH, clinics())
def test_up_to_three_offers_are_ones_to_choose_between(wish, clinic):
    found = choose(wish, clinic.bits, clinic.judge)

    assert len(found.offers) <= 3
    assert all(is_different(a, b) for n, a in enumerate(found.offers) for b in found.offers[:n])
    assert bool(found.offers) == (found.impossible is None)
