"""The forty cases that ship with the product, against the clinic's starting catalogue; and how a case is read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plans.core.screening import Fact, Patient, Rulebook, Verdict
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import (
    MOST_ROWS,
    BadVignette,
    Expected,
    answer_of,
    rows_of,
    run,
    told_together,
    written,
)
from tests.core.small_catalogue import ADULT, BOOK, DAY, denials

SUITE = Path(__file__).parents[2] / "plans" / "data" / "vignettes.json"
CASES: list[dict[str, Any]] = rows_of(json.loads(SUITE.read_text(encoding="utf-8")))

Change = Callable[[dict[str, Any]], object]


def test_all_forty_cases_are_here():
    assert [case["id"] for case in CASES] == [f"S{number:02}" for number in range(1, 41)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['note']}")
def test_the_case_is_judged_as_written(book: Rulebook, case: dict[str, Any]):
    vignette = read_vignette(case, book)
    outcome = run(vignette, book)

    assert answer_of(outcome.found) == vignette.expected
    assert outcome.agrees
    assert not vignette.ignored


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_written_down_is_the_same_case(book: Rulebook, case: dict[str, Any]):
    vignette = read_vignette(case, book)

    assert read_vignette(json.loads(json.dumps(written(vignette))), book) == vignette


def case(**changes: Any) -> dict[str, Any]:
    """A peel for an adult with one answer and one earlier session."""
    return {
        "id": "C1",
        "note": "a peel",
        "procedure": "peel",
        "session_date": "2026-11-23",
        "patient": {
            "birth": "1990-05-14",
            "facts": [
                {"code": "drug", "status": "present", "since": "2026-01-01", "until": "2026-03-01"}
            ],
            "history": [{"procedure": "home_cream", "date": "2026-10-01", "until": "2026-10-20"}],
        },
    } | changes


def slips_of(data: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadVignette) as caught:
        read_vignette(data, BOOK, **more)
    return [(slip.field, slip.kind) for slip in caught.value.slips]


def changed(change: Change) -> dict[str, Any]:
    data = case()
    change(data)
    return data


def fact(**changes: Any) -> Change:
    return lambda data: data["patient"]["facts"][0].update(changes)


def entry(**changes: Any) -> Change:
    return lambda data: data["patient"]["history"][0].update(changes)


def patient(**changes: Any) -> Change:
    return lambda data: data["patient"].update(changes)


FACT, ENTRY = "patient.facts[0]", "patient.history[0]"


@pytest.mark.parametrize(
    ("change", "field", "kind"),
    [
        # docs/screening.md, 3.5
        (fact(since="2026-03-02"), f"{FACT}.until", "ends_before_it_begins"),
        (fact(status="denied", since=None), f"{FACT}.until", "only_what_was_true_ends"),
        (fact(status="unknown"), f"{FACT}.until", "only_what_was_true_ends"),
        (
            fact(status="denied", since="2026-11-24", until=None),
            f"{FACT}.since",
            "answered_after_screening",
        ),
        (lambda data: data.update(as_of="2026-11-24"), "as_of", "screened_after_session"),
        # codes that nobody knows
        (lambda data: data.update(procedure="no_such"), "procedure", "not_known"),
        (fact(code="no_such"), f"{FACT}.code", "not_known"),
        (entry(procedure="no_such"), f"{ENTRY}.procedure", "not_known"),
        # what is missing or of the wrong kind
        (lambda data: data.pop("procedure"), "procedure", "missing"),
        (lambda data: data.update(procedure=7), "procedure", "not_text"),
        (lambda data: data.pop("session_date"), "session_date", "missing"),
        (lambda data: data.update(session_date="23.11.2026"), "session_date", "not_a_date"),
        (lambda data: data.update(session_date="20261123"), "session_date", "not_a_date"),
        (lambda data: data.update(session_date="2026-02-29"), "session_date", "not_a_date"),
        (lambda data: data.update(session_date=20261123), "session_date", "not_a_date"),
        (lambda data: data.update(session_date="3000-01-01"), "session_date", "beyond_years"),
        (lambda data: data.update(areas="cheeks"), "areas", "not_a_list"),
        (lambda data: data.update(areas=[1]), "areas[0]", "not_text"),
        (lambda data: data.pop("patient"), "patient", "missing"),
        (lambda data: data.update(patient=[]), "patient", "not_an_object"),
        (patient(birth=None), "patient.birth", "missing"),
        (patient(birth="2026-11-24"), "patient.birth", "born_later"),
        (patient(facts={}), "patient.facts", "not_a_list"),
        (patient(facts=["drug"]), "patient.facts[0]", "not_an_object"),
        (patient(facts=[{}] * (MOST_ROWS + 1)), "patient.facts", "too_many"),
        (patient(history=[None]), "patient.history[0]", "not_an_object"),
        (patient(skin_type=7), "patient.skin_type", "not_a_choice"),
        (patient(skin_type=True), "patient.skin_type", "not_a_choice"),
        (
            patient(skin_type=2, skin_type_on="2026-11-24"),
            "patient.skin_type_on",
            "answered_after_screening",
        ),
        (fact(status="maybe"), f"{FACT}.status", "not_a_choice"),
        (fact(status=None), f"{FACT}.status", "missing"),
        (entry(date=None), f"{ENTRY}.date", "missing"),
        (entry(until="2026-09-30"), f"{ENTRY}.until", "ends_before_it_begins"),
        (entry(areas=7), f"{ENTRY}.areas", "not_a_list"),
        (lambda data: data.update(expect=[]), "expect", "not_an_object"),
        (lambda data: data.update(expect={"verdict": "maybe"}), "expect.verdict", "not_a_choice"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(change: Change, field: str, kind: str):
    assert slips_of(changed(change)) == [(field, kind)]


def test_all_that_is_wrong_is_told_at_once():
    data = case(procedure="no_such", as_of="soon")
    data["patient"]["facts"][0]["status"] = "maybe"

    assert [field for field, _kind in slips_of(data)] == ["procedure", "as_of", f"{FACT}.status"]


def test_what_is_wrong_names_places_and_not_what_stands_there():
    with pytest.raises(BadVignette) as caught:
        read_vignette(changed(fact(code="secret_condition")), BOOK)

    assert str(caught.value) == f"{FACT}.code: not_known"


@pytest.mark.parametrize("data", [None, [], "peel", 7])
def test_only_an_object_is_a_case(data: Any):
    assert slips_of(data) == [("", "not_an_object")]


def test_a_case_may_leave_out_what_it_does_not_need():
    patient = {"birth": "1990-05-14", "facts": [{"code": "drug", "status": "unknown"}]}
    data = {"procedure": "peel", "session_date": "2026-11-23", "patient": patient}

    read = read_vignette(data, BOOK)

    assert (read.as_of, read.areas, read.expected) == (None, frozenset(), None)
    assert (read.patient.facts[0].since, read.patient.history) == (None, ())


def test_what_nothing_reads_is_told():
    data = changed(fact(untill="2026-04-01"))
    data["patient"]["history"][0]["area"] = ["cheeks"]
    data["colour"] = "red"

    assert read_vignette(data, BOOK).ignored == ("colour", f"{FACT}.untill", f"{ENTRY}.area")


def test_what_is_expected_is_not_looked_at_where_nobody_expects():
    assert read_vignette(case(expect="fine"), BOOK, is_expecting=False).expected is None


def test_a_former_code_is_read_as_the_one_in_force():
    expect = {"verdict": "wait", "reasons": ["ci:peel:pills", "interval:peel"], "earliest_ok": None}
    data = changed(fact(code="pills")) | {"expect": expect}

    read = read_vignette(data, BOOK, {"pills": "drug"})

    assert read.patient.facts[0].code == "drug"
    assert read.expected == Expected(Verdict.WAIT, frozenset({"ci:peel:drug", "interval:peel"}))


def test_a_skin_type_stands_in_place_of_what_follows_from_it(book: Rulebook):
    data: dict[str, Any] = {"procedure": "ipl", "session_date": "2026-11-23"}
    said = [{"code": "phototype_4", "status": "present", "since": None, "until": None}]
    for skin_type, expected in ((3, "denied"), (4, "present"), (None, "present")):
        data["patient"] = {"birth": "1990-05-14", "facts": said, "skin_type": skin_type}
        facts = read_vignette(data, book).patient.facts
        assert [one.status for one in facts if one.code == "phototype_4"] == [expected]


def test_a_skin_type_without_a_day_was_seen_on_the_day_of_the_screening():
    data = case(session_date="2026-12-23", as_of="2026-11-23")
    data["patient"]["skin_type"] = 2

    assert read_vignette(data, BOOK).patient.facts[-1].since == DAY


def test_an_answer_that_differs_does_not_agree():
    data = changed(fact(until=None)) | {"expect": {"verdict": "ok", "reasons": []}}

    outcome = run(read_vignette(data, BOOK), BOOK)

    assert not outcome.agrees
    assert outcome.found.verdict is Verdict.WAIT


@pytest.mark.parametrize("document", [{"cases": 7}, 7, None, [{}] * (MOST_ROWS + 1)])
def test_a_file_holds_cases(document: Any):
    with pytest.raises(BadVignette):
        rows_of(document)


def test_a_file_may_be_one_case_or_a_list():
    assert rows_of(case()) == rows_of([case()]) == rows_of({"cases": [case()]})


def test_a_known_patient_stands_in_place_of_the_case_s_own():
    known = read_vignette(case(), BOOK).patient

    read = read_vignette(case(patient=17), BOOK, patient=known)

    assert (read.patient, read.session_date) == (known, DAY)


def test_answers_given_together_are_told_apart_from_the_others():
    together = denials(DAY, "drug", "keloid")
    drug = Fact("drug", "present")

    day, others = told_together(Patient(ADULT, (*together, drug)), BOOK.rechecks)

    assert (day, others) == (DAY, (drug, Fact("keloid", "unknown")))


def test_few_answers_are_not_together():
    facts = denials(DAY, *(code for code in BOOK.rechecks if code not in ("drug", "keloid")))

    assert told_together(Patient(ADULT, facts), BOOK.rechecks) == (None, facts)


def test_a_case_that_expects_nothing_is_written_without_an_answer():
    assert "expect" not in written(read_vignette(case(), BOOK))
