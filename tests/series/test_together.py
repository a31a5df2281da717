"""Several courses of one patient, placed and booked at once."""

import datetime as dt
import re
import uuid

import pytest

from plans.courses.models import Course
from plans.courses.services import open_course
from plans.diary.models import Appointment
from tests.diary.clinic import THURSDAY, days_of, make_other, said
from tests.series.filling import fill

PAGE = "/series/142/together/"
ASKED = {"first_from": THURSDAY.isoformat()}


@pytest.fixture
def courses(clinic):
    """Three peels and a toxin, planned and not booked."""
    return [
        open_course(clinic.patient, revision, count, by=clinic.practitioner)
        for revision, count in ((clinic.peel, 3), (clinic.toxin, 1))
    ]


def test_all_courses_are_placed_with_their_gaps_and_booked(clinic, desk, courses):
    page = desk.get(PAGE, ASKED)
    assert "Book all 4" in said(page)
    answer = desk.post(PAGE, {"offer": page.context["value"], "key": uuid.uuid4()})
    assert answer["Location"] == "/patients/142/"
    peels, (toxin,) = (days_of(course) for course in courses)
    assert len(peels) == 3
    assert all(not peel <= toxin < peel + dt.timedelta(weeks=2) for peel in peels)
    assert peels[0] == THURSDAY


def test_one_course_fewer_is_placed_when_only_some_are_chosen(clinic, desk, courses, mask):
    third = open_course(clinic.patient, mask, 1, by=clinic.practitioner)
    chosen = {"course": [courses[0].pk, third.pk]}
    page = desk.get(PAGE, ASKED | chosen)
    assert [each["title"] for each in page.context["courses"]] == [
        "Medium TCA peel",
        "Calming mask",
    ]


def test_the_courses_of_one_plan_are_chosen_by_its_address(clinic, desk, courses):
    page = desk.get(PAGE, ASKED | {"plan": courses[0].plan_id})
    assert "Choose two courses at least." in said(page)


def test_one_course_alone_is_sent_to_its_own_page(clinic, desk):
    course = open_course(clinic.patient, clinic.peel, 2, by=clinic.practitioner)
    page = desk.get(PAGE)
    assert "Only one course has sessions to book." in said(page)
    assert f"/series/142/tca_peel_medium/?course={course.pk}" in page.content.decode()


def test_nothing_is_booked_when_one_time_is_taken_meanwhile(clinic, desk, courses):
    value = desk.get(PAGE, ASKED).context["value"]
    clinic.book(THURSDAY, minute=540, patient=make_other(clinic))
    answer = desk.post(f"{PAGE}?first_from={THURSDAY}", {"offer": value, "key": uuid.uuid4()})
    assert answer.status_code == 422
    assert "is not free any more" in said(answer)
    assert not Appointment.objects.filter(patient=clinic.patient).exists()


def test_a_course_without_a_place_is_named(clinic, desk, courses):
    for resource in (clinic.room, clinic.second_room):
        resource.hours.all().delete()
    page = desk.get(PAGE, ASKED)
    assert "finds no place beside the others." in said(page)
    assert not page.context["value"]
    ((way,),) = [re.findall(r'href="(/series/142/[^"]*course=\d+)"', page.content.decode())]
    assert desk.get(way).status_code == 200


def test_a_wish_for_somebody_who_cannot_do_one_course_holds_for_the_others(clinic, desk, courses):
    clinic.brandt.capabilities.clear()
    page = desk.get(PAGE, ASKED | {"practitioner": clinic.weiss.pk})
    assert page.context["keeps_wishes"]


def test_a_full_diary_asks_no_more_queries(clinic, desk, courses, django_assert_max_num_queries):
    with django_assert_max_num_queries(90) as few:
        desk.get(PAGE, ASKED)
    fill(clinic)
    with django_assert_max_num_queries(90) as many:
        desk.get(PAGE, ASKED)
    assert len(few) == len(many)
    assert Course.objects.count() == 5
