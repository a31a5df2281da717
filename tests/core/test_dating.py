"""A protocol dated for one patient: each date, why it moved, and what cannot be dated."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.dating import DatedStep, Judge, date_steps, later_start
from plans.core.protocol import Anchor, Starts, Step, Treatment
from plans.core.screening import Entry, Fact, Patient, Screening, screen
from plans.core.spacing import Interval, Period
from tests.core.small_catalogue import ACIDS, BOOK, MONTHS_3, healthy, present

START = dt.date(2026, 11, 30)  # a Monday, the last day of its month
WEEKS_2 = Period(2, "weeks")
NOW = Starts()
TREATMENTS = {
    each.code: each
    for each in (
        Treatment("peel", False, Interval(MONTHS_3, MONTHS_3, Period(6, "months")), 1, 6),
        Treatment("laser", False, Interval(Period(4, "weeks"), Period(6, "weeks"), Period(8, "weeks"))),
        Treatment("toxin", False),
        Treatment("home_cream", True),
        Treatment("acid", False, Interval(WEEKS_2, WEEKS_2, Period(4, "weeks")), 1, 8, ACIDS),
        Treatment("home_acid", True, cycle=ACIDS),
        Treatment("light", False, Interval(WEEKS_2, WEEKS_2, Period(4, "weeks"))),
    )
}  # fmt: skip


def judge_of(patient: Patient, as_of: dt.date = START) -> Judge:
    def judge(entry: Entry, others: Sequence[Entry]) -> Screening:
        known = replace(patient, history=(*patient.history, *others))
        return screen(BOOK, entry.procedure, known, entry.date, as_of, entry.areas)

    return judge


HEALTHY = judge_of(healthy(START))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def clinic(number: int, procedure: str, sessions: int, starts: Starts = NOW) -> Step:
    return Step(number, procedure, starts, sessions=sessions)


def home(number: int, procedure: str, days: int, starts: Starts = NOW) -> Step:
    return Step(number, procedure, starts, days=days)


def after(step: int, gap: Period, anchor: Anchor = "end") -> Starts:
    return Starts(anchor, step, gap)


def days_of(found: DatedStep) -> list[str]:
    return [each.day.isoformat() for each in found.dates]


def test_cream_then_three_peels_then_the_laser() -> None:
    steps = (
        home(1, "home_cream", 90),
        clinic(2, "peel", 3, after(1, Period(14, "days"))),
        clinic(3, "laser", 1, after(2, MONTHS_3, "last session")),
    )
    cream, peels, laser = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert cream.dates[0].until == day("2027-02-27")  # 90 days, both ends included
    assert days_of(peels) == ["2027-03-13", "2027-06-13", "2027-09-13"]
    assert days_of(laser) == ["2027-12-13"]
    assert [each.failure for each in (cream, peels, laser)] == [None, None, None]


def test_a_month_is_clamped_to_its_end_and_counted_on_from_there() -> None:
    (peels,) = date_steps([clinic(1, "peel", 3)], TREATMENTS, START, HEALTHY)
    assert days_of(peels) == ["2026-11-30", "2027-02-28", "2027-05-28"]


def test_the_window_of_a_session_counts_from_the_one_before() -> None:
    (lasers,) = date_steps([clinic(1, "laser", 2)], TREATMENTS, START, HEALTHY)
    first, second = lasers.dates
    assert first.window is None
    assert second.window is not None
    assert (second.window.earliest, second.window.target, second.window.latest) == (
        day("2026-12-28"),
        day("2027-01-11"),
        day("2027-01-25"),
    )


def test_a_closed_day_moves_a_session_to_the_next_open_one_and_says_so() -> None:
    steps = [home(1, "home_cream", 6), clinic(2, "peel", 2, after(1, Period(7, "days")))]
    cream, peels = date_steps(
        steps, TREATMENTS, START, HEALTHY, is_open=lambda each: each.isoweekday() < 6
    )
    assert cream.dates[0].until == day("2026-12-05")  # a Saturday: nobody has to be there
    assert days_of(peels) == ["2026-12-14", "2027-03-15"]
    assert peels.begins == day("2026-12-12")
    assert peels.dates[0].moved is not None
    assert peels.dates[0].moved.kind == "closed"


def test_a_clinic_open_only_before_the_target_is_given_the_nearest_earlier_day() -> None:
    (lasers,) = date_steps(
        [clinic(1, "laser", 2)], TREATMENTS, START, HEALTHY, is_open=lambda each: each < day("2027-01-09")
    )  # fmt: skip
    assert days_of(lasers) == ["2026-11-30", "2027-01-08"]


def test_a_wait_moves_the_first_session_and_all_that_follows() -> None:
    stopped = judge_of(healthy(START, present("drug", until=day("2026-10-31"))))
    steps = [clinic(1, "peel", 2), clinic(2, "laser", 1, after(1, Period(1, "months")))]
    peels, laser = date_steps(steps, TREATMENTS, START, stopped)
    assert days_of(peels) == ["2027-04-30", "2027-07-30"]
    assert days_of(laser) == ["2027-08-30"]
    moved = peels.dates[0].moved
    assert moved is not None
    assert moved.screening is not None
    assert moved.screening.reasons == ("ci:peel:drug",)


def test_what_is_refused_without_an_end_is_named_and_so_is_what_follows_it() -> None:
    allergic = judge_of(healthy(START, present("allergy")))
    steps = [
        clinic(1, "peel", 2),
        clinic(2, "laser", 1, after(1, Period(1, "months"))),
        home(3, "home_cream", 7),
    ]
    peels, laser, cream = date_steps(steps, TREATMENTS, START, allergic)
    assert peels.failure is not None
    assert peels.failure.objection is not None
    assert peels.failure.objection.is_lasting
    assert laser.failure is not None
    assert (laser.failure.objection, laser.failure.follows) == (None, 1)
    assert (laser.begins, laser.dates) == (None, ())
    assert cream.failure is None
    assert later_start(lambda at: date_steps(steps, TREATMENTS, at, allergic), START) is None


def test_a_required_patch_test_that_is_not_done_leaves_the_step_without_a_date() -> None:
    (light,) = date_steps([clinic(1, "light", 1)], TREATMENTS, START, HEALTHY)
    assert light.failure is not None
    assert light.failure.objection is not None
    assert light.failure.objection.screening is not None
    assert light.failure.objection.screening.reasons == ("patch:light",)


def test_sessions_keep_a_patch_test_good_that_they_renew() -> None:
    tested = judge_of(healthy(START, history=(Entry("PT", day("2026-11-20")),)))
    (light,) = date_steps([clinic(1, "light", 14)], TREATMENTS, START, tested)
    assert light.failure is None
    assert light.dates[-1].day > day("2027-05-20")  # the test alone was good for six months


def test_an_earlier_step_holds_off_a_later_one_by_the_gap_between_them() -> None:
    steps = [clinic(1, "laser", 1), clinic(2, "peel", 1)]
    _laser, peel = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert days_of(peel) == ["2026-12-28"]  # 4 weeks after the laser


def test_a_later_step_may_not_stand_just_before_an_earlier_one() -> None:
    # The peel of step 1 comes after 30 days; a laser 4 weeks and less before it would forbid it.
    steps = [
        clinic(1, "peel", 1, Starts("plan", 0, Period(30, "days"))),
        clinic(2, "laser", 1, Starts("plan", 0, Period(3, "days"))),
    ]
    peel, laser = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert days_of(peel) == ["2026-12-30"]
    assert days_of(laser) == ["2026-12-31"]
    assert laser.dates[0].moved is not None
    assert laser.dates[0].moved.kind == "threatens"
    assert laser.dates[0].moved.threatened == Entry("peel", day("2026-12-30"))


def test_areas_apart_do_not_hold_each_other_off() -> None:
    booked = [Entry("peel", day("2026-12-10"), areas=frozenset({"back"}))]
    (face,) = date_steps(
        [clinic(1, "laser", 1)], TREATMENTS, START, HEALTHY, booked=booked, areas=frozenset({"cheeks"})
    )  # fmt: skip
    assert days_of(face) == ["2026-11-30"]
    (anywhere,) = date_steps([clinic(1, "laser", 1)], TREATMENTS, START, HEALTHY, booked=booked)
    assert days_of(anywhere) == ["2026-12-11"]


def test_a_visit_that_could_not_stand_anyway_holds_nothing_off() -> None:
    allergic = judge_of(healthy(START, present("keloid"), history=(Entry("laser", START),)))
    booked = [
        Entry("peel", day("2026-12-10"))
    ]  # 10 days after a laser: blocked by that gap already
    (laser,) = date_steps([clinic(1, "laser", 1)], TREATMENTS, START, allergic, booked=booked)
    assert days_of(laser) == ["2026-12-28"]


def test_home_care_holds_off_a_peel_from_its_last_day() -> None:
    steps = [home(1, "home_cream", 30), clinic(2, "peel", 1, after(1, Period(1, "days")))]
    cream, peel = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert cream.dates[0].until == day("2026-12-29")
    assert days_of(peel) == ["2027-01-05"]  # 7 days after its last day, not after its first
    assert peel.begins == day("2026-12-30")


def test_fruit_acids_pause_after_three_months_and_go_on_where_the_window_lasts_so_long() -> None:
    (acids,) = date_steps([clinic(1, "acid", 8)], TREATMENTS, START, HEALTHY)
    assert days_of(acids)[-2:] == ["2027-02-22", "2027-03-22"]  # a short February
    moved = acids.dates[-1].moved
    assert moved is not None
    assert moved.screening is not None
    assert moved.screening.reasons == ("break:acid",)


def test_a_session_whose_window_is_over_before_the_pause_finds_no_date() -> None:
    (acids,) = date_steps([clinic(1, "acid", 8)], TREATMENTS, day("2027-08-02"), HEALTHY)
    assert len(acids.dates) == 7
    assert acids.last_day is None
    failure = acids.failure
    assert failure is not None
    assert failure.window is not None
    assert failure.objection is not None
    assert failure.objection.screening is not None
    assert (failure.ordinal, failure.window.latest) == (8, day("2027-11-22"))
    assert failure.objection.screening.earliest_ok == day("2027-11-25")


def test_fruit_acids_at_home_wait_for_the_pause_after_those_in_the_clinic() -> None:
    steps = [clinic(1, "acid", 7), home(2, "home_acid", 60, after(1, Period(1, "days")))]
    acids, at_home = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert acids.last_day == day("2027-02-22")
    assert days_of(at_home) == ["2027-03-22"]  # a month's pause


def test_use_at_home_that_would_run_into_the_pause_begins_after_it() -> None:
    # Two months in the clinic, then at once 60 days at home: three months would be over on the way.
    steps = [clinic(1, "acid", 5), home(2, "home_acid", 60, after(1, Period(1, "days")))]
    acids, at_home = date_steps(steps, TREATMENTS, START, HEALTHY)
    assert acids.last_day == day("2027-01-25")
    assert days_of(at_home) == ["2027-02-25"]
    assert at_home.dates[0].moved is not None
    assert at_home.dates[0].moved.screening is not None
    assert at_home.dates[0].moved.screening.reasons == ("break:home_acid",)


def test_what_follows_a_step_left_out_follows_what_that_would_have_followed_after_both_gaps() -> (
    None
):
    steps = [
        clinic(1, "toxin", 1),
        home(2, "home_cream", 30, after(1, Period(20, "days"))),
        clinic(3, "laser", 1, after(2, WEEKS_2)),
        clinic(4, "peel", 1, after(3, Period(5, "weeks"))),
    ]
    toxin, laser, peel = date_steps(steps, TREATMENTS, START, HEALTHY, left_out={2})
    assert [each.step.number for each in (toxin, laser, peel)] == [1, 3, 4]
    assert days_of(laser) == ["2026-12-20"]  # the longer of 20 days and 2 weeks
    _toxin, peel = date_steps(steps, TREATMENTS, START, HEALTHY, left_out={2, 3})
    assert days_of(peel) == ["2027-01-04"]  # the longest of 20 days, 2 weeks and 5 weeks


def test_what_follows_a_first_step_left_out_counts_from_the_start_of_the_plan() -> None:
    steps = [home(1, "home_cream", 90), clinic(2, "peel", 1, after(1, Period(14, "days")))]
    (peel,) = date_steps(steps, TREATMENTS, START, HEALTHY, left_out={1})
    assert days_of(peel) == ["2026-12-14"]


def test_two_sessions_never_share_a_day_where_no_interval_is_known() -> None:
    (toxin,) = date_steps([clinic(1, "toxin", 2)], TREATMENTS, START, HEALTHY)
    assert days_of(toxin) == ["2026-11-30", "2026-12-01"]


def test_a_later_start_is_found_from_which_everything_fits() -> None:
    # The second laser belongs between 28 December and 25 January; two peels are booked in its way.
    shut = [Entry("peel", day("2027-01-24")), Entry("peel", day("2027-01-26"))]
    steps = [clinic(1, "laser", 2)]

    def shut_at(start: dt.date) -> tuple[DatedStep, ...]:
        return date_steps(steps, TREATMENTS, start, HEALTHY, booked=shut)

    (lasers,) = shut_at(START)
    assert lasers.failure is not None
    start = later_start(shut_at, START)
    assert start == day("2026-12-02")
    assert all(each.failure for each in shut_at(day("2026-12-01")))
    assert not any(each.failure for each in shut_at(start))


def test_a_search_that_never_ends_is_given_up() -> None:
    def closed(start: dt.date) -> tuple[DatedStep, ...]:
        steps = [clinic(1, "toxin", 1)]
        return date_steps(steps, TREATMENTS, start, HEALTHY, is_open=lambda each: False)

    assert later_start(closed, START, tries=2) is None


def test_a_procedure_that_nobody_knows_is_no_date() -> None:
    with pytest.raises(KeyError):
        date_steps([clinic(1, "magic", 1)], TREATMENTS, START, HEALTHY)


# Laws

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["peel", "laser", "toxin", "acid", "home_cream", "home_acid"]),
        st.integers(1, 4),
        st.integers(0, 4),
        st.builds(Period, st.integers(0, 6), st.sampled_from(["days", "weeks", "months"])),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: tuple(
        (home if procedure.startswith("home") else clinic)(
            number,
            procedure,
            count,
            after(min(anchor, number - 1), gap)
            if min(anchor, number - 1)
            else Starts("plan", 0, gap),
        )
        for number, (procedure, count, anchor, gap) in enumerate(rows, start=1)
    )
)
FACTS = st.lists(
    st.builds(
        lambda code, offset: Fact(code, "present", None, START + dt.timedelta(days=offset)),
        st.sampled_from(["drug", "pregnancy", "cancer"]),
        st.integers(-400, 60),
    ),
    max_size=2,
    unique_by=lambda fact: fact.code,
)
BOOKED = st.lists(
    st.builds(
        lambda code, offset: Entry(code, START + dt.timedelta(days=offset)),
        st.sampled_from(["peel", "laser", "toxin"]),
        st.integers(0, 200),
    ),
    max_size=2,
)


@given(STEPS, FACTS, BOOKED, st.sets(st.integers(1, 7), max_size=3), st.sets(st.integers(1, 4)))
def test_dates_keep_order_intervals_relations_and_the_rules(
    steps: tuple[Step, ...],
    facts: list[Fact],
    booked: list[Entry],
    closed: set[int],
    left_out: set[int],
) -> None:
    judge = judge_of(healthy(START, *facts))
    found = date_steps(
        steps, TREATMENTS, START, judge, is_open=lambda each: each.isoweekday() not in closed,
        booked=booked, left_out=left_out,
    )  # fmt: skip
    assert [each.step for each in found] == [s for s in steps if s.number not in left_out]
    ends = {each.step.number: each.last_day for each in found}
    for each in found:
        days = [dated.day for dated in each.dates]
        assert days == sorted(set(days))
        _keeps_its_relation(each, ends, left_out)
        _keeps_its_intervals(each)
        for dated in each.dates:
            assert not dated.screening.verdict.blocks
            assert dated.until is not None or dated.day.isoweekday() not in closed
    _nothing_dated_is_blocked(found, judge, booked)


def _keeps_its_relation(
    found: DatedStep, ends: dict[int, dt.date | None], left_out: set[int]
) -> None:
    starts = found.step.starts
    if not found.dates or starts.step in left_out:
        return
    anchor = ends[starts.step] if starts.step else START
    assert anchor is not None
    assert found.dates[0].day >= starts.gap.after(anchor)


def _keeps_its_intervals(found: DatedStep) -> None:
    interval = TREATMENTS[found.step.procedure].interval
    for before, dated in zip(found.dates, found.dates[1:], strict=False):
        if interval:
            assert interval.min.after(before.day) <= dated.day <= interval.max.after(before.day)


def _nothing_dated_is_blocked(
    found: tuple[DatedStep, ...], judge: Judge, booked: list[Entry]
) -> None:
    entries = [
        Entry(each.step.procedure, dated.day, dated.until) for each in found for dated in each.dates
    ]
    for n, entry in enumerate(entries):
        others = [*booked, *entries[:n], *entries[n + 1 :]]
        assert not judge(entry, others).verdict.blocks
