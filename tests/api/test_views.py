"""Asking for screenings and reading the catalogue from outside: docs/api.md."""

import datetime as dt
import json
import logging
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import Entry
from clinic.patients.models import FormerCode, Patient
from clinic.places.models import Location
from clinic.staff.models import User
from clinic.staff.services import issue_token, revoke_tokens
from plans.catalogue.models import Revision
from plans.data.factories import (
    AppointmentFactory,
    CourseFactory,
    FactFactory,
    FactTypeFactory,
    PatientFactory,
    RevisionFactory,
    SessionFactory,
    UserFactory,
)
from plans.sources.selectors import shelf
from plans.sources.services import Seen, confirm
from tests.api.conftest import Ask, question
from tests.diary.clinic import client_of

SCREENINGS, PROCEDURES = "/api/v1/screenings", "/api/v1/procedures"


def with_fact(code: str, **said: Any) -> dict[str, Any]:
    body = question()
    facts = [fact for fact in body["patient"]["facts"] if fact["code"] != code]
    body["patient"]["facts"] = [*facts, {"code": code} | said]
    return body


def is_problem(answer: Any, status: int) -> bool:
    said = answer.json()
    return bool(
        answer.status_code == status == said["status"]
        and answer["Content-Type"] == "application/problem+json"
        and {"type", "title"} <= said.keys()
    )


# --- screenings


def test_nothing_against_it_is_ok(peel: Revision, ask: Ask):
    said = ask(question()).json()

    assert (said["verdict"], said["reasons"], said["findings"]) == ("ok", [], [])
    assert (said["earliest_ok"], said["as_of"]) == (None, "2026-11-23")
    assert said["rules"] == {"procedure": 1, "gaps": None}


def test_a_finding_is_told_in_full(peel: Revision, ask: Ask):
    body = with_fact("drug", status="present", since="2026-01-01", until="2026-08-31")

    said = ask(body).json()

    assert said["earliest_ok"] == "2027-02-28"
    assert said["findings"] == [
        {
            "rule": "ci:peel:drug",
            "kind": "ci",
            "level": "wait",
            "verdict": "wait",
            "severity": "temporary",
            "subject": "drug",
            "reason": "Drug ended 31 Aug 2026: wait 6 months, until Sun 28 Feb 2027",
            "since": "2026-01-01",
            "until": "2026-08-31",
            "earliest": "2027-02-28",
            "signed_by": ["physician"],
            "is_confirmed": False,
        }
    ]


def test_a_finding_says_whether_its_values_are_confirmed(peel: Revision, ask: Ask, physician: User):
    body = with_fact("drug", status="present", since="2026-01-01", until="2026-08-31")
    said = {one.address: one for one in shelf({"peel"}).stated()}

    places = ["peel/contraindications.drug", "peel/contraindications.drug.washout"]
    for place, is_confirmed in zip(places, (False, True), strict=True):
        one = said[place]
        confirm([Seen(one.address, one.text, one.source)], by=physician)
        [finding] = ask(body).json()["findings"]
        assert finding["is_confirmed"] is is_confirmed


def test_words_are_in_the_language_asked_for_or_the_caller_s_own(
    peel: Revision, caller: Client, physician: User
):
    body = with_fact("drug", status="present")

    def said(**headers: str) -> str:
        answer = caller.post(SCREENINGS, body, content_type="application/json", headers=headers)
        return str(answer.json()["findings"][0]["reason"])

    assert "Drug" in said()
    assert "drug_de" in said(accept_language="de")
    User.objects.filter(pk=physician.pk).update(language="de")
    assert "drug_de" in said()


def test_what_is_asked_on_the_day_is_told_at_booking(peel: Revision, ask: Ask):
    said = ask(question(session_date="2026-12-10", as_of="2026-11-23")).json()

    assert said["verdict"] == "ok"
    assert said["deferred"] == [{"fact": "pregnancy", "name": "Pregnancy"}]


def test_missing_ends_are_open_and_a_field_that_nothing_reads_is_told(peel: Revision, ask: Ask):
    said = ask(with_fact("drug", status="present", untill="2026-01-01")).json()

    assert (said["verdict"], said["earliest_ok"]) == ("wait", None)
    assert said["ignored"] == ["patient.facts[2].untill"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"procedure": "no_such"}, "procedure"),
        ({"session_date": "soon"}, "session_date"),
        ({"as_of": "2026-11-24"}, "as_of"),
        ({"patient": None}, "patient"),
        ({"patient": "seventeen"}, "patient"),
        ({"patient": True}, "patient"),
        ({"patient": {}}, "patient.birth"),
        ({"patient": None, "patient_number": "1.7"}, "patient_number"),
    ],
)
def test_a_bad_field_is_named_with_the_reason(
    peel: Revision, ask: Ask, changes: dict[str, Any], field: str
):
    answer = ask(question(**changes))

    assert is_problem(answer, 422)
    said = answer.json()
    assert (said["field"], said["errors"][0]["field"]) == (field, field)
    assert said["reason"] == said["errors"][0]["reason"] != ""


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"status": "denied", "since": "2026-11-23", "until": "2026-11-23"}, "until"),
        ({"status": "unknown", "until": "2026-11-23"}, "until"),
        ({"status": "denied", "since": "2026-11-24"}, "since"),
        ({"status": "present", "since": "2026-11-02", "until": "2026-11-01"}, "until"),
        ({"status": "perhaps"}, "status"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    peel: Revision, ask: Ask, said: dict[str, Any], field: str
):
    answer = ask(with_fact("drug", **said))

    assert is_problem(answer, 422)
    assert answer.json()["field"] == f"patient.facts[2].{field}"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b'{"a": 1, "a": 2}', b"NaN", b'"peel"']
)
def test_what_is_no_object_is_refused(peel: Revision, caller: Client, body: bytes):
    answer = caller.generic("POST", SCREENINGS, body, content_type="application/json")

    assert is_problem(answer, 422)


def test_a_body_too_large_is_refused(peel: Revision, caller: Client):
    body = b'"' + b"x" * 3_000_000 + b'"'

    assert is_problem(caller.generic("POST", SCREENINGS, body, "application/json"), 400)


def test_a_former_code_means_the_fact_it_was_renamed_to(peel: Revision, ask: Ask):
    drug = FactTypeFactory.create(code="drug")
    FormerCode.objects.create(code="pills", fact_type=drug)
    FactTypeFactory.create(code="capsules", merged_into=drug)

    for code in ("pills", "capsules"):
        body = with_fact("drug", status="unknown")
        body["patient"]["facts"][-1] = {"code": code, "status": "present"}
        assert ask(body).json()["reasons"] == ["ci:peel:drug"]


# --- the clinic's own patients


@pytest.fixture
def patient(location: Location) -> Patient:
    return PatientFactory.create(location=location, birth_date=dt.date(1990, 5, 14))


def answered(patient: Patient, **changes: dict[str, Any]) -> None:
    """Every question of the peel, answered with no on 23 November but for `changes`."""
    for code in ("allergy", "drug", "pregnancy"):
        said = {"status": "denied", "since": dt.date(2026, 11, 23)} | changes.get(code, {})
        FactFactory.create(patient=patient, fact_type=FactTypeFactory.create(code=code), **said)


@pytest.mark.parametrize("sent", [int, str])
@pytest.mark.parametrize("key", ["patient", "patient_number"])
def test_a_patient_of_the_location_is_screened_by_number(
    peel: Revision, ask: Ask, patient: Patient, key: str, sent: type
):
    answered(patient, drug={"status": "present", "since": None, "until": dt.date(2026, 8, 31)})
    body = {"procedure": "peel", "session_date": "2026-11-23", key: sent(patient.number)}

    said = ask(body).json()

    assert (said["reasons"], said["earliest_ok"]) == (["ci:peel:drug"], "2027-02-28")


def test_a_session_booked_for_the_day_is_no_reason_against_itself(
    peel: Revision, ask: Ask, patient: Patient
):
    answered(patient)
    course = CourseFactory.create(patient=patient, revision=peel)
    for ordinal, day in ((1, 23), (2, 24)):
        AppointmentFactory.create(
            session=SessionFactory.create(course=course, ordinal=ordinal),
            starts_at=dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC),
        )

    first, second = (
        ask({"procedure": "peel", "session_date": day, "as_of": "2026-11-23", "patient": patient.number}).json()
        for day in ("2026-11-23", "2026-11-24")
    )  # fmt: skip

    assert first["verdict"] == "ok"
    assert (second["reasons"], second["earliest_ok"]) == (["interval:peel"], "2027-02-23")


def test_a_screening_of_a_patient_is_written_down_without_what_it_found(
    peel: Revision, ask: Ask, patient: Patient, physician: User
):
    ask({"procedure": "peel", "session_date": "2026-11-23", "patient": patient.number})
    ask(question())

    [entry] = Entry.objects.filter(action="screened")
    assert (entry.by, entry.patient_number) == (physician, patient.number)
    assert entry.details == {"procedure": "peel", "session_date": "2026-11-23"}


def test_a_patient_elsewhere_looks_like_one_who_is_nowhere(peel: Revision, ask: Ask):
    there = PatientFactory.create()
    body = {"procedure": "peel", "session_date": "2026-11-23"}

    elsewhere, nowhere = (ask(body | {"patient": n}) for n in (there.number, 9_999_999))

    assert is_problem(elsewhere, 404)
    assert elsewhere.content == nowhere.content
    assert elsewhere.json()["field"] == "patient"


def test_an_answer_given_later_is_not_known_on_the_day_of_the_screening(
    peel: Revision, ask: Ask, patient: Patient
):
    answered(patient)
    body = {"procedure": "peel", "session_date": "2026-11-22", "patient": patient.number}

    answer = ask(body)

    assert is_problem(answer, 422)
    assert answer.json()["field"] == "as_of"


def test_somebody_without_a_place_of_work_has_no_patients(peel: Revision, patient: Patient):
    nowhere = UserFactory.create(role="physician")
    client = Client()
    client.force_login(nowhere)
    body = {"procedure": "peel", "session_date": "2026-11-23", "patient": patient.number}

    assert is_problem(client.post(SCREENINGS, body, content_type="application/json"), 404)
    assert (
        client.post(SCREENINGS, question(), content_type="application/json").json()["verdict"]
        == "ok"
    )


# --- the catalogue


def test_the_list_names_each_procedure_with_its_revision(peel: Revision, caller: Client):
    [said] = caller.get(PROCEDURES).json()["procedures"]

    assert (said["code"], said["revision"], said["kind"]) == ("peel", 1, "clinic")
    assert said["is_offered"] is True


def test_a_procedure_is_told_with_its_numbers_and_their_sources(peel: Revision, caller: Client):
    said = caller.get(f"{PROCEDURES}/peel").json()

    assert said["values"]["interval"]["min"] == {"value": 3, "unit": "months"}
    assert said["values"]["age"] == {"min": 18, "caution_from": 65}
    drug = next(line for line in said["contraindications"] if line["fact"] == "drug")
    assert (drug["severity"], drug["washout"]) == ("temporary", {"value": 6, "unit": "months"})
    washout = next(
        one for one in said["stated"] if one["address"] == "peel/contraindications.drug.washout"
    )
    assert (washout["value"], washout["source"]) == ("6 months", "clinic default")
    assert washout["is_confirmed"] is False


def test_a_draft_is_not_told(peel: Revision, caller: Client):
    RevisionFactory.create(procedure=peel.procedure, number=2, age_min=99)
    RevisionFactory.create(procedure__code="only_drafted")

    assert caller.get(f"{PROCEDURES}/peel").json()["revision"] == 1
    assert is_problem(caller.get(f"{PROCEDURES}/only_drafted"), 404)


def test_an_unknown_procedure_is_not_found(peel: Revision, caller: Client):
    answer = caller.get(f"{PROCEDURES}/no_such")

    assert is_problem(answer, 404)
    assert answer.json()["field"] == "code"


# --- who may call


def test_a_stranger_is_told_to_sign_in(peel: Revision):
    client = Client(enforce_csrf_checks=True)

    for answer in (
        client.post(SCREENINGS, question(), content_type="application/json"),
        client.get(PROCEDURES),
        client.get("/api/v1/openapi.json"),
        client.get("/api/v1/no-such-call"),
    ):
        assert is_problem(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_the_interface_and_nothing_else(caller: Client, peel: Revision):
    assert caller.get(PROCEDURES).status_code == 200
    assert caller.get("/catalogue/").status_code == 302


@pytest.mark.parametrize("header", ["Bearer ", "Bearer nonsense", "bearer nonsense"])
def test_a_token_that_opens_nothing_is_not_made_up_for_by_a_session(
    peel: Revision, physician: User, header: str
):
    client = Client(headers={"Authorization": header})
    client.force_login(physician)

    assert is_problem(client.get(PROCEDURES), 401)


def test_a_token_taken_back_opens_nothing(caller: Client, physician: User, peel: Revision):
    assert revoke_tokens(physician, by=physician) == 1
    assert is_problem(caller.get(PROCEDURES), 401)


def test_the_token_of_somebody_who_left_opens_nothing(
    caller: Client, physician: User, peel: Revision
):
    User.objects.filter(pk=physician.pk).update(is_active=False)

    assert is_problem(caller.get(PROCEDURES), 401)


def test_a_role_that_may_not_is_refused(peel: Revision, location: Location):
    editor = UserFactory.create(role="editor", location=location)
    token = issue_token(editor, by=None)
    client = Client(headers={"Authorization": f"Bearer {token}"})

    assert is_problem(client.post(SCREENINGS, question(), content_type="application/json"), 403)
    assert client.get(PROCEDURES).status_code == 200
    assert Entry.objects.get(action="denied").by == editor


def test_a_session_needs_the_form_s_token_to_ask(peel: Revision, physician: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(physician)

    assert is_problem(client.post(SCREENINGS, question(), content_type="application/json"), 403)
    client.get("/api/v1/docs")
    token = client.cookies["csrftoken"].value
    answer = client.post(
        SCREENINGS, question(), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.json()["verdict"] == "ok"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_with_those_that_are_allowed(
    caller: Client, peel: Revision, method: str
):
    answer = caller.generic(method, SCREENINGS)

    assert is_problem(answer, 405)
    assert answer["Allow"] == "POST"


def test_a_call_that_does_not_exist_is_not_found(caller: Client):
    assert is_problem(caller.get("/api/v1/no-such-call"), 404)


# --- the description


def test_the_description_names_every_call(caller: Client):
    said = caller.get("/api/v1/openapi.json").json()

    calls = ["series/search", "series/book", "resources", "appointments"]
    calls += ["appointments/{pk}/status", "appointments/{pk}/move"]
    diary = {f"/api/v1/{call}" for call in calls}
    assert said["paths"].keys() == {SCREENINGS, PROCEDURES, f"{PROCEDURES}/{{code}}"} | diary
    booking = said["paths"]["/api/v1/series/book"]["post"]
    assert [each["name"] for each in booking["parameters"]] == ["Idempotency-Key"]
    asked = said["paths"][SCREENINGS]["post"]["requestBody"]["content"]["application/json"]
    assert {"procedure", "session_date", "patient"} <= asked["schema"]["properties"].keys()


def test_the_page_about_it_is_for_those_who_are_signed_in(physician: User):
    client = Client()
    assert client.get("/api/v1/docs")["Location"].startswith("/account/login/")
    client.force_login(physician)
    assert client.get("/api/v1/", follow=True).status_code == 200


# --- cost, and what stays out of the logs


def test_a_screening_costs_the_same_whatever_it_is_about(
    peel: Revision, ask: Ask, django_assert_num_queries: Any
):
    for n in range(5):
        other = RevisionFactory.create(procedure__code=f"other_{n}")
        Revision.objects.filter(pk=other.pk).update(state="current")
    body = question()
    body["patient"]["history"] = [
        {"procedure": f"other_{n}", "date": "2020-01-01"} for n in range(5)
    ]

    with django_assert_num_queries(16):
        ask(question())
    with django_assert_num_queries(16):
        ask(body)


def test_logs_hold_nothing_of_what_was_sent(
    peel: Revision, ask: Ask, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.request", "ninja", "plans", "clinic"):
        caplog.set_level(logging.DEBUG, logger=name)

    ask(with_fact("zyxpathia", status="present"))
    ask(with_fact("drug", status="zyxpathia"))
    ask(json.dumps(question())[:-1] + '"zyxpathia"')

    assert "zyxpathia" not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/v1/nothing/", 404), ("delete", "/api/v1/procedures", 405)],
)
def test_what_never_reaches_a_call_says_why_too(clinic, method: str, path: str, status: int):
    answer = getattr(client_of(clinic.reception), method)(path)
    assert answer.status_code == status
    said = answer.json()
    assert said["reason"] == said["detail"] != ""
