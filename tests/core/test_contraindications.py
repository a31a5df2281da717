"""Contraindication lines and the questions they raise: docs/screening.md, 4 and 5."""

import datetime as dt

import pytest

from plans.core.contraindications import one_per_fact
from plans.core.screening import (
    Fact,
    Line,
    Patient,
    Rulebook,
    Verdict,
    screen,
)
from plans.core.spacing import Period
from tests.core.small_catalogue import (
    ADULT,
    BOOK,
    DAY,
    days,
    healthy,
    only,
    peel,
    present,
    rules,
)


@pytest.mark.parametrize(
    ("on", "level"),
    [
        (dt.date(2026, 8, 31), Verdict.REFUSE),
        (dt.date(2026, 9, 1), Verdict.WAIT),
        (dt.date(2027, 2, 27), Verdict.WAIT),
        (dt.date(2027, 2, 28), Verdict.OK),
    ],
)
def test_an_absolute_line_refuses_while_true_and_waits_in_its_washout(on, level):
    answered = Fact("cancer", "denied", on)

    found = peel(present("cancer", until=dt.date(2026, 8, 31)), answered, on=on)

    assert found.verdict is level
    if level is not Verdict.OK:
        assert found.earliest_ok == dt.date(2027, 2, 28)


def test_an_absolute_line_refuses_if_any_record_is_true():
    washed, true = present("cancer", until=DAY - days(1)), present("cancer", until=DAY)

    assert peel(washed, true).verdict is Verdict.REFUSE


def test_a_washout_shorter_than_a_day_still_waits_for_the_next():
    no_washout = rules("mask", "mask", Line("drug", "temporary", Period(0, "days")))
    book = Rulebook({"mask": no_washout}, BOOK.rechecks)

    found = screen(book, "mask", healthy(DAY, present("drug", until=DAY)), DAY)

    assert found.earliest_ok == DAY + days(1)


def test_a_line_tells_its_record():
    found = only(peel(present("drug", DAY - days(30), DAY - days(3))))

    assert (found.kind, found.subject, found.severity) == ("ci", "drug", "temporary")
    assert (found.since, found.until) == (DAY - days(30), DAY - days(3))
    assert found.washout == Period(6, "months")


def test_a_line_that_stands_asks_no_question():
    assert peel(present("pregnancy")).reasons == ("ci:peel:pregnancy",)


def test_a_patient_without_records_is_asked_everything():
    found = screen(BOOK, "peel", Patient(ADULT), DAY)

    assert found.verdict is Verdict.ASK
    assert [finding.subject for finding in found.findings] == sorted(BOOK.rechecks)


def test_an_answer_that_is_never_rechecked_stays_good():
    assert peel(Fact("skin_type", "denied", dt.date(1999, 1, 1))).verdict is Verdict.OK


def test_an_answer_for_the_session_must_be_of_the_day():
    yesterday = Fact("pregnancy", "denied", DAY - days(1))

    assert only(peel(yesterday)).evidence == DAY - days(1)


def test_at_booking_the_questions_of_the_day_are_deferred():
    found = screen(BOOK, "peel", healthy(DAY), DAY + days(9), DAY)

    assert (found.verdict, found.deferred) == (Verdict.OK, ("pregnancy",))


def test_at_check_in_nothing_is_deferred():
    assert screen(BOOK, "peel", Patient(ADULT), DAY).deferred == ()


def test_a_question_is_not_deferred_while_its_line_stands():
    assert peel(present("pregnancy"), on=DAY + days(9), as_of=DAY).deferred == ()


def test_a_past_end_is_evidence_of_absence():
    ended = present("smoking", until=DAY - days(40))

    assert peel(ended).verdict is Verdict.OK


def test_a_past_end_lapses_like_an_answer():
    """The washout of the drug is six months, its recheck three."""
    ended = present("drug", until=dt.date(2026, 3, 1))

    assert only(peel(ended)).rule == "ask:peel:drug"


def test_the_latest_evidence_counts():
    ended, denied = present("drug", until=dt.date(2026, 3, 1)), Fact("drug", "denied", DAY)
    older = Fact("drug", "denied", dt.date(2026, 1, 1))

    assert peel(ended, denied, older).verdict is Verdict.OK


@pytest.mark.parametrize("end", [DAY, DAY + days(5)])
def test_a_planned_end_is_taken_as_recorded(end):
    found = peel(present("smoking", until=end), on=DAY + days(30), as_of=DAY)

    assert found.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("end", "deferred"),
    [(DAY, ("pregnancy",)), (DAY + days(1), ("pregnancy", "smoking"))],
)
def test_an_end_still_to_come_is_confirmed_at_check_in(end, deferred):
    assert peel(present("smoking", until=end), on=DAY + days(30), as_of=DAY).deferred == deferred


def test_the_end_of_a_record_yet_to_begin_is_no_evidence():
    planned = present("smoking", DAY + days(40), DAY + days(50))

    found = only(peel(planned, on=DAY + days(30), as_of=DAY))

    assert (found.rule, found.evidence) == ("ask:peel:smoking", None)


def test_answers_are_judged_as_of_the_screening_not_of_the_session():
    denied = Fact("drug", "denied", dt.date(2026, 8, 23))

    assert peel(denied, on=DAY + days(60), as_of=DAY).verdict is Verdict.OK
    assert peel(denied, on=DAY + days(60), as_of=DAY + days(1)).verdict is Verdict.ASK


def test_lines_that_come_to_name_one_fact_count_as_the_strictest():
    lines = [
        Line("drug", "relative", Period(6, "months")),
        Line("other", "relative"),
        Line("drug", "temporary", Period(2, "weeks")),
    ]

    assert one_per_fact(lines) == (
        Line("drug", "temporary", Period(6, "months")),
        Line("other", "relative"),
    )
