"""Each numbered rule of docs/screening.md that the forty cases do not reach."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest

from plans.core.screening import (
    Entry,
    Fact,
    Finding,
    Gap,
    Line,
    Patient,
    Rulebook,
    Screener,
    Screening,
    Verdict,
    judge,
    screen,
    skin_type_facts,
    validate_fact,
)
from plans.core.spacing import Period
from tests.core.small_catalogue import BOOK, MONTHS_3, denials, healthy, rules

DAY = dt.date(2026, 11, 23)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def present(code: str, since: dt.date | None = None, until: dt.date | None = None) -> Fact:
    return Fact(code, "present", since, until)


def peel(*facts: Fact, on: dt.date = DAY, as_of: dt.date | None = None) -> Screening:
    """A peel for an adult who denied everything that `facts` do not speak of, on the day as known."""
    return screen(BOOK, "peel", healthy(as_of or on, *facts), on, as_of)


def after(procedure: str, *history: Entry, on: dt.date = DAY, areas: str = "") -> Screening:
    """`procedure` for a healthy adult with this history, on areas named in one string."""
    return screen(BOOK, procedure, healthy(on, history=history), on, areas=frozenset(areas.split()))


def only(screening: Screening) -> Finding:
    (finding,) = screening.findings
    return finding


# 1 Verdicts


def test_a_healthy_adult_is_ok():
    assert peel() == Screening(Verdict.OK)


def test_the_words_stand_in_order_of_strength():
    assert [v.word for v in sorted(Verdict)] == ["ok", "caution", "ask", "wait", "refuse"]


def test_only_wait_and_refuse_block():
    assert [v for v in Verdict if v.blocks] == [Verdict.WAIT, Verdict.REFUSE]


def test_reasons_come_strongest_first_then_by_code():
    found = peel(
        present("smoking"),
        present("keloid"),
        present("drug"),
        present("cancer"),
        present("allergy"),
    )

    assert found.reasons == (
        "ci:peel:allergy",
        "ci:peel:cancer",
        "ci:peel:drug",
        "ci:peel:keloid",
        "ci:peel:smoking",
    )


def test_the_earliest_date_goes_on_until_it_is_clear():
    """The drug's end leads into the washout of a second course that has not begun yet."""
    found = peel(
        present("drug", until=dt.date(2026, 6, 10)),
        present("drug", dt.date(2026, 12, 1), dt.date(2026, 12, 20)),
        on=dt.date(2026, 12, 5),
        as_of=DAY,
    )

    assert found.earliest_ok == dt.date(2027, 6, 20)


def test_the_earliest_date_passes_over_a_later_treatment():
    found = after("laser", Entry("laser", DAY - days(7)), Entry("laser", DAY + days(20)))

    assert found.earliest_ok == DAY + days(20 + 28)


def test_there_is_no_earliest_date_if_a_later_blocker_has_no_end():
    found = peel(
        present("pregnancy", until=DAY + days(5)),
        present("drug", DAY + days(3)),
        Fact("drug", "denied", DAY),
    )

    assert (found.reasons, found.earliest_ok) == (("ci:peel:pregnancy",), None)


def test_a_caution_gets_no_earliest_date():
    found = peel(present("smoking", until=DAY))

    assert (found.verdict, found.earliest_ok) == (Verdict.CAUTION, None)


def test_a_caution_does_not_move_the_earliest_date():
    found = peel(present("smoking"), present("pregnancy", until=DAY))

    assert found.earliest_ok == DAY + days(1)


# 3 Facts


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


# 4 Contraindication lines


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


# 5 Questions


def test_a_patient_without_records_is_asked_everything():
    found = screen(BOOK, "peel", Patient(dt.date(1990, 5, 14)), DAY)

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
    assert screen(BOOK, "peel", Patient(dt.date(1990, 5, 14)), DAY).deferred == ()


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


def test_a_planned_end_is_confirmed_at_check_in():
    found = peel(present("smoking", until=DAY + days(5)), on=DAY + days(30), as_of=DAY)

    assert found.deferred == ("pregnancy", "smoking")


def test_the_end_of_a_record_yet_to_begin_is_no_evidence():
    planned = present("smoking", DAY + days(40), DAY + days(50))

    found = only(peel(planned, on=DAY + days(30), as_of=DAY))

    assert (found.rule, found.evidence) == ("ask:peel:smoking", None)


def test_answers_are_judged_as_of_the_screening_not_of_the_session():
    denied = Fact("drug", "denied", dt.date(2026, 8, 23))

    assert peel(denied, on=DAY + days(60), as_of=DAY).verdict is Verdict.OK
    assert peel(denied, on=DAY + days(60), as_of=DAY + days(1)).verdict is Verdict.ASK


# 6 Age


@pytest.mark.parametrize(
    ("birth", "on", "reasons"),
    [
        (dt.date(2008, 11, 23), DAY, ()),
        (dt.date(2008, 11, 24), DAY, ("age:peel",)),
        (dt.date(1961, 11, 24), DAY, ()),
        (dt.date(1961, 11, 23), DAY, ("age_over:peel",)),
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1), ()),
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), ("age:peel",)),
    ],
)
def test_age_counts_from_the_birthday_on(birth, on, reasons):
    assert screen(BOOK, "peel", Patient(birth, denials(on)), on).reasons == reasons


def test_a_leap_day_birthday_stays_in_leap_years():
    born = rules("young", "young", age_min=4)
    book = Rulebook({"young": born}, {})

    found = screen(book, "young", Patient(dt.date(2024, 2, 29)), dt.date(2028, 2, 28))

    assert found.earliest_ok == dt.date(2028, 2, 29)


def test_the_old_are_a_matter_of_care_without_an_end():
    found = only(screen(BOOK, "peel", Patient(dt.date(1940, 1, 1), denials(DAY)), DAY))

    assert (found.level, found.years, found.free_day) == (Verdict.CAUTION, 65, None)


# 7 History


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


# 8 Overriding


def finding(kind: str, facts: tuple[Fact, ...] = (), history: tuple[Entry, ...] = ()) -> Finding:
    """The only finding of this kind when a peel is screened for a patient of 17."""
    patient = Patient(dt.date(2008, 12, 1), denials(DAY, *(f.code for f in facts)) + facts, history)
    procedure = {"break": "acid", "patch": "light"}.get(kind, "peel")
    (found,) = (f for f in judge(BOOK, procedure, patient, DAY) if f.kind == kind)
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


# The rulebook, and many dates at once


def test_an_unknown_procedure_is_a_contract_broken():
    with pytest.raises(ValueError, match="not in the catalogue: tattoo"):
        screen(BOOK, "tattoo", healthy(DAY), DAY)


@pytest.mark.parametrize("procedure", ["laser", "acid"])
def test_a_history_entry_that_the_catalogue_does_not_know_is_not_passed_over(procedure):
    with pytest.raises(ValueError, match="not in the catalogue: tattoo"):
        after(procedure, Entry("tattoo", DAY))


def test_a_procedure_names_a_fact_once():
    with pytest.raises(ValueError, match="name one fact"):
        rules("mask", "mask", Line("drug", "relative"), Line("drug", "absolute"))


def test_rules_stand_under_their_own_code():
    with pytest.raises(ValueError, match="stand under"):
        Rulebook({"mask": rules("peel", "deep")}, {})


def test_every_line_has_a_recheck():
    with pytest.raises(ValueError, match="mask: no recheck for drug"):
        Rulebook({"mask": rules("mask", "mask", Line("drug", "relative"))}, {})


def test_a_gap_is_stated_once():
    gap = Gap("toxin", "laser", MONTHS_3)
    with pytest.raises(ValueError, match="stated twice"):
        Rulebook({}, {}, (gap, replace(gap, min=Period(1, "days"))))


def test_one_screener_answers_for_many_dates():
    patient = healthy(DAY, history=(Entry("laser", DAY - days(7)),))
    screener = Screener(BOOK, "laser", patient, DAY)

    blocked = [count for count in range(40) if screener.blocks(DAY + days(count))]

    assert blocked == list(range(21))
    assert screener.screen(DAY) == screen(BOOK, "laser", patient, DAY)
    assert screener.judge(DAY) == judge(BOOK, "laser", patient, DAY)


def test_a_session_before_the_screening_is_refused_by_the_screener_too():
    with pytest.raises(ValueError, match="after the session"):
        Screener(BOOK, "laser", healthy(DAY), DAY).blocks(DAY - days(1))
