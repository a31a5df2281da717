"""Finding a patient by what a person at the desk has in hand."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.services import record
from clinic.patients.models import Fact, Patient
from clinic.patients.selectors import (
    facts_known,
    get_patient,
    is_near,
    is_searchable,
    likely_duplicates,
    live_facts,
    opened_lately,
    search,
)
from clinic.places.models import Location
from plans.data.factories import (
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def location() -> Location:
    return LocationFactory.create()


@pytest.fixture
def yulia(location: Location) -> Patient:
    return PatientFactory.create(
        number=142,
        location=location,
        given_name="Юлия",
        family_name="Щербакова",
        birth_date=dt.date(1992, 3, 14),
        phone="+491701234567",
    )


@pytest.fixture
def others(location: Location) -> list[Patient]:
    return [
        PatientFactory.create(
            number=1420 + n,
            location=location,
            given_name=f"Anna{'bcdef'[n]}",
            family_name="Weiß",
            birth_date=dt.date(1970, 5, 1 + n),
            phone=f"+4930700100{n}",
        )
        for n in range(5)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "yuliya", "Julia Scher", "ЩЕРБАКОВА", "щербакова юлия", "shcherbakova", "Scherb", "юли",
        "14.03.1992", "14/3/1992", "1992-03-14", "14 Mar 1992", "14 марта 1992", "14. März 1992",
        "4567", "1234567", "0170 123 45 67", "+49 (170) 123-45-67",
        "142", "#142", "Yulia 1992", "yulia 14.03", "yulia 4567", "scherbakova 142",
    ],
)  # fmt: skip
def test_a_patient_is_found_by(
    query: str, location: Location, yulia: Patient, others: list[Patient]
):
    assert search(query, location)[0] == yulia


@pytest.mark.parametrize(
    "query",
    [
        "Yulia Petrova",
        "bakova",
        "5678",
        "15.03.1992",
        "Yulia 15.03.1992",
        "31.02.1992",
        "123456",
        "%%%",
        "___",
    ],
)
def test_a_patient_is_not_found_by(query: str, location: Location, yulia: Patient):
    assert search(query, location) == []


def test_a_name_half_typed_is_found_at_every_letter(location: Location):
    for name in (
        "Vasiliev",
        "Schmidt",
        "Mueller",
        "Mikhailova",
        "Fyodorov",
        "Alyona",
        "Tsvetkova",
        "Wolf",
    ):
        patient = PatientFactory.create(location=location, given_name="Q", family_name=name)
        for end in range(3, len(name) + 1):
            assert patient in search(name[:end], location), name[:end]


def test_the_number_comes_first_then_whole_names_then_beginnings(location: Location):
    begins = PatientFactory.create(location=location, given_name="Annabel", family_name="Adler")
    whole = PatientFactory.create(location=location, given_name="Anna", family_name="Zimmer")
    assert search("anna", location) == [whole, begins]
    by_phone = PatientFactory.create(location=location, family_name="Aal", phone="+493070001777")
    by_number = PatientFactory.create(location=location, family_name="Zorn", number=1777)
    assert search("1777", location) == [by_number, by_phone]


def test_two_letters_find_nothing_and_ask_nothing(
    location: Location, yulia: Patient, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert search("yu", location) == []
    assert not is_searchable("yu")
    assert is_searchable("7")


def test_a_number_too_long_for_the_column_finds_nobody(location: Location, yulia: Patient):
    assert search("9" * 40, location) == []


def test_nobody_of_another_location_is_found(location: Location, yulia: Patient):
    elsewhere = LocationFactory.create()
    assert search("yulia", elsewhere) == []
    assert search("142", elsewhere) == []
    with pytest.raises(Patient.DoesNotExist):
        get_patient(142, elsewhere)


def test_a_search_asks_once_however_many_it_finds(location: Location):
    counts = []
    for _round in range(2):
        PatientFactory.create_batch(12, location=location, family_name="Weber")
        with CaptureQueriesContext(connection) as queries:
            found = search("weber 1992", location)
        counts.append(len(queries))
    assert counts == [1, 1]
    assert len(found) == 20


@pytest.mark.parametrize(
    ("given", "family", "birth", "phone", "strong"),
    [
        ("Yuliya", "Shcherbakova", "1992-03-14", "", True),
        ("Scherbakowa", "Julia", "1992-03-14", "", True),
        ("Julia", "Scherbakova", "1992-03-15", "", True),
        ("Julia", "Scherbakova", "1993-03-14", "", True),
        ("Julia", "Novak", "1992-03-14", "", True),
        ("Юля", "Щербаков", "1992-03-14", "", True),
        ("Otto", "Weber", "1950-01-01", "+491701234567", False),
        ("Julia", "Scherbakova", "1950-01-01", "", False),
    ],
)
def test_somebody_alike_is_shown(
    location: Location, yulia: Patient, given, family, birth, phone, strong
):
    [likeness] = likely_duplicates(given, family, dt.date.fromisoformat(birth), phone, location)
    assert (likeness.patient, likeness.is_strong) == (yulia, strong)


def test_somebody_else_is_not_alike(location: Location, yulia: Patient):
    assert likely_duplicates("Otto", "Weber", dt.date(1992, 3, 14), "+491709999999", location) == []
    assert likely_duplicates("", "", None, "", location) == []
    elsewhere = LocationFactory.create()
    assert likely_duplicates("Юлия", "Щербакова", dt.date(1992, 3, 14), "", elsewhere) == []


def test_duplicates_are_asked_for_once(
    location: Location, yulia: Patient, django_assert_num_queries
):
    PatientFactory.create_batch(8, location=location, family_name="Weber")
    with django_assert_num_queries(1):
        likely_duplicates("Anna", "Weber", dt.date(1992, 3, 14), "+491701234567", location)


def test_day_and_month_that_changed_places_are_near():
    assert is_near(dt.date(1992, 3, 4), dt.date(1992, 4, 3))
    assert not is_near(dt.date(1992, 3, 4), dt.date(1991, 4, 3))


def test_facts_that_were_corrected_no_longer_stand(yulia: Patient, django_assert_num_queries):
    first = FactFactory.create(patient=yulia)
    second = FactFactory.create(patient=yulia, fact_type=first.fact_type, replaces=first)
    with django_assert_num_queries(1):
        assert [(row, row.fact_type.code) for row in live_facts([yulia.pk])] == [
            (second, first.fact_type.code)
        ]


def test_what_is_known_of_many_is_read_by_the_code_it_stands_for_without_a_row_of_each(
    yulia: Patient, django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
):
    kept = FactTypeFactory.create()
    old = FactTypeFactory.create(merged_into=kept)
    first = FactFactory.create(patient=yulia, fact_type=kept)
    FactFactory.create(patient=yulia, fact_type=kept, replaces=first)
    FactFactory.create(patient=yulia, fact_type=old)
    monkeypatch.setattr(Fact, "from_db", lambda *_values: pytest.fail("a row was built"))
    with django_assert_num_queries(1):
        found = list(facts_known([yulia.pk]))
    assert found == [(yulia.pk, kept.code, "denied", first.since, None)] * 2


def test_files_opened_lately_are_one_s_own_and_of_this_location(
    location: Location, yulia: Patient, others: list[Patient], django_assert_num_queries
):
    me, colleague = UserFactory.create(), UserFactory.create()
    stranger = PatientFactory.create()
    for patient, by in [
        (yulia, me),
        (others[0], me),
        (yulia, me),
        (others[1], colleague),
        (stranger, me),
    ]:
        record("opened", patient, by=by, patient_number=patient.number)
    with django_assert_num_queries(2):
        assert opened_lately(me, location) == [yulia, others[0]]
