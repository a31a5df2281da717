"""The pages: finding, registering and correcting a patient."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit.operations import Role
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.data.factories import LocationFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST, NEW, ALIKE = "/patients/", "/patients/new/", "/patients/duplicates/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def location() -> Location:
    return LocationFactory.create()


@pytest.fixture
def desk(client: Client, location: Location) -> Client:
    """A browser in which reception of `location` is signed in."""
    client.force_login(UserFactory.create(role=Role.RECEPTION, location=location))
    return client


@pytest.fixture
def anna(location: Location) -> Patient:
    return PatientFactory.create(
        number=142,
        location=location,
        given_name="Anna",
        family_name="Petrova",
        birth_date=dt.date(1992, 3, 14),
        phone="+491701234567",
    )


def typed(**changes: str) -> dict[str, str]:
    filled = {
        "given_name": "Otto",
        "family_name": "Weber",
        "birth_date": "1980-05-01",
        "language": "en",
        "key": str(uuid.uuid4()),
    }
    return filled | changes


def test_the_first_visit_says_how_to_begin(desk: Client):
    assert b"Register the first patient" in desk.get(LIST).content


def test_a_search_shows_who_was_found_and_names_nobody_in_the_address(desk: Client, anna: Patient):
    PatientFactory.create(location=anna.location, given_name="Anna", family_name="Adler")
    answer = desk.post(LIST, {"q": "анна"})
    assert answer.status_code == 200
    assert "Anna Petrova" in answer.text
    assert reverse("desk:patient", args=[142]) in answer.text
    assert "2 patients found" in answer.text
    entry = Entry.objects.get(action="searched")
    assert entry.details["count"] == 2
    assert "ann" not in str(entry.details)


def test_one_hit_opens_the_file_at_once(desk: Client, anna: Patient):
    answer = desk.post(LIST, {"q": "14.03.1992"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:patient", args=[142]))


def test_htmx_gets_the_list_alone(desk: Client, anna: Patient):
    answer = desk.post(LIST, {"q": "petrova"}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<div")
    assert "Anna Petrova" in answer.text


def test_too_little_is_answered_with_what_would_be_enough(desk: Client, anna: Patient):
    answer = desk.post(LIST, {"q": "an"})
    assert "at least three letters" in answer.text
    assert "Petrova" not in answer.text


def test_the_list_asks_as_often_for_many_as_for_few(desk: Client, location: Location):
    desk.get(LIST)
    counts = []
    for _round in range(2):
        PatientFactory.create_batch(
            8, location=location, family_name="Weber", phone="+491701234567"
        )
        with CaptureQueriesContext(connection) as queries:
            desk.post(LIST, {"q": "weber"})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_three_fields_register_a_patient(desk: Client, location: Location):
    answer = desk.post(NEW, typed())
    patient = Patient.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("desk:patient", args=[patient.number]),
    )
    assert (patient.full_name, patient.location) == ("Otto Weber", location)
    assert patient.birth_date == dt.date(1980, 5, 1)


def test_everything_typed_is_kept(desk: Client):
    desk.post(
        NEW,
        typed(
            phone="0170 1234567", email="otto@example.org", sex="male", may_text="on", language="de"
        ),
    )
    otto = Patient.objects.get()
    assert otto.phone.as_e164 == "+491701234567"
    assert (otto.email, otto.sex, otto.language) == ("otto@example.org", "male", "de")
    assert (otto.may_text, otto.may_email) == (True, False)


def test_a_date_typed_the_local_way_is_understood(desk: Client):
    desk.post(NEW, typed(birth_date="1.5.1980"))
    assert Patient.objects.get().birth_date == dt.date(1980, 5, 1)


def test_a_second_click_leads_to_the_same_patient(desk: Client):
    form = typed()
    answers = [desk.post(NEW, form) for _click in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("birth_date", "2999-01-01", "in the future"),
        ("birth_date", "1850-01-01", "120 years"),
        ("birth_date", "31.02.1990", "No day has this date"),
        ("birth_date", "", "required"),
        ("phone", "12", "like 0170 700 1000"),
        ("email", "otto", "like anna@example.org"),
        ("may_text", "on", "need a number"),
        ("may_email", "on", "needs an address"),
        ("given_name", "--", "has letters"),
        ("family_name", "W" * 81, "80 characters"),
        ("language", "tlh", "not one of the available"),
    ],
)
def test_what_cannot_be_true_comes_back_with_what_was_typed(
    desk: Client, field: str, value: str, words: str
):
    answer = desk.post(NEW, typed(**{field: value}))
    assert answer.status_code == 422
    assert words in answer.text
    if field != "family_name":
        assert 'value="Weber"' in answer.text
    assert not Patient.objects.exists()


@time_machine.travel("2020-02-29 10:00+01:00")
def test_the_oldest_birth_date_on_a_leap_day_is_a_day_that_was(client: Client, location: Location):
    client.force_login(UserFactory.create(role=Role.RECEPTION, location=location))
    assert 'min="1900-02-28"' in client.get(NEW).text


def test_somebody_alike_stops_the_form_until_a_person_decides(desk: Client, anna: Patient):
    form = typed(given_name="Анна", family_name="Петрова", birth_date="1992-03-14")
    held = desk.post(NEW, form)
    assert held.status_code == 422
    assert "Anna Petrova" in held.text
    assert "register anyway" in held.text
    assert Patient.objects.count() == 1
    assert desk.post(NEW, form | {"anyway": "on"}).status_code == 302
    assert Patient.objects.count() == 2


def test_a_shared_phone_is_no_reason_to_stop(desk: Client, anna: Patient):
    assert desk.post(NEW, typed(phone="+491701234567")).status_code == 302


def test_somebody_alike_is_shown_while_typing(desk: Client, anna: Patient):
    half = {"given_name": "Anna", "family_name": "Petrowa", "birth_date": "1992-03-14"}
    answer = desk.post(ALIKE, half, headers=HTMX)
    assert answer.status_code == 200
    assert "Same name and birth date" in answer.text
    assert "Petrova" not in desk.post(ALIKE, {"given_name": "Anna"}, headers=HTMX).text
    assert Entry.objects.filter(action="duplicates_shown").count() == 1


def seen_by(page: Any) -> str:
    """The stamp that the page carries, of the contact data that it shows."""
    return str(page.context["form"]["seen"].value())


def test_contact_data_is_corrected(desk: Client, anna: Patient):
    page = desk.get("/patients/142/edit/")
    assert 'value="1992-03-14"' in page.text
    changed = typed(given_name="Anna", email="anna@example.org", seen=seen_by(page))
    answer = desk.post("/patients/142/edit/", changed)
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:patient", args=[142]))
    anna.refresh_from_db()
    assert (anna.family_name, anna.email, anna.number) == ("Weber", "anna@example.org", 142)


def test_the_second_of_two_editors_is_told_and_keeps_what_was_typed(desk: Client, anna: Patient):
    first, second = desk.get("/patients/142/edit/"), desk.get("/patients/142/edit/")
    common = {"given_name": "Anna", "family_name": "Petrova", "birth_date": "1992-03-14"}
    phone = typed(**common, phone="+491701234599", seen=seen_by(first))
    assert desk.post("/patients/142/edit/", phone).status_code == 302

    mail = typed(**common, phone="+491701234567", email="anna@example.org", seen=seen_by(second))
    told = desk.post("/patients/142/edit/", mail)
    assert told.status_code == 422
    assert "Somebody else saved" in told.text
    assert "+49 170 1234599" in told.text
    assert 'value="anna@example.org"' in told.text
    anna.refresh_from_db()
    assert anna.email == ""

    again = mail | {"phone": "+491701234599", "seen": seen_by(told)}
    assert desk.post("/patients/142/edit/", again).status_code == 302
    anna.refresh_from_db()
    assert (str(anna.phone), anna.email) == ("+491701234599", "anna@example.org")


def test_a_wrong_correction_changes_nothing(desk: Client, anna: Patient):
    answer = desk.post("/patients/142/edit/", typed(birth_date="2999-01-01"))
    assert answer.status_code == 422
    anna.refresh_from_db()
    assert anna.birth_date == dt.date(1992, 3, 14)


def test_opening_contact_data_is_recorded(desk: Client, anna: Patient):
    desk.get("/patients/142/edit/")
    assert Entry.objects.get(action="opened").patient_number == 142


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_patient_of_another_location_is_as_unknown_as_nobody(desk: Client, method: str):
    stranger = PatientFactory.create(number=900, family_name="Fremd")
    answers = [
        getattr(desk, method)(f"/patients/{number}/edit/", typed() if method == "post" else {})
        for number in (900, 901)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert re.sub("90[01]", "", answers[0].text) == re.sub("90[01]", "", answers[1].text)
    assert "Fremd" not in desk.post(LIST, {"q": "fremd"}).text
    stranger.refresh_from_db()
    assert stranger.family_name == "Fremd"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUDITOR, None])
@pytest.mark.parametrize("url", [LIST, NEW, ALIKE, "/patients/142/edit/"])
def test_who_works_with_no_patients_sees_none(
    client: Client, anna: Patient, url: str, role: Role | None
):
    client.force_login(UserFactory.create(role=role, location=anna.location))
    for answer in (client.get(url), client.post(url, typed(q="petrova"))):
        assert answer.status_code in {403, 405}
        assert "Petrova" not in answer.text
    assert Patient.objects.count() == 1


def test_without_a_place_of_work_there_is_nobody_to_find(client: Client, anna: Patient):
    client.force_login(UserFactory.create(role=Role.RECEPTION))
    assert client.post(LIST, {"q": "petrova"}).status_code == 403


def test_a_stranger_is_asked_to_sign_in(client: Client):
    assert client.get(LIST)["Location"].startswith(reverse("account_login"))


# A time pressed in the diary

TIME = "?day=2026-11-26&minute=720&with=7"


def test_a_time_pressed_in_the_diary_goes_with_the_patient(desk: Client, anna: Patient):
    PatientFactory.create(
        number=143, location=anna.location, given_name="Anna", birth_date=anna.birth_date
    )
    found = (
        desk.post(LIST + TIME, {"q": "anna"}, headers=HTMX).content.decode().replace("&amp;", "&")
    )
    assert f'href="/patients/142/{TIME}"' in found
    assert desk.post(LIST + TIME, {"q": "142"})["Location"] == f"/patients/142/{TIME}"
    registered = desk.post(NEW + TIME, typed())
    assert registered["Location"].endswith(TIME)
    assert TIME in desk.get(f"/patients/142/{TIME}").content.decode().replace("&amp;", "&")


def test_nothing_else_goes_with_the_patient(desk: Client, anna: Patient):
    odd = "?day=soon&minute=x&with=7%22&sign=pits"
    assert desk.post(LIST + odd, {"q": "142"})["Location"] == "/patients/142/"
