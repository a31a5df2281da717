"""What a fact may say, and who may sign a finding: docs/screening.md, 3 and 8."""

import datetime as dt
from itertools import permutations

import pytest

from plans.core.screening import (
    Entry,
    Fact,
    Finding,
    Patient,
    Verdict,
    screen,
    skin_type_facts,
    validate_fact,
)
from tests.core.small_catalogue import (
    BOOK,
    DAY,
    days,
    denials,
    healthy,
    judge,
    only,
    peel,
    present,
)


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (DAY + days(1), None, ()),
        (DAY, None, ("ci:peel:pregnancy",)),
        (None, DAY, ("ci:peel:pregnancy",)),
        (DAY, DAY, ("ci:peel:pregnancy",)),
        (None, None, ("ci:peel:pregnancy",)),
    ],
)
def test_a_present_record_counts_on_its_first_and_last_day(since, until, reason):
    answered = Fact("pregnancy", "denied", DAY)

    assert peel(present("pregnancy", since, until), answered).reasons == reason


def test_an_old_open_record_still_stands():
    assert peel(present("drug", dt.date(1995, 1, 1))).reasons == ("ci:peel:drug",)


def test_of_several_records_the_latest_free_day_wins():
    early = present("drug", until=dt.date(2026, 7, 1))
    late = present("drug", until=dt.date(2026, 9, 30))

    for facts in permutations((early, late)):
        found = only(peel(*facts))
        assert (found.until, found.free_day) == (dt.date(2026, 9, 30), dt.date(2027, 3, 30))


def test_an_open_record_outlasts_a_closed_one():
    closed, still = present("drug", until=DAY), present("drug", since=DAY - days(3))

    assert {peel(*facts).earliest_ok for facts in permutations((closed, still))} == {None}


def test_a_denial_without_a_date_is_no_answer():
    assert peel(Fact("drug", "denied")).reasons == ("ask:peel:drug",)


def test_an_unknown_record_takes_no_denial_away():
    assert peel(Fact("drug", "denied", DAY), Fact("drug", "unknown", DAY)).verdict is Verdict.OK


def test_a_record_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="after its end"):
        present("drug", DAY, DAY - days(1))


@pytest.mark.parametrize("status", ["denied", "unknown"])
def test_only_a_present_record_has_an_end(status):
    with pytest.raises(ValueError, match="has no end"):
        Fact("drug", status, DAY, DAY)


def test_an_end_beyond_all_lives_is_refused():
    with pytest.raises(ValueError, match="leave the end open"):
        present("drug", DAY, dt.date.max)


def test_a_denial_from_after_the_screening_is_refused():
    with pytest.raises(ValueError, match="denied on 2026-11-24"):
        screen(BOOK, "peel", healthy(DAY + days(1)), DAY + days(9), DAY)


def test_a_denial_of_the_day_and_a_planned_drug_can_be_known():
    validate_fact(Fact("drug", "denied", DAY), DAY)
    validate_fact(present("drug", DAY + days(9)), DAY)


def test_a_session_cannot_be_screened_after_it():
    with pytest.raises(ValueError, match="after the session"):
        screen(BOOK, "peel", healthy(DAY), DAY, DAY + days(1))


@pytest.mark.parametrize(
    ("skin_type", "four", "five_or_six"),
    [
        (None, "unknown", "unknown"),
        (1, "denied", "denied"),
        (3, "denied", "denied"),
        (4, "present", "denied"),
        (5, "denied", "present"),
        (6, "denied", "present"),
    ],
)
def test_the_skin_type_answers_both_questions(skin_type, four, five_or_six):
    facts = skin_type_facts(skin_type, DAY)

    assert [(fact.code, fact.status) for fact in facts] == [
        ("phototype_4", four),
        ("phototype_5_6", five_or_six),
    ]
    assert all(fact.since == DAY for fact in facts if fact.status == "denied")


@pytest.mark.parametrize("skin_type", [0, 7])
def test_there_are_six_skin_types(skin_type):
    with pytest.raises(ValueError, match="no skin type"):
        skin_type_facts(skin_type, DAY)


def finding(kind: str, facts: tuple[Fact, ...] = (), history: tuple[Entry, ...] = ()) -> Finding:
    """The only finding of this kind when a peel is screened for a patient of 17."""
    patient = Patient(dt.date(2008, 12, 1), denials(DAY, *(f.code for f in facts)) + facts, history)
    procedure = {"break": "acid", "patch": "light"}.get(kind, "peel")
    (found,) = (f for f in judge(procedure, patient, DAY) if f.kind == kind)
    return found


def test_a_wait_is_overridden_by_a_physician_alone():
    waits = (
        finding("ci", (present("drug"),)),
        finding("interval", history=(Entry("peel", DAY),)),
        finding("gap", history=(Entry("laser", DAY),)),
        finding("break", history=(Entry("home_acid", dt.date(2026, 1, 1)),)),
    )

    assert [wait.overridable for wait in waits] == [True] * 4
    assert {wait.signers for wait in waits} == {("physician",)}


def test_refusal_age_and_patch_test_are_overridden_by_nobody():
    firm = (finding("ci", (present("allergy"),)), finding("age"), finding("patch"))

    assert [(found.overridable, found.signers) for found in firm] == [(False, ())] * 3


def test_a_caution_is_signed_by_practitioner_or_physician():
    found = finding("ci", (present("keloid"),))

    assert (found.overridable, found.signers) == (True, ("practitioner", "physician"))


def test_the_caution_of_age_is_signed_but_never_overridden():
    found = only(screen(BOOK, "peel", Patient(dt.date(1940, 1, 1), denials(DAY)), DAY))

    assert (found.overridable, found.signers) == (False, ("practitioner", "physician"))


@pytest.mark.parametrize(
    ("fact", "signers"),
    [
        (Fact("keloid", "unknown"), ("physician",)),
        (Fact("keloid", "denied"), ("physician",)),
        (Fact("drug", "unknown"), ()),
        (Fact("allergy", "unknown"), ()),
        (Fact("keloid", "denied", dt.date(2020, 1, 1)), ()),
    ],
)
def test_a_question_is_accepted_only_as_unknown_and_only_if_relative(fact, signers):
    found = finding("ask", (fact,))

    assert (found.overridable, found.signers) == (False, signers)


@pytest.mark.parametrize(("asked", "is_unknown"), [(2019, False), (2020, True), (2021, True)])
def test_an_answer_since_makes_an_unknown_record_old(asked, is_unknown):
    answered = Fact("keloid", "denied", dt.date(2020, 1, 1))

    found = finding("ask", (answered, Fact("keloid", "unknown", dt.date(asked, 1, 1))))

    assert found.is_recorded_unknown is is_unknown
