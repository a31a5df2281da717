"""Registering people and writing down what they answer."""

import dataclasses
import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients import services
from clinic.patients.models import Answer, Fact, Patient, PatientDetails
from clinic.patients.selectors import live_facts, search
from clinic.places.models import Location
from clinic.staff.models import User
from plans.data.factories import (
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ANNA = PatientDetails("Anna", "Petrova", dt.date(1992, 3, 14), phone="+491701234567")


@pytest.fixture
def location() -> Location:
    return LocationFactory.create()


@pytest.fixture
def nurse() -> User:
    return UserFactory.create()


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create(birth_date=dt.date(1992, 3, 14))


def register(
    details: PatientDetails, location: Location, by: User, key: uuid.UUID | None = None
) -> Patient:
    return services.register_patient(details, location=location, by=by, key=key or uuid.uuid4())


def test_a_patient_gets_the_number_after_the_highest(location: Location, nurse: User):
    assert register(ANNA, location, nurse).number == 1
    PatientFactory.create(number=500)
    anna = register(ANNA, location, nurse)
    assert (anna.number, anna.location, anna.registered_on) == (501, location, clock.today())
    assert search("501", location)[0] == anna


def test_a_form_sent_twice_registers_one_patient(location: Location, nurse: User):
    key = uuid.uuid4()
    anna = register(ANNA, location, nurse, key)
    with pytest.raises(AlreadyDone) as done:
        register(ANNA, location, nurse, key)
    assert done.value.outcome == str(anna.number)
    assert Patient.objects.count() == 1


def test_a_number_taken_in_between_is_computed_again(
    location: Location, nurse: User, monkeypatch: pytest.MonkeyPatch
):
    PatientFactory.create(number=7)
    stale = iter([7, 8])
    monkeypatch.setattr(services, "next_number", lambda: next(stale))
    assert register(ANNA, location, nurse).number == 8


@pytest.mark.parametrize(
    "change",
    [
        {"birth_date": dt.date(2999, 1, 1)},
        {"phone": "12"},
        {"email": "nowhere"},
        {"given_name": ""},
        {"language": "tlh"},
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_is_written(
    location: Location, nurse: User, change
):
    with pytest.raises(Refusal):
        register(dataclasses.replace(ANNA, **change), location, nurse)
    assert not Patient.objects.exists()
    assert not Entry.objects.filter(action="registered").exists()


def test_registering_is_recorded_without_a_name(location: Location, nurse: User):
    anna = register(ANNA, location, nurse)
    entry = Entry.objects.get(action="registered")
    assert (entry.by, entry.patient_number) == (nurse, anna.number)
    assert "Petrova" not in str(entry.__dict__)


def test_a_change_of_the_name_is_found_by_the_new_name(location: Location, nurse: User):
    anna = register(ANNA, location, nurse)
    changed = services.change_contact(
        anna, dataclasses.replace(ANNA, family_name="Weiß", email="anna@example.org"), by=nurse
    )
    assert search("weiss", location) == [changed]
    assert search("petrova", location) == []
    entry = Entry.objects.get(action="contact_changed")
    assert entry.details == {"fields": ["family_name", "email"]}


def test_saving_what_was_known_writes_nothing(location: Location, nurse: User):
    services.change_contact(register(ANNA, location, nurse), ANNA, by=nurse)
    assert not Entry.objects.filter(action="contact_changed").exists()


def test_a_skin_type_is_dated(patient: Patient, nurse: User):
    seen = services.set_skin_type(patient, 4, clock.today(), by=nurse)
    assert (seen.skin_type, seen.skin_type_on) == (4, clock.today())
    taken_back = services.set_skin_type(patient, None, clock.today(), by=nurse)
    assert (taken_back.skin_type, taken_back.skin_type_on) == (None, None)


@pytest.mark.parametrize(("skin_type", "days"), [(0, 0), (7, 0), (3, 1)])
def test_a_skin_type_that_cannot_be_is_refused(
    patient: Patient, nurse: User, skin_type: int, days: int
):
    with pytest.raises(Refusal):
        services.set_skin_type(
            patient, skin_type, clock.today() + dt.timedelta(days=days), by=nurse
        )


def test_a_denial_is_dated_today_and_ends_nothing(patient: Patient, nurse: User):
    FactTypeFactory.create(code="asthma")
    services.record_answers(
        patient, [Answer("asthma", "present", since=dt.date(2020, 1, 1))], by=nurse
    )
    services.record_answers(patient, [Answer("asthma", "denied")], by=nurse)
    rows = live_facts([patient.pk])
    assert [(row.status, row.since, row.until) for row in rows] == [
        ("present", dt.date(2020, 1, 1), None),
        ("denied", clock.today(), None),
    ]


def test_the_same_answer_on_the_same_day_is_written_once(patient: Patient, nurse: User):
    FactTypeFactory.create(code="asthma")
    answers = [Answer("asthma", "denied"), Answer("asthma", "denied")]
    assert len(services.record_answers(patient, answers, by=nurse)) == 1
    assert services.record_answers(patient, answers, by=nurse) == []
    assert Entry.objects.filter(action="answers_recorded").count() == 1


def test_the_same_answer_on_another_day_is_new_evidence(patient: Patient, nurse: User):
    asthma = FactTypeFactory.create(code="asthma")
    before = clock.now() - dt.timedelta(days=40)
    FactFactory.create(patient=patient, fact_type=asthma, since=before.date(), recorded_at=before)
    assert len(services.record_answers(patient, [Answer("asthma", "denied")], by=nurse)) == 1


def test_an_event_has_one_day(patient: Patient, nurse: User):
    FactTypeFactory.create(code="laser", kind="event")
    day = dt.date(2026, 1, 5)
    [row] = services.record_answers(patient, [Answer("laser", "present", since=day)], by=nurse)
    assert (row.since, row.until) == (day, day)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer("asthma", "present", since=dt.date(2026, 2, 2), until=dt.date(2026, 2, 1)),
            "before the first",
        ),
        (Answer("asthma", "denied", until=dt.date(2026, 2, 1)), "last day"),
        (Answer("asthma", "unknown", until=dt.date(2026, 2, 1)), "last day"),
        (Answer("asthma", "denied", since=dt.date(2999, 1, 1)), "day to come"),
        (Answer("asthma", "present", since=dt.date(1901, 1, 1)), "birth date"),
        (Answer("asthma", "present", until=dt.date(1, 1, 1)), "birth date"),
        (Answer("asthma", "present", until=dt.date(9999, 12, 31)), "many years away"),
        (Answer("asthma", "present", since=dt.date(9999, 12, 31)), "many years away"),
        (Answer("phototype_4", "present"), "skin type"),
    ],
)
def test_answers_that_screening_cannot_read_are_refused(
    patient: Patient, nurse: User, answer: Answer, words: str
):
    FactTypeFactory.create(code="asthma")
    FactTypeFactory.create(code="phototype_4", kind="derived")
    FactTypeFactory.create(code="herpes")
    with pytest.raises(Refusal, match=words):
        services.record_answers(patient, [Answer("herpes", "denied"), answer], by=nurse)
    assert not Fact.objects.exists()
    assert not Entry.objects.exists()


def test_an_unknown_code_is_a_bug_of_the_caller(patient: Patient, nurse: User):
    with pytest.raises(ValueError, match="no such fact"):
        services.record_answers(patient, [Answer("nothing", "denied")], by=nurse)


def test_answers_ask_as_often_for_many_standing_rows_as_for_few(
    patient: Patient, nurse: User, django_assert_max_num_queries
):
    FactTypeFactory.create(code="asthma")
    for days in range(30):
        FactFactory.create(patient=patient, since=clock.today() - dt.timedelta(days=days))
    with django_assert_max_num_queries(8):
        services.record_answers(patient, [Answer("asthma", "denied")], by=nurse)


def test_a_correction_leaves_the_old_row_readable(patient: Patient, nurse: User):
    old = FactFactory.create(patient=patient, status="present", since=dt.date(2025, 1, 1))
    answer = Answer(old.fact_type.code, "present", since=old.since, until=dt.date(2025, 6, 1))
    new = services.correct_fact(old, answer, by=nurse, reason="stopped in June")
    assert live_facts([patient.pk]) == [new]
    assert Fact.objects.get(pk=old.pk).until is None
    assert Entry.objects.get(action="fact_corrected").reason == "stopped in June"


def test_a_row_is_corrected_once_and_with_a_reason(patient: Patient, nurse: User):
    old = FactFactory.create(patient=patient)
    answer = Answer(old.fact_type.code, "unknown")
    with pytest.raises(Refusal, match="reason"):
        services.correct_fact(old, answer, by=nurse, reason=" ")
    services.correct_fact(old, answer, by=nurse, reason="misheard")
    with pytest.raises(Refusal, match="corrected a moment ago"):
        services.correct_fact(old, answer, by=nurse, reason="misheard")
    with pytest.raises(ValueError, match="cannot replace"):
        services.correct_fact(old, Answer("other", "unknown"), by=nurse, reason="misheard")


@pytest.mark.parametrize(
    "statement", ["UPDATE patients_fact SET status = 'denied'", "DELETE FROM patients_fact"]
)
def test_the_database_refuses_to_change_an_answer(patient: Patient, statement: str):
    FactFactory.create(patient=patient)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Fact.objects.count() == 1


@given(first=st.dates(dt.date(1993, 1, 1), dt.date(2026, 1, 1)), days=st.integers(-400, 400))
@pytest.mark.django_db(transaction=False)
def test_an_end_is_written_exactly_when_it_is_not_before_the_beginning(first: dt.date, days: int):
    fact_type = FactTypeFactory.build(code="asthma", kind="episode")
    someone = PatientFactory.build(location=None, birth_date=dt.date(1992, 3, 14))
    answer = Answer("asthma", "present", since=first, until=first + dt.timedelta(days=days))
    if days < 0:
        with pytest.raises(Refusal):
            services._fact(someone, {"asthma": fact_type}, answer, by=None)
    else:
        assert services._fact(someone, {"asthma": fact_type}, answer, by=None).until == answer.until
