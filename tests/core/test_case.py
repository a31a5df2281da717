"""One patient before one procedure: days allowed, and later visits that must not suffer."""

import datetime as dt

import pytest

from plans.core.case import ENDANGERS, Case, Standing, misplaced
from plans.core.screening import Entry, Fact, Patient, Verdict
from plans.core.spacing import Interval, Period, Window
from tests.core.small_catalogue import ADULT, BOOK

MONDAY = dt.date(2026, 11, 9)
KNOWN = tuple(Fact(line.fact, "denied", since=MONDAY) for line in BOOK.rules("peel").lines)
THREE_MONTHS = Interval(Period(3, "months"), Period(3, "months"), Period(6, "months"))


def case(*standing: Entry, done: tuple[Entry, ...] = (), facts=KNOWN) -> Case:
    visits = [Standing(number, entry) for number, entry in enumerate(standing)]
    return Case(BOOK, "peel", Patient(ADULT, facts, done), visits, MONDAY)


def test_a_day_without_objection_is_allowed():
    judged = case().judge(MONDAY)
    assert not judged.blocked
    assert judged.level == Verdict.OK


def test_a_day_too_near_to_what_was_done_waits_with_its_end():
    judged = case(done=(Entry("peel", dt.date(2026, 10, 1)),)).judge(MONDAY)
    assert judged.blocked
    assert judged.earliest == dt.date(2027, 1, 1)


def test_a_day_that_would_endanger_a_later_visit_is_not_allowed():
    later = case(Entry("peel", dt.date(2026, 12, 9)))
    judged = later.judge(MONDAY)
    assert judged.blocked
    assert judged.reasons[-1] == ENDANGERS
    assert [visit.key for visit in later.endangered([MONDAY])] == [0]


def test_a_visit_that_was_not_allowed_before_is_no_reason():
    near = case(Entry("peel", dt.date(2026, 12, 9)), done=(Entry("peel", dt.date(2026, 11, 1)),))
    assert near.endangered([MONDAY]) == ()


def test_a_visit_before_the_new_day_is_not_endangered():
    assert case(Entry("peel", MONDAY)).endangered([dt.date(2027, 3, 1)]) == ()


def test_earlier_sessions_of_a_series_count_for_the_later_ones():
    screening = case().screen(dt.date(2027, 1, 9), [MONDAY])
    assert screening.reasons[0] == "interval:peel"


def test_what_must_be_waited_for_is_told_up_to_the_first_day_allowed():
    waiting = case(
        Entry("peel", dt.date(2027, 1, 15)), done=(Entry("peel", dt.date(2026, 10, 20)),)
    )
    assert [found.free_day for found in waiting.waits(MONDAY)] == [
        dt.date(2027, 1, 20), dt.date(2027, 4, 15)
    ]  # fmt: skip


def test_a_wait_without_a_known_end_is_told_once():
    facts = (*KNOWN, Fact("pregnancy", "present", since=MONDAY))
    (found,) = case(facts=facts).waits(MONDAY)
    assert found.free_day is None


def test_nothing_is_misplaced_when_every_window_is_kept():
    dates = {1: dt.date(2026, 11, 26), 2: dt.date(2027, 2, 26), 3: dt.date(2027, 8, 26)}
    assert misplaced(dates, THREE_MONTHS, since=1) is None


def test_the_first_session_outside_its_window_is_named():
    dates = {1: dt.date(2026, 11, 26), 2: dt.date(2027, 2, 25), 3: dt.date(2027, 5, 26)}
    found = misplaced(dates, THREE_MONTHS, since=1)
    assert found
    assert found[0] == 2
    assert found[1].earliest == dt.date(2027, 2, 26)
    assert misplaced(dates, THREE_MONTHS, since=3) is None


def test_a_lapsed_session_may_be_late_but_not_early():
    late = {1: dt.date(2026, 11, 26), 2: dt.date(2027, 6, 1)}
    assert misplaced(late, THREE_MONTHS, since=2)
    assert misplaced(late, THREE_MONTHS, since=2, may_be_late=2) is None


def test_a_session_too_early_needs_a_reason_of_its_own():
    early = {1: dt.date(2026, 11, 26), 2: dt.date(2027, 1, 4), 3: dt.date(2027, 2, 1)}
    found = misplaced(early, THREE_MONTHS, since=2, may_be_early=[2])
    assert found
    assert found[0] == 3
    assert misplaced(early, THREE_MONTHS, since=2, may_be_early=[2, 3]) is None


def test_a_wait_that_is_forgiven_keeps_no_day_off():
    near = case(done=(Entry("peel", dt.date(2026, 10, 1)),))
    judged = near.forgiving(MONDAY).judge(MONDAY)
    assert (judged.blocked, judged.level) == (False, Verdict.WAIT)
    assert near.judge(MONDAY).blocked


def test_only_the_waits_of_that_day_are_forgiven():
    drug = Fact("drug", "present", until=dt.date(2026, 11, 1))
    begins_later = Fact("pregnancy", "present", since=dt.date(2027, 1, 10))
    forgiving = case(facts=(*KNOWN, drug, begins_later)).forgiving(MONDAY)
    assert not forgiving.judge(MONDAY).blocked
    assert forgiving.judge(dt.date(2027, 1, 11)).blocked


def test_a_refusal_is_never_forgiven_nor_the_wait_beside_it():
    drug = Fact("drug", "present", until=dt.date(2026, 11, 1))
    allergic = case(facts=(*KNOWN, drug, Fact("allergy", "present")))
    assert allergic.forgiving(MONDAY) is allergic
    assert case().forgiving(MONDAY).judge(MONDAY) == case().judge(MONDAY)


# A test of light is good for six months; that of tattoo_light is renewed by nothing.
TESTED = dt.date(2026, 6, 1)
LAST_DAY = dt.date(2026, 12, 1)


def checked(procedure: str, *days: dt.date) -> Case:
    code = {"light": "PT", "tattoo_light": "PT-2"}[procedure]
    history = tuple(Entry(code, day) for day in days)
    return Case(BOOK, procedure, Patient(ADULT, KNOWN, history), (), MONDAY)


def test_a_series_keeps_its_test_good_where_sessions_renew_it():
    late = dt.date(2027, 8, 1)
    assert not checked("light", TESTED).judge(late).blocked
    assert checked("tattoo_light", TESTED).judge(late).blocked
    assert checked("light").judge(late).blocked


def test_a_test_not_read_yet_holds_off_the_sessions_of_a_series_too():
    assert checked("light", MONDAY).judge(MONDAY).blocked


@pytest.mark.parametrize(
    ("procedure", "tests", "latest"),
    [
        ("light", (TESTED,), LAST_DAY),
        ("light", (TESTED, MONDAY), dt.date(2026, 12, 21)),
        ("light", (), dt.date(2026, 12, 21)),
        ("tattoo_light", (TESTED,), dt.date(2026, 12, 21)),
    ],
)
def test_the_first_session_of_a_series_comes_before_its_test_runs_out(procedure, tests, latest):
    window = Window(MONDAY, dt.date(2026, 12, 7), dt.date(2026, 12, 21))
    cut = checked(procedure, *tests).before_lapse(window)
    assert cut == Window(MONDAY, min(window.target, latest), latest)


def test_a_window_after_the_test_ran_out_keeps_its_first_day():
    day = dt.date(2027, 1, 4)
    window = Window(day, day, dt.date(2027, 1, 20))
    assert checked("light", TESTED).before_lapse(window) == Window(day, day, day)
