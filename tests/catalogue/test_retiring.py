"""What is offered no longer: its courses go on, new ones are not offered."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.test import Client

from clinic.audit.models import Entry
from clinic.kit.refusals import Refusal
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Procedure
from plans.catalogue.selectors import rulebook
from plans.catalogue.services import bring_back, retire
from plans.courses.models import Course
from plans.data.factories import AssessmentFactory
from plans.diary.models import Appointment
from tests.catalogue.conftest import book_course
from tests.diary.clinic import BERLIN, THURSDAY, Clinic, client_of, version_of

SHEET = "/catalogue/tca/"
BOOK = "/series/142/tca_peel_medium/"
NAME = "Medium TCA peel"


@pytest.fixture
def retired(tca: Procedure, manager: User) -> Procedure:
    return retire(tca, reason="The acid is sold no longer", by=manager)


def test_the_page_says_what_happens_to_courses(
    tca: Procedure, at_desk: Client, manager: User, location: Location
):
    book_course(manager, location, [10])
    page = at_desk.get(f"{SHEET}retire/").content.decode()
    assert "1 course goes on:" in page
    assert "New courses are not offered any more" in page


def test_retiring_asks_why_and_is_written_down(tca: Procedure, at_desk: Client, manager: User):
    assert at_desk.post(f"{SHEET}retire/", {"reason": " "}).status_code == 422
    answer = at_desk.post(f"{SHEET}retire/", {"reason": "Sold no longer"}, follow=True)
    assert "no longer offered" in answer.content.decode()
    entry = Entry.objects.get(action="retired")
    assert (entry.by, entry.reason) == (manager, "Sold no longer")


def test_a_retired_procedure_is_listed_only_when_asked_for(retired: Procedure, at_desk: Client):
    assert "TCA peel" not in at_desk.get("/catalogue/").content.decode()
    assert "TCA peel" in at_desk.get("/catalogue/?offered=retired").content.decode()


def test_it_can_be_brought_back(retired: Procedure, at_desk: Client):
    at_desk.post(f"{SHEET}bring-back/", {"reason": "Another supplier"})
    assert "TCA peel" in at_desk.get("/catalogue/").content.decode()
    assert Entry.objects.filter(action="brought_back").count() == 1


def test_without_a_reason_neither_is_done(tca: Procedure, manager: User):
    for write in (retire, bring_back):
        with pytest.raises(Refusal):
            write(tca, reason="", by=manager)


def test_its_courses_are_still_judged(retired: Procedure):
    assert "tca" in rulebook().procedures


# What goes on, and what does not


@pytest.fixture
def going_on(clinic: Clinic) -> Course:
    """A course with one peel booked, after whose booking the peel was retired."""
    course = clinic.book(THURSDAY)
    retire(clinic.peel.procedure, reason="Sold no longer", by=clinic.physician)
    return course


def visit_of(course: Course) -> Appointment:
    return Appointment.objects.get(session__course=course)


def test_new_courses_are_offered_nowhere(clinic: Clinic, going_on: Course):
    desk, physician = client_of(clinic.reception), client_of(clinic.physician)
    advice = AssessmentFactory(patient=clinic.patient, created_by=clinic.physician)
    pages = {
        "planning": desk.get("/courses/plan/142/"),
        "advice": physician.get(f"/assessments/142/{advice.pk}/"),
    }
    for name, page in pages.items():
        assert page.status_code == 200, name
        assert BOOK not in page.content.decode(), name
    assert NAME not in pages["planning"].content.decode()
    assert desk.get(BOOK).status_code == 404
    assert desk.get(f"{BOOK}?course=none").status_code == 404


def test_a_program_is_told_that_it_is_not_offered(clinic: Clinic, going_on: Course):
    answer = client_of(clinic.physician).get("/api/v1/procedures").json()
    offered = {one["code"]: one["is_offered"] for one in answer["procedures"]}
    assert offered["tca_peel_medium"] is False


def test_an_offer_from_before_books_no_new_course(clinic: Clinic, going_on: Course):
    with pytest.raises(Refusal, match="cannot be booked any more"):
        clinic.book(THURSDAY + dt.timedelta(days=98))


def test_a_booked_session_can_be_moved(clinic: Clinic, going_on: Course):
    visit, desk = visit_of(going_on), client_of(clinic.reception)
    url = f"/moves/{visit.pk}/"
    act = desk.get(url, {"day": "2026-11-27"}).context["act"]
    assert desk.post(url, {"act": act, "key": uuid.uuid4()}).status_code == 302
    visit.refresh_from_db()
    assert visit.starts_at.astimezone(BERLIN).day == 27


def test_a_booked_session_can_be_performed(
    clinic: Clinic, going_on: Course, monday: time_machine.Traveller
):
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    clinic.deny("pregnancy", on=THURSDAY)
    visit, practitioner = visit_of(going_on), client_of(clinic.practitioner)
    for to in ("arrived", "in_treatment", "done"):
        sent = {"to": to, "key": uuid.uuid4(), "version": version_of(visit)}
        assert practitioner.post(f"/visits/{visit.pk}/status/", sent).status_code == 302
    visit.refresh_from_db()
    assert visit.status == "done"


def test_the_sessions_still_owed_can_be_booked(clinic: Clinic, going_on: Course):
    visit, desk = visit_of(going_on), client_of(clinic.reception)
    sent = {"to": "cancelled", "reason": "ill", "key": uuid.uuid4(), "version": version_of(visit)}
    desk.post(f"/visits/{visit.pk}/status/", sent)
    url = f"{BOOK}?course={going_on.pk}"
    offer = re.findall(r'name="offer"[^>]*value="([^"]+)"', desk.get(url).content.decode())[0]
    assert desk.post(url, {"offer": offer, "key": uuid.uuid4()}).status_code == 302
    assert Appointment.objects.filter(session__course=going_on, status="booked").count() == 1
