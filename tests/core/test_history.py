"""Intervals, gaps, pauses and patch tests: docs/screening.md, 7."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest

from plans.core.screening import (
    Entry,
    Gap,
    Line,
    Verdict,
    screen,
)
from plans.core.spacing import Period
from tests.core.small_catalogue import (
    BOOK,
    DAY,
    after,
    days,
    healthy,
    only,
    present,
)


def test_the_session_of_the_same_day_counts():
    assert after("laser", Entry("laser", DAY)).earliest_ok == DAY + days(28)


def test_a_later_session_is_no_reason():
    assert after("laser", Entry("laser", DAY + days(1))).verdict is Verdict.OK


def test_the_interval_counts_from_the_latest_session():
    entries = [Entry("laser", DAY - days(back)) for back in (20, 5, 12)]

    for history in permutations(entries):
        found = only(after("laser", *history))
        assert found.entry == Entry("laser", DAY - days(5))
        assert (found.free_day, found.spacing) == (DAY + days(23), Period(4, "weeks"))


def test_two_clamped_month_ends_name_the_later_session():
    ends = (Entry("peel", dt.date(2026, 11, 29)), Entry("peel", dt.date(2026, 11, 30)))

    for history in permutations(ends):
        found = only(after("peel", *history, on=dt.date(2027, 2, 1)))
        assert (found.entry, found.free_day) == (ends[1], dt.date(2027, 2, 28))


def test_a_procedure_without_an_interval_may_follow_itself():
    assert after("toxin", Entry("toxin", DAY)).verdict is Verdict.OK


def test_a_gap_holds_in_its_own_direction_only():
    assert after("laser", Entry("toxin", DAY)).reasons == ("gap:toxin>laser",)
    assert after("toxin", Entry("laser", DAY)).verdict is Verdict.OK


def test_a_gap_of_single_procedures_stands_beside_that_of_their_groups():
    own = Gap("toxin", "laser", Period(6, "weeks"), after_is_procedure=True)
    mixed = Gap("toxin", "laser", Period(1, "months"), before_is_procedure=True)
    book = replace(BOOK, gaps=(*BOOK.gaps, own, mixed))
    toxin, laser = book.rules("toxin"), book.rules("laser")

    assert [gap.min for gap in book.gaps_between(toxin, laser)] == [
        Period(2, "weeks"),
        Period(1, "months"),
        Period(6, "weeks"),
    ]
    found = only(screen(book, "laser", healthy(DAY, history=(Entry("toxin", DAY),)), DAY))
    assert (found.rule, found.free_day) == ("gap:toxin>laser", DAY + days(42))


def test_the_gap_within_a_group_is_for_different_procedures():
    assert after("filler_a", Entry("filler_b", DAY)).reasons == ("gap:filler>filler",)
    assert after("filler_b", Entry("filler_b", DAY)).verdict is Verdict.OK


def test_one_reason_per_gap_with_its_latest_free_day():
    found = only(after("laser", Entry("toxin", DAY - days(9)), Entry("toxin", DAY - days(2))))

    assert (found.subject, found.free_day) == ("toxin", DAY + days(12))


@pytest.mark.parametrize(
    ("done_on", "planned_on", "reasons"),
    [
        ("cheeks", "forehead", ()),
        ("cheeks", "forehead cheeks", ("gap:toxin>laser", "interval:laser")),
        ("", "forehead", ("gap:toxin>laser", "interval:laser")),
        ("cheeks", "", ("gap:toxin>laser", "interval:laser")),
    ],
)
def test_spacing_counts_only_where_areas_meet(done_on, planned_on, reasons):
    areas = frozenset(done_on.split())
    history = (Entry("toxin", DAY, areas=areas), Entry("laser", DAY, areas=areas))

    assert after("laser", *history, areas=planned_on).reasons == reasons


def test_a_home_course_holds_from_its_end():
    cream = Entry("home_cream", DAY - days(60), DAY - days(3))

    assert after("peel", cream).earliest_ok == DAY + days(4)


def test_a_home_course_holds_from_a_planned_end_too():
    cream = Entry("home_cream", DAY - days(60), DAY + days(10))

    assert after("peel", cream).earliest_ok == DAY + days(17)


def test_a_running_home_course_outlasts_an_ended_one():
    running = Entry("home_cream", DAY - days(60))
    ended = Entry("home_cream", DAY - days(9), DAY - days(2))

    for history in permutations((running, ended)):
        found = only(after("peel", *history))
        assert (found.free_day, found.entry) == (None, running)


def test_a_home_course_yet_to_begin_is_no_reason():
    assert after("peel", Entry("home_cream", DAY + days(1))).verdict is Verdict.OK


def test_an_end_of_a_treatment_in_the_clinic_is_not_looked_at():
    assert after("laser", Entry("toxin", DAY - days(20), DAY)).verdict is Verdict.OK


def test_a_course_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="before"):
        Entry("home_cream", DAY, DAY - days(1))


@pytest.mark.parametrize("entry", [(dt.date.max, None), (DAY, dt.date.max)])
def test_an_entry_beyond_all_lives_is_refused(entry):
    with pytest.raises(ValueError, match="leave an unknown end open"):
        Entry("home_cream", *entry)


def test_acids_at_home_and_in_the_clinic_share_one_pause():
    history = (
        Entry("home_acid", dt.date(2026, 8, 1), dt.date(2026, 9, 20)),
        Entry("acid", dt.date(2026, 10, 10)),
        Entry("toxin", dt.date(2026, 10, 20)),
    )

    assert after("acid", *history, on=dt.date(2026, 10, 31)).verdict is Verdict.OK
    assert after("home_acid", *history, on=dt.date(2026, 11, 1)).reasons == ("break:home_acid",)
    found = only(after("acid", *history, on=dt.date(2026, 11, 9)))
    assert (found.since, found.until) == (dt.date(2026, 8, 1), dt.date(2026, 10, 10))
    assert (found.free_day, found.spacing) == (dt.date(2026, 11, 10), Period(1, "months"))


def test_acids_never_stopped_give_no_date():
    running = Entry("home_acid", dt.date(2026, 8, 1))

    assert after("acid", running, on=dt.date(2026, 10, 31)).verdict is Verdict.OK
    found = after("acid", running, on=dt.date(2026, 11, 1))
    assert (found.reasons, found.earliest_ok) == (("break:acid",), None)


def test_the_pause_starts_anew_when_a_booked_use_falls_into_it():
    history = (
        Entry("acid", dt.date(2026, 8, 1)),
        Entry("acid", dt.date(2026, 8, 31)),
        Entry("acid", dt.date(2026, 9, 29)),
        Entry("acid", dt.date(2026, 10, 28)),
        Entry("acid", dt.date(2026, 11, 25)),
    )

    found = after("acid", *history, on=dt.date(2026, 11, 5))

    assert only(found).free_day == dt.date(2026, 11, 28)
    assert found.earliest_ok == dt.date(2026, 12, 25)


@pytest.mark.parametrize(
    ("tested", "on", "free_day"),
    [
        (dt.date(2026, 11, 21), dt.date(2026, 11, 22), dt.date(2026, 11, 23)),
        (dt.date(2026, 8, 31), dt.date(2027, 3, 1), None),
    ],
)
def test_a_test_too_fresh_or_too_old_makes_wait(tested, on, free_day):
    found = only(after("light", Entry("PT", tested), on=on))

    assert (found.rule, found.subject, found.free_day) == ("patch:light", "PT", free_day)
    assert found.entry == Entry("PT", tested)


@pytest.mark.parametrize("on", [dt.date(2026, 9, 2), dt.date(2027, 2, 28)])
def test_a_test_is_good_on_its_first_and_last_day(on):
    assert after("light", Entry("PT", dt.date(2026, 8, 31)), on=on).verdict is Verdict.OK


def test_a_second_test_still_unread_takes_nothing_from_the_first():
    history = (Entry("PT", DAY - days(60)), Entry("PT", DAY - days(1)))

    assert after("light", *history).verdict is Verdict.OK


def test_after_a_lapsed_test_the_next_one_is_waited_for():
    tests = (Entry("PT", DAY - days(400)), Entry("PT", DAY - days(1)), Entry("PT", DAY))

    for history in permutations(tests):
        found = only(after("light", *history))
        assert (found.free_day, found.entry) == (DAY + days(1), Entry("PT", DAY - days(1)))


def test_of_lapsed_tests_the_latest_is_named():
    tests = (Entry("PT", DAY - days(400)), Entry("PT", DAY - days(300)))

    assert {only(after("light", *history)).entry for history in permutations(tests)} == {tests[1]}


def test_a_test_merely_booked_does_not_count():
    patient = healthy(DAY, history=(Entry("PT", DAY + days(1)),))

    found = screen(BOOK, "light", patient, DAY + days(30), DAY)

    assert (found.reasons, found.earliest_ok) == (("patch:light",), None)


def test_only_a_session_after_the_test_renews_it_and_only_where_it_may():
    test, session = dt.date(2026, 1, 10), dt.date(2026, 7, 1)
    before = dt.date(2025, 12, 31)

    renewed = (Entry("PT", test), Entry("light", session))
    assert after("light", *renewed).verdict is Verdict.OK
    assert after("light", Entry("PT", test), Entry("light", before)).reasons == ("patch:light",)
    fixed = (Entry("PT-2", test), Entry("tattoo_light", session))
    assert after("tattoo_light", *fixed).reasons == ("patch:tattoo_light",)


def test_an_advised_test_does_not_hold_anything_off():
    assert after("ointment").verdict is Verdict.OK


def test_a_treatment_waiting_past_the_test_gets_no_date():
    """By the end of the washout the test will have lapsed."""
    light = replace(BOOK.rules("light"), lines=(Line("drug", "temporary", Period(12, "months")),))
    book = replace(BOOK, procedures={**BOOK.procedures, "light": light})
    patient = healthy(DAY, present("drug", until=DAY), history=(Entry("PT", DAY - days(9)),))

    found = screen(book, "light", patient, DAY)

    assert (found.reasons, found.earliest_ok) == (("ci:light:drug",), None)
